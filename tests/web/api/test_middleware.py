"""Trace ids and the content security policy on every answer."""

import pytest

from sahur_core.trace import TraceFilter, parse_traceparent

pytestmark = pytest.mark.django_db

GIVEN = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def test_trace_of_the_caller_goes_on(anonymous):
    answer = anonymous.send("get", "/api/health/live/", traceparent=GIVEN)
    assert parse_traceparent(answer["traceparent"]) == "a" * 32


@pytest.mark.parametrize("header", ["", "nonsense", "00-" + "0" * 32 + "-" + "b" * 16 + "-01"])
def test_malformed_trace_is_replaced(anonymous, header):
    first, second = (
        parse_traceparent(anonymous.send("get", "/api/health/live/", traceparent=header)["traceparent"]) for _ in "ab"
    )
    assert first
    assert first != second


def test_run_is_investigated_under_the_trace_of_its_report(client):
    answer = client.send("post", "/api/issues/", {"title": "x", "body": "y"}, traceparent=GIVEN)
    from sahur.issues import models

    assert models.Run.objects.get(pk=answer.json()["run"]["id"]).trace_id == "a" * 32


def test_line_that_django_logs_about_a_request_has_its_trace(anonymous, caplog):
    caplog.handler.addFilter(TraceFilter())
    anonymous.send("get", "/api/nothing/", traceparent=GIVEN)
    told = [record.trace_id for record in caplog.records if record.name == "django.request"]
    assert told == ["a" * 32]


def test_trusted_origin_may_call_the_api_with_its_cookies(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://board.example"]
    answer = client.send("get", "/api/issues/", Origin="https://board.example")
    assert answer["Access-Control-Allow-Origin"] == "https://board.example"
    assert answer["Access-Control-Allow-Credentials"] == "true"
    asked = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "idempotency-key,x-csrftoken"}
    preflight = client.send("options", "/api/issues/", Origin="https://board.example", **asked)
    assert "idempotency-key" in preflight["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("origin", ["https://evil.example", "http://board.example", "https://board.example:444", "null"])
def test_other_origins_may_not(client, settings, origin):
    settings.CORS_ALLOWED_ORIGINS = ["https://board.example"]
    assert "Access-Control-Allow-Origin" not in client.send("get", "/api/issues/", Origin=origin)


def test_pages_outside_of_the_api_are_for_their_own_origin(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://board.example"]
    assert "Access-Control-Allow-Origin" not in client.send("get", "/admin/login/", Origin="https://board.example")


@pytest.mark.parametrize("path", ["/api/auth/me/", "/admin/login/", "/api/nothing/", "/"])
def test_no_inline_script_runs_anywhere(anonymous, path):
    policy = anonymous.get(path)["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "unsafe" not in directives["script-src"]
    assert directives["frame-ancestors"] == "'none'"
    assert directives["connect-src"].startswith("'self' ws://testserver") or path == "/"


def test_answers_of_the_api_are_not_cached(client):
    assert client.get("/api/issues/")["Cache-Control"] == "no-store"

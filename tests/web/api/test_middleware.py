"""Trace ids and the content security policy on every answer."""

import pytest

from sahur_core.trace import parse_traceparent

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


@pytest.mark.parametrize("path", ["/api/auth/me/", "/admin/login/", "/api/nothing/", "/"])
def test_no_inline_script_runs_anywhere(anonymous, path):
    policy = anonymous.get(path)["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "unsafe" not in directives["script-src"]
    assert directives["frame-ancestors"] == "'none'"
    assert directives["connect-src"].startswith("'self' ws://testserver") or path == "/"


def test_answers_of_the_api_are_not_cached(client):
    assert client.get("/api/issues/")["Cache-Control"] == "no-store"

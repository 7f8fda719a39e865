"""Every error of the door is a problem that says what to do."""

import logging

import pytest
from django.db import OperationalError
from rest_framework.test import APIRequestFactory

from sahur.api.errors import STATUS_OF, problem_response
from sahur.issues import listing
from sahur_core import errors
from sahur_core.trace import trace

MEMBERS = {"type", "title", "status", "code", "detail", "next_step", "trace_id"}


def every_error(kind=errors.SahurError):
    yield kind
    for child in kind.__subclasses__():
        yield from every_error(child)


def made(kind):
    """An error of this kind with plain words, whatever its own constructor asks for."""
    error = kind.__new__(kind)
    base = errors.InputError if issubclass(kind, errors.InputError) else errors.SahurError
    base.__init__(error, "It broke.", next_step="Mend it.")
    return error


@pytest.mark.parametrize("kind", list(every_error()))
def test_each_error_has_a_status_and_keeps_its_words(kind):
    response = problem_response(made(kind), {})
    assert set(response.data) == MEMBERS
    assert (response.data["code"], response.data["detail"], response.data["next_step"]) == (kind.code, "It broke.", "Mend it.")
    assert response.status_code == response.data["status"] >= 400
    assert ("Retry-After" in response.headers) == kind.retryable


def test_tree_and_documentation_agree_on_statuses():
    documented = {errors.InputError: 400, errors.NotPermitted: 403, errors.NotFound: 404, errors.Conflict: 409}
    assert documented.items() <= STATUS_OF.items()


def test_field_is_named():
    assert problem_response(errors.InputError("x", field="title"), {}).data["field"] == "title"


def test_database_that_is_away_is_no_fault_of_the_sender(caplog):
    response = problem_response(OperationalError("connection refused: secret host"), {})
    assert (response.status_code, response.data["code"]) == (503, "database_unavailable")
    assert "secret" not in str(response.data)


def test_unexpected_error_is_logged_and_told_only_by_its_trace_id(caplog):
    with trace() as trace_id, caplog.at_level(logging.ERROR):
        response = problem_response(KeyError("secret"), {})
    assert (response.status_code, response.data["trace_id"]) == (500, trace_id)
    assert "secret" not in str(response.data)
    assert "KeyError" in caplog.text


@pytest.mark.django_db
def test_unexpected_error_in_a_view_is_a_problem(client, monkeypatch):
    def broken(*args, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(listing, "list_page", broken)
    answer = client.get("/api/issues/")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["trace_id"] in answer["traceparent"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/nothing/", 404, "not_found"),
        ("get", "/api/issues", 404, "not_found"),
        ("get", "/internal/nothing/", 404, "not_found"),
        ("put", "/api/issues/", 405, "method_not_allowed"),
        ("get", "/api/issues/", 401, "not_authenticated"),
    ],
)
def test_errors_of_the_framework_are_problems(anonymous, client, method, path, status, code):
    answer = (anonymous if status == 401 else client).send(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["next_step"]


@pytest.mark.django_db
def test_unsupported_accept_is_a_problem(client):
    answer = client.send("get", "/api/issues/", Accept="text/csv")
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


@pytest.mark.django_db
def test_unknown_host_is_a_problem(anonymous):
    answer = anonymous.send("get", "/api/auth/me/", Host="evil.example")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_all_faults_of_a_form_are_told():
    from sahur.api.serializers import Login
    from sahur.api.views.base import checked

    with pytest.raises(Exception) as caught:  # noqa: PT011
        checked(Login, APIRequestFactory().get("/").GET)
    told = problem_response(caught.value, {}).data
    assert [each["field"] for each in told["errors"]] == ["username", "password"]
    assert told["field"] == "username"

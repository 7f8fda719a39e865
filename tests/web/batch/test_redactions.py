"""Nothing that people type is stored with a secret, nothing else of it is lost, and they are told."""

from __future__ import annotations

from uuid import uuid4

import pytest

from sahur.batch import actions
from sahur.issues import models
from sahur.issues.redaction import known_secrets
from sahur.issues.services import runs
from sahur.issues.services.reports import Delivery
from sahur_core.errors import InputError, ModelUnavailable
from sahur_core.issues import Decision, InputKind, Source, Stage

pytestmark = pytest.mark.django_db

SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
BODY = (
    f"It fails with 401.\n\n    GITHUB_TOKEN={SECRET}\n    DATABASE_URL=postgres://shop:s3cr3t-pw@db/shop\n\nSince 3f52180c0ffee."
)


def file(actor, team, **changes):
    values = {"title": "Login fails", "body": BODY, "source": Source.API, "team_id": team.pk} | changes
    return actions.submit_issue(actor, actions.Submission(**values))


def notices(run):
    return [event.payload["message"] for event in models.Event.objects.filter(run=run, kind="notice.raised").order_by("seq")]


def everything():
    """All rows that an issue has left, as one text."""
    kinds = (models.Issue, models.Run, models.Message, models.Event, models.InputRequest, models.Activity, models.Effect)
    return repr([list(kind.objects.values()) for kind in kinds])


def test_a_report_is_stored_without_its_secrets_and_says_how_many_there_were(actor, team):
    filed = file(actor, team, title=f"Login fails with {SECRET}")
    assert SECRET not in everything()
    assert "s3cr3t-pw" not in everything()
    assert filed.issue.body.startswith("It fails with 401.\n\n    GITHUB_TOKEN=[redacted: ")
    assert filed.issue.body.endswith("Since 3f52180c0ffee.")
    assert notices(filed.run) == ["3 secrets were removed from the report."]


def test_a_report_without_secrets_says_nothing_of_them(actor, team):
    filed = file(actor, team, body="KeyError in 3f52180c0ffee, request 0197c3a0-0000-7000-8000-000000000001")
    assert notices(filed.run) == []
    assert "redacted" not in filed.issue.body


def test_a_repeated_delivery_tells_it_once(actor, team):
    delivery = Delivery("api:1", "key-1", "hash")
    first = file(actor, team, delivery=delivery)
    file(actor, team, delivery=delivery)
    assert notices(first.run) == ["2 secrets were removed from the report."]


def test_a_message_and_the_same_again_are_one_without_its_secret(actor, run):
    sent = [actions.send_message(actor, run.id, f"Try {SECRET} on eu-west", client_id="m1") for _ in range(2)]
    assert sent[0].id == sent[1].id
    assert sent[0].text == "Try [redacted: GitHub Token] on eu-west"
    assert SECRET not in everything()
    assert notices(run) == ["1 secret was removed from the message of rita."]


def test_an_answer_loses_its_secret_only(actor, run):
    asked = models.InputRequest.objects.create(id=uuid4(), run=run, kind=InputKind.QUESTION, prompt="Which key?")
    answered = actions.answer_input(actor, asked.id, Decision.RESPOND, answer=f"The one that ends so: {SECRET}")
    assert answered.answer == "The one that ends so: [redacted: GitHub Token]"
    assert SECRET not in everything()


def test_edited_arguments_with_a_secret_are_refused_because_the_call_is_made_as_it_is_shown(actor, run):
    asked = models.InputRequest.objects.create(id=uuid4(), run=run, kind=InputKind.APPROVAL, prompt="May I?", arguments={"a": 1})
    with pytest.raises(InputError, match="secret") as refused:
        actions.answer_input(actor, asked.id, Decision.EDIT, arguments={"a": {"b": [SECRET]}})
    assert refused.value.next_step
    asked.refresh_from_db()
    assert (asked.decision, asked.arguments) == ("", {"a": 1})


def test_what_another_system_says_of_a_failure_is_stored_without_secrets(run, actor):
    claim = runs.claim(run.id, Stage.GATHER_CONTEXT, owner="test", lease_seconds=30, team_limit=10, model="m")
    runs.fail(claim, ModelUnavailable(f"The server said: invalid key {SECRET}."))
    run.refresh_from_db()
    assert run.failure["cause"] == "The server said: invalid key [redacted: GitHub Token]."
    assert SECRET not in everything()


def test_credentials_of_this_system_are_secrets_whatever_they_look_like(actor, team, settings):
    settings.KNOWN_SECRETS = ["correct horse battery staple", "postgres"]
    known_secrets.cache_clear()
    try:
        filed = file(actor, team, body="postgres says: correct horse battery staple")
    finally:
        known_secrets.cache_clear()
    assert filed.issue.body == "postgres says: [redacted: credential of this system]"

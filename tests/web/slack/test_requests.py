"""Questions, approvals and budgets, answered by button and by form."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from sahur.batch import actions
from sahur.batch import effects as delivery
from sahur.issues import models
from sahur.issues.services import inputs, runs
from sahur.slack.blocks import modals
from sahur.slack.blocks.requests import Seen, request_post, shown_arguments
from sahur.slack.listeners import interactions
from sahur.slack.places import actor_of_slack_user
from sahur_core.issues import Decision, InputKind, InputRequest
from sahur_core.tools.policy import arguments_hash
from tests.fakes.slack import Script
from tests.fakes.slack_blocks import problems_of_message, problems_of_view
from tests.waiting import wait_for
from tests.web.slack.interactivity import buttons_of, install, opened, press, submit

pytestmark = pytest.mark.django_db(transaction=True)

COMMENT = {"issue": 12, "body": "It began with `a1b2c3`."}


@pytest.fixture
def root(mention, team) -> str:
    return mention("Checkout fails")


def ask(kind: InputKind = InputKind.QUESTION, **more: Any) -> models.InputRequest:
    run = models.Run.objects.select_related("issue__team").get()
    claim = runs.claim(run.id, run.stage, owner="a worker", lease_seconds=30, team_limit=5)
    given = more.get("arguments", {})
    hashed = {"arguments_hash": arguments_hash(given)} if given else {}
    request = InputRequest(id=str(uuid.uuid4()), kind=kind, prompt="Which region?", default="All of them", **hashed, **more)
    inputs.open_request(run, request, claim.attempt)
    return models.InputRequest.objects.select_related("run__issue__team").get()


def approval(**more: Any) -> models.InputRequest:
    schema = {"type": "object", "properties": {"issue": {"type": "integer"}, "body": {"type": "string"}}, "required": ["body"]}
    wanted = {"tool": "github__comment", "arguments": COMMENT, "arguments_schema": schema}
    return ask(InputKind.APPROVAL, **{**wanted, **more})


def button(request: models.InputRequest, action_id: str) -> str:
    return buttons_of(request_post(request).blocks)[action_id]["value"]


def told(slack) -> str:
    """What the person alone was told."""
    wait_for(lambda: slack.calls_of("chat.postEphemeral") != [])
    return str(slack.calls_of("chat.postEphemeral")[-1]["text"])


def test_each_decision_that_is_allowed_has_its_button(root):
    post = request_post(approval())
    assert problems_of_message(post.blocks) == []
    shown = buttons_of(post.blocks)
    assert list(shown) == ["input_decide:approve", "input_open:edit", "input_open:respond", "input_decide:reject"]
    assert "confirm" not in shown["input_decide:approve"]


def test_what_can_destroy_something_is_asked_twice(root):
    approve = buttons_of(request_post(approval(answerable_by="admin")).blocks)["input_decide:approve"]
    assert "github__comment" in approve["confirm"]["text"]["text"]


@pytest.mark.parametrize(
    "body", ["x" * 3000, "<" * 800, "token=ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"], ids=["long", "escaped", "secret"]
)
def test_a_call_that_cannot_be_shown_in_full_is_decided_on_the_page(root, body):
    post = request_post(approval(arguments={"body": body}))
    assert buttons_of(post.blocks) == {}
    assert "on the page" in json.dumps(post.blocks)


def test_arguments_are_shown_so_that_nothing_is_hidden_and_nothing_is_changed():
    arguments = {"body": "a\u202eb ``` c\u200bd \U000e0041 é"}
    shown = shown_arguments(arguments)
    assert shown.isprintable() or "\n" in shown
    assert "```" not in shown
    assert "\u202e" not in shown
    assert json.loads(shown) == arguments


def test_the_call_that_was_shown_is_approved(root, slack):
    request = approval()
    assert press("input_decide:approve", button(request, "input_decide:approve"), thread_ts=root).status_code == 200
    request.refresh_from_db()
    assert (request.decision, request.answered_by) == ("approve", "U0RITA via Slack")
    assert models.Effect.objects.filter(kind="slack.input_update").count() == 1
    assert slack.calls_of("chat.postEphemeral") == []


def test_a_click_that_comes_twice_is_one_and_a_second_person_is_told_who_was_first(root, slack):
    request = approval()
    value = button(request, "input_decide:approve")
    for _ in range(2):
        press("input_decide:approve", value, thread_ts=root)
    press("input_decide:approve", value, thread_ts=root, user="U0MIA")
    assert "Approved by U0RITA via Slack" in told(slack)
    assert [call["user"] for call in slack.calls_of("chat.postEphemeral")] == ["U0MIA"]
    assert models.Event.objects.filter(kind="input.answered").count() == 1


def test_of_two_people_at_once_one_decides_and_the_other_is_told(root, slack):
    request = approval()
    people = {"U0RITA": "approve", "U0MIA": "reject"}

    def decide(user: str) -> None:
        try:
            press(f"input_decide:{people[user]}", button(request, f"input_decide:{people[user]}"), thread_ts=root, user=user)
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        list(pool.map(decide, people))
    request.refresh_from_db()
    first = next(user for user in people if user in request.answered_by)
    (second,) = set(people) - {first}
    assert request.decision == people[first]
    assert first in told(slack)
    assert [call["user"] for call in slack.calls_of("chat.postEphemeral")] == [second]
    assert models.Event.objects.filter(kind="input.answered").count() == 1


def test_a_thread_that_never_showed_the_request_needs_no_edit(root, slack):
    request = ask()
    models.Effect.objects.filter(kind="slack.input").delete()
    inputs.supersede(models.Run.objects.get(), request.id, "It no longer matters.")
    update = models.Effect.objects.get(kind="slack.input_update")
    delivery.deliver(update.id)
    update.refresh_from_db()
    assert (update.state, slack.calls_of("chat.update")) == ("done", [])


def test_other_arguments_than_those_that_were_shown_are_not_approved(root, slack):
    request = approval()
    press("input_decide:approve", f"{request.id} {'0' * 64}", thread_ts=root)
    assert "not those that you were shown" in told(slack)
    request.refresh_from_db()
    assert request.answered_at is None


def test_a_guest_does_not_decide_what_is_for_admins(root, slack):
    request = approval(answerable_by="admin")
    press("input_decide:approve", button(request, "input_decide:approve"), thread_ts=root)
    assert "role admin" in told(slack)
    request.refresh_from_db()
    assert request.answered_at is None


def test_a_question_is_answered_in_a_form(root, slack):
    request = ask()
    press("input_open:respond", button(request, "input_open:respond"), thread_ts=root, slack=slack)
    view = opened(slack)
    assert submit(view, {"answer": "Only eu"}).content == b""
    request.refresh_from_db()
    assert (request.decision, request.answer) == ("respond", "Only eu")


def test_a_form_says_at_its_field_what_is_wrong(root, slack):
    request = approval()
    press("input_open:edit", button(request, "input_open:edit"), thread_ts=root, slack=slack)
    view = opened(slack)
    for given, problem in (("{", "no JSON"), ("[1]", "no JSON object"), ('{"issue": 1}', "body")):
        answer = json.loads(submit(view, {"arguments": given}).content)
        assert answer["response_action"] == "errors"
        assert problem in answer["errors"]["arguments"]
    assert submit(view, {"arguments": '{"issue": 1, "body": "x"}'}).content == b""
    request.refresh_from_db()
    assert (request.decision, request.arguments) == ("edit", {"issue": 1, "body": "x"})


def test_a_form_that_comes_too_late_says_who_answered(root, slack):
    request = ask()
    press("input_open:respond", button(request, "input_open:respond"), thread_ts=root, slack=slack)
    view = opened(slack)
    submit(view, {"answer": "Only eu"})
    other = json.loads(submit(view, {"answer": "All"}).content)
    assert "Answered by U0RITA via Slack: Only eu" in other["errors"]["answer"]


def test_another_amount_is_granted(root, slack):
    arguments = {"scope": "run", "measure": "cost_usd", "spent": 0.3, "limit": 0.3, "raise_by": 0.15}
    schema = {
        "type": "object",
        "properties": {"raise_by": {"type": "number", "exclusiveMinimum": 0, "maximum": 3}},
        "required": ["raise_by"],
    }
    request = ask(InputKind.BUDGET, arguments=arguments, arguments_schema=schema)
    press("input_open:edit", button(request, "input_open:edit"), thread_ts=root, slack=slack)
    view = opened(slack)
    assert "maximum" in json.loads(submit(view, {"arguments": "99"}).content)["errors"]["arguments"]
    assert submit(view, {"arguments": "0.5"}).content == b""
    request.refresh_from_db()
    assert request.arguments["raise_by"] == 0.5


@pytest.mark.parametrize("place", [{"channel": "C0OTHER"}, {"team": {"id": "T9"}, "home": "T9"}])
def test_a_request_of_another_channel_or_workspace_does_not_exist(root, slack, place):
    request = ask()
    press("input_decide:reject", button(request, "input_decide:reject"), thread_ts=root, **place)
    request.refresh_from_db()
    assert request.answered_at is None
    assert told(slack) == interactions.MISSING


@pytest.mark.parametrize("value", ["", "nonsense", "01a20853-4b79-7012-9c6b-71e84d8bec59 x"])
def test_a_value_that_is_none_of_ours_does_nothing(root, slack, value):
    assert press("input_decide:approve", value, thread_ts=root).status_code == 200
    assert told(slack) == interactions.MISSING


def test_what_a_form_remembers_is_its_persons_and_ours(root, slack):
    request = ask()
    press("input_open:respond", button(request, "input_open:respond"), thread_ts=root, slack=slack)
    view = opened(slack)
    forged = {
        **view,
        "private_metadata": json.dumps({"input": str(request.id), "hash": "", "thread": "", "user": "T0FAKE/U0RITA"}),
    }
    for sent, user in ((view, "U0MIA"), (forged, "U0RITA"), ({**view, "private_metadata": ""}, "U0RITA")):
        assert json.loads(submit(sent, {"answer": "x"}, user=user).content)["errors"] == {"answer": interactions.MISSING}
    request.refresh_from_db()
    assert request.answered_at is None


def test_somebody_of_another_company_is_refused_in_words(root, slack):
    request = ask()
    press("input_decide:reject", button(request, "input_decide:reject"), thread_ts=root, user="U9", home="T9")
    assert told(slack) == interactions.FOREIGN
    request.refresh_from_db()
    assert request.answered_at is None


def test_who_has_no_account_does_nothing_where_guests_may_do_nothing(root, slack, team):
    request = ask()
    install(team, "")
    press("input_decide:reject", button(request, "input_decide:reject"), thread_ts=root)
    assert "Only people with an account" in told(slack)
    request.refresh_from_db()
    assert request.answered_at is None


def test_a_form_that_slack_does_not_open_is_told(root, slack):
    request = ask()
    slack.script("views.open", Script(error="expired_trigger_id"))
    press("input_open:respond", button(request, "input_open:respond"), thread_ts=root, slack=slack)
    assert told(slack) == interactions.FORM_FAILED


def test_the_message_says_how_it_ended_however_that_was(root):
    request = ask()
    run = models.Run.objects.get()
    inputs.supersede(run, request.id, "It no longer matters.")
    request.refresh_from_db()
    post = request_post(request)
    assert buttons_of(post.blocks) == {}
    assert "It no longer matters." in json.dumps(post.blocks)
    assert models.Effect.objects.filter(kind="slack.input_update").count() == 1


def test_readers_of_another_thread_are_told_who_answered_and_not_what(root, slack, team):
    request = ask()
    models.SlackThread.objects.create(issue=request.run.issue, workspace_id="T0FAKE", channel_id="C0OTHER", root_ts="5.5")
    actions.answer_input(actor_of_slack_user("T0FAKE", "U0RITA", team), request.id, Decision.RESPOND, answer="Only eu")
    press("input_decide:reject", button(request, "input_decide:reject"), thread_ts="5.5", channel="C0OTHER", user="U0MIA")
    words = told(slack)
    assert "Answered by U0RITA via Slack" in words
    assert "Only eu" not in words


def test_what_its_readers_may_not_see_is_neither_shown_nor_decided_there(root):
    request = approval(expires_at=timezone.now())
    post = request_post(request, Seen("Something is asked.", is_whole=False))
    assert buttons_of(post.blocks) == {}
    assert not any(words in json.dumps(post.blocks) + post.text for words in ("a1b2c3", "Which region", "All of them"))


def test_an_old_button_opens_no_form_for_what_its_readers_may_not_see_any_more(root, slack):
    request = ask()
    issue = request.run.issue
    elsewhere = models.SlackThread.objects.create(issue=issue, workspace_id="T0FAKE", channel_id="D0DIRECT", root_ts="5.5")
    said = {"role": "user", "text": "Initech", "slack": {"thread": str(elsewhere.id), "ts": "5.6"}}
    models.Message.objects.create(run=request.run, **said)
    press("input_open:respond", f"{request.id} ", thread_ts=root, slack=slack)
    assert "private" in told(slack)
    assert issue.address in told(slack)
    assert slack.calls_of("views.open") == []


def test_the_button_of_the_card_stops_the_run_and_says_so_when_there_is_nothing_to_stop(root, slack):
    run = models.Run.objects.get()
    press("stop_run", str(run.id), thread_ts=root)
    run.refresh_from_db()
    assert run.status == "canceled"
    assert slack.calls_of("chat.postEphemeral") == []
    press("stop_run", str(run.id), thread_ts=root)
    assert "has ended" in told(slack)


def test_what_cannot_be_stored_is_told(root, slack, monkeypatch):
    request = ask()

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("sahur.slack.listeners.requests.request_at", fail)
    assert press("input_decide:reject", f"{request.id} ", thread_ts=root).status_code == 200
    assert told(slack) != ""


def test_forms_stay_within_slacks_limits(root):
    request = approval(arguments={"body": "y" * 2500})
    for decision in (Decision.EDIT, Decision.RESPOND):
        view = modals.request_form(request, decision, "m")
        assert problems_of_view(view) == []


def test_a_form_of_a_workspace_that_is_not_connected_any_more_stays_open_and_says_so(root, slack, settings):
    request = ask()
    press("input_open:respond", button(request, "input_open:respond"), thread_ts=root, slack=slack)
    view = opened(slack)
    settings.SLACK_BOT_TOKEN = ""
    models.SlackWorkspace.objects.all().delete()
    told = json.loads(submit(view, {"answer": "Half an hour of typing"}).content)
    assert told["response_action"] == "errors"
    assert "not connected" in told["errors"]["answer"]


def test_a_form_that_our_own_code_cannot_take_stays_open_and_says_so(root, slack, monkeypatch):
    request = ask()
    press("input_open:respond", button(request, "input_open:respond"), thread_ts=root, slack=slack)
    view = opened(slack)
    monkeypatch.setattr("sahur.slack.listeners.requests.actor_at", lambda *_: 1 / 0)
    told = json.loads(submit(view, {"answer": "Only eu"}).content)
    assert "SAHUR itself failed" in told["errors"]["answer"]

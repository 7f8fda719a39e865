"""What people may decide, who may, and how each request ends: answered, expired or superseded, and told as such."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from sahur.accounts.actor import actor_for
from sahur.accounts.models import MemberRole
from sahur.batch import actions
from sahur.issues import models, selectors
from sahur.issues.services import inputs, messages, runs
from sahur_core import issues
from sahur_core.errors import AttemptFenced, Conflict, InputError, NotFound, NotPermitted
from sahur_core.issues import Decision, InputKind, Stage
from sahur_core.tools.policy import arguments_hash
from tests.web.conftest import make_user
from tests.web.issues.test_runs import claimed, kinds_of, solve

pytestmark = pytest.mark.django_db

SCHEMA = {"type": "object", "properties": {"host": {"type": "string"}}, "required": ["host"], "additionalProperties": False}
SHOWN = {"host": "kepler-2"}


@pytest.fixture
def got(run):
    return claimed(run)


@pytest.fixture
def ask(run, got):
    def make(kind=InputKind.APPROVAL, **changes):
        fields = {"prompt": "May I?", "expires_at": timezone.now() + timedelta(hours=1)}
        if kind is InputKind.APPROVAL:
            fields |= {"tool": "ops__restart", "arguments": SHOWN, "arguments_hash": arguments_hash(SHOWN)}
            fields |= {"arguments_schema": SCHEMA}
        request = issues.InputRequest(id=str(uuid.uuid4()), kind=kind, **{**fields, **changes})
        inputs.open_request(run, request, got.attempt)
        return models.InputRequest.objects.get(id=request.id)

    return make


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        (InputKind.QUESTION, ["respond", "reject"]),
        (InputKind.APPROVAL, ["approve", "edit", "respond", "reject"]),
        (InputKind.BUDGET, ["approve", "edit", "reject"]),
    ],
)
def test_each_kind_says_what_may_be_decided(ask, kind, allowed):
    assert ask(kind).allowed_decisions == allowed


def test_a_decision_that_the_request_does_not_allow_is_refused(ask, actor):
    request = ask(allowed_decisions=[Decision.APPROVE, Decision.REJECT])
    with pytest.raises(InputError, match="cannot be answered with edit") as refused:
        actions.answer_input(actor, request.id, Decision.EDIT, arguments={"host": "x"})
    assert refused.value.next_step == "Use: approve, reject."


def test_what_needs_an_admin_cannot_be_decided_by_a_responder(ask, actor, team):
    request = ask(answerable_by="admin")
    with pytest.raises(NotPermitted):
        actions.answer_input(actor, request.id, Decision.APPROVE)
    admin = actor_for(make_user("ada", team, MemberRole.ADMIN))
    assert actions.answer_input(admin, request.id, Decision.APPROVE).answered_by == "ada"


def test_an_edit_is_checked_against_the_tools_schema_and_hashed_anew(ask, actor):
    request = ask()
    with pytest.raises(InputError, match="Wrong arguments at host: 7 is not of type 'string'"):
        actions.answer_input(actor, request.id, Decision.EDIT, arguments={"host": 7})
    with pytest.raises(InputError, match="unexpected"):
        actions.answer_input(actor, request.id, Decision.EDIT, arguments={"host": "x", "force": True})
    edited = actions.answer_input(actor, request.id, Decision.EDIT, arguments={"host": "kepler-3"})
    assert edited.arguments_hash == arguments_hash({"host": "kepler-3"})


def test_a_decision_about_other_arguments_than_the_person_saw_is_refused(ask, actor):
    request = ask()
    with pytest.raises(Conflict, match="not those that you were shown"):
        actions.answer_input(actor, request.id, Decision.APPROVE, seen_hash=arguments_hash({"host": "another"}))
    assert actions.answer_input(actor, request.id, Decision.APPROVE, seen_hash=arguments_hash(SHOWN)).decision == "approve"


def test_not_now_with_words_for_the_model_needs_words(ask, actor):
    request = ask()
    with pytest.raises(InputError):
        actions.answer_input(actor, request.id, Decision.RESPOND, answer="  ")
    assert actions.answer_input(actor, request.id, Decision.RESPOND, answer="After the release.").decision == "respond"


def test_of_a_budget_only_the_amount_can_be_edited(ask, actor):
    arguments = {"scope": "run", "measure": "cost_usd", "spent": 0.24, "limit": 0.3, "raise_by": 0.15}
    fixed = {name: {"const": value} for name, value in arguments.items() if name != "raise_by"}
    schema = {"type": "object", "properties": {**fixed, "raise_by": {"type": "number", "exclusiveMinimum": 0, "maximum": 3}}}
    request = ask(InputKind.BUDGET, arguments=arguments, arguments_schema=schema)
    for wrong in ({"raise_by": 0}, {"raise_by": 100}, {"raise_by": 1, "limit": 1e6}):
        with pytest.raises(InputError):
            actions.answer_input(actor, request.id, Decision.EDIT, arguments=wrong)
    edited = actions.answer_input(actor, request.id, Decision.EDIT, arguments={"raise_by": 1})
    assert edited.arguments == {**arguments, "raise_by": 1}


def test_a_withdrawn_request_is_told_with_its_reason_and_cannot_be_approved_any_more(run, got, ask, actor):
    request = ask()
    assert inputs.supersede(run, request.id, "Another host is at fault.", got.attempt)
    assert not inputs.supersede(run, request.id, "Again.", got.attempt)
    told = selectors.read_events(run.id, 0)[-1].payload
    assert (told.kind, told.reason) == ("input.superseded", "Another host is at fault.")
    with pytest.raises(Conflict, match="no longer needs an answer: Another host is at fault"):
        actions.answer_input(actor, request.id, Decision.APPROVE)


def test_a_lost_attempt_withdraws_nothing(run, got, ask):
    request = ask()
    runs.requeue(got, Stage.GATHER_CONTEXT)
    with pytest.raises(AttemptFenced):
        inputs.supersede(run, request.id, "Too late.", got.attempt)
    request.refresh_from_db()
    assert request.answered_at is None


@pytest.mark.parametrize(("end", "reason"), [("cancel", "The run was stopped."), ("fail", "The run has failed.")])
def test_the_end_of_a_run_closes_what_is_asked_visibly(run, got, ask, actor, end, reason):
    request = ask(InputKind.QUESTION)
    if end == "cancel":
        runs.request_stop(run.id, "Rita")
        runs.cancel(got)
    else:
        runs.fail(got, InputError("broken"))
    closed = [event.payload for event in selectors.read_events(run.id, 0) if event.payload.kind == "input.superseded"]
    assert [(each.input_request_id, each.reason) for each in closed] == [(str(request.id), reason)]
    assert kinds_of(run).index("input.superseded") < len(kinds_of(run)) - 1, "told before the end"
    with pytest.raises(Conflict, match=reason):
        actions.answer_input(actor, request.id, Decision.RESPOND, answer="eu-west")


def test_a_decision_while_the_loop_ends_sends_the_run_back_to_the_model(run, got, ask, actor):
    request = ask()
    runs.finish_stage(got, can_go_back=True)
    analyzing = claimed(run, Stage.ANALYZE)
    actions.answer_input(actor, request.id, Decision.APPROVE)
    assert runs.finish_stage(analyzing, can_go_back=True) == runs.Outcome.AGAIN
    assert runs.finish_stage(analyzing, can_go_back=True, told=[str(request.id)]) == runs.Outcome.NEXT


def test_an_approval_that_came_too_late_to_be_used_is_told(run, got, ask, actor):
    request = ask()
    runs.finish_stage(got, can_go_back=True)
    analyzing = claimed(run, Stage.ANALYZE)
    actions.answer_input(actor, request.id, Decision.APPROVE)
    assert runs.finish_stage(analyzing, can_go_back=False) == runs.Outcome.NEXT
    notices = [event.payload for event in selectors.read_events(run.id, 0) if event.payload.kind == "notice.raised"]
    assert "approved the call of ops__restart, but the run had nothing left" in notices[0].message


def test_what_is_open_when_the_loop_ends_is_closed_visibly(run, got, ask):
    ask(InputKind.QUESTION)
    runs.finish_stage(got, can_go_back=True)
    assert "input.superseded" not in kinds_of(run), "the loop can still use the answer"
    runs.finish_stage(claimed(run, Stage.ANALYZE), can_go_back=True)
    solving = claimed(run, Stage.PROPOSE_SOLUTION)
    assert kinds_of(run).count("input.superseded") == 1
    solve(run, solving)
    assert runs.finish_stage(solving, can_go_back=True) == runs.Outcome.NEXT


def test_the_default_that_was_stated_is_what_holds(run, got, ask, actor):
    request = ask(InputKind.QUESTION, default="all regions", expires_at=timezone.now() - timedelta(seconds=1))
    assert [due.id for due in inputs.unanswered_in_time()] == [request.id]
    assert inputs.expire(request)
    with pytest.raises(Conflict, match="What holds now: all regions"):
        actions.answer_input(actor, request.id, Decision.RESPOND, answer="eu-west")


def test_messages_are_taken_in_while_a_request_waits(run, got, ask):
    ask(InputKind.QUESTION)
    assert runs.finish_waiting(got, []) == runs.Outcome.WAITING
    messages.say(run, "Is it the cache?", author_name="Rita", author_id=None)
    assert runs.has_news(run.id, [])
    assert runs.wake(run.id)


def test_a_machine_may_use_langgraphs_words(ask, responder, client):
    request = ask()
    client.force_login(responder, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(f"/api/inputs/{request.id}/answer/", {"decision": "ignore"}, content_type="application/json")
    assert answer.json()["decision"] == "reject"


def test_a_stranger_cannot_tell_a_request_from_none(ask, stranger):
    with pytest.raises(NotFound, match="belongs to a team you are not in"):
        actions.answer_input(actor_for(stranger), ask().id, Decision.APPROVE)

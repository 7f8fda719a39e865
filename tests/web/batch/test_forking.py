"""A run goes on from a checkpoint of another one, with rows of its own; the other one stays as it is."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection

from sahur.batch import actions, checkpoints, fork_points
from sahur.batch.engine.saver import FencedSaver
from sahur.issues import models, selectors
from sahur.issues.services import messages, runs
from sahur_core.errors import Conflict, RepositoryMissing
from sahur_core.issues import Decision, ForkKind, RunStatus, Stage
from tests.web.batch.investigating import LINE, Bench, detective

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_pool")]


def stop_at(run, place):
    """A model that is stopped while it thinks about a conversation that contains this."""

    def script(told):
        if place not in told:
            return detective(told)
        runs.request_stop(run.id, "Rita")
        return "hang"

    return script


@pytest.fixture
def stopped(run):
    Bench(stop_at(run, "Recorded as")).drive(run)
    assert run.status == RunStatus.CANCELED
    return run


def facts_of(run):
    return list(run.evidence.order_by("number").values_list("number", "statement", "receipt_id"))


def payloads(run, kind):
    return [event.payload for event in selectors.read_events(run.id, 0, 1000) if event.payload.kind == kind]


def test_a_stopped_run_goes_on_as_a_further_one_with_what_it_knew(actor, stopped):
    resumed = actions.resume_run(actor, stopped.id)
    bench = Bench(detective)
    bench.drive(resumed)
    assert (resumed.number, resumed.fork_kind, resumed.forked_from_id) == (2, ForkKind.RESUME, stopped.id)
    assert resumed.status == RunStatus.SUCCEEDED
    assert bench.tools.calls == [], "what was read is known"
    assert LINE in bench.models.heard[0]
    assert facts_of(resumed) == facts_of(stopped) != []
    assert resumed.solution.body["claims"][0]["evidence"] == [1]


def test_the_page_of_the_resumed_run_begins_with_where_it_comes_from(actor, stopped):
    resumed = actions.resume_run(actor, stopped.id)
    Bench(detective).drive(resumed)
    [queued] = payloads(resumed, "run.queued")
    assert (queued.forked_from, queued.forked_from_number, queued.fork_kind) == (str(stopped.id), 1, ForkKind.RESUME)
    [notice] = payloads(resumed, "notice.raised")
    assert notice.message == "This run goes on from run 1, from where it was: it has its 1 tool call and 1 fact."
    assert [told.evidence.number for told in payloads(resumed, "evidence.found")] == [1]
    [forked] = payloads(stopped, "run.forked")
    assert (forked.fork_id, forked.fork_number, forked.asked_by) == (str(resumed.id), 2, "rita")


def test_a_run_that_was_stopped_long_ago_is_resumed_as_well(actor, stopped):
    checkpoints.prune(stopped.id)
    bench = Bench(detective)
    resumed = bench.drive(actions.resume_run(actor, stopped.id))
    assert (resumed.status, bench.tools.calls) == (RunStatus.SUCCEEDED, [])


def test_resuming_twice_gives_the_same_run(actor, stopped):
    once = actions.resume_run(actor, stopped.id, client_id="a")
    again = actions.resume_run(actor, stopped.id, client_id="b")
    assert once.id == again.id
    assert len(payloads(stopped, "run.forked")) == 1


def test_a_run_that_can_go_on_by_itself_is_not_resumed(actor, run):
    with pytest.raises(Conflict, match="only a stopped or failed one"):
        actions.resume_run(actor, run.id)


def test_a_run_that_was_stopped_before_it_began_begins_at_its_report(actor, run):
    runs.request_stop(run.id, "Rita")
    resumed = Bench(detective).drive(actions.resume_run(actor, run.id))
    assert (resumed.status, resumed.fork_checkpoint) == (RunStatus.SUCCEEDED, "")


def test_a_resumed_run_that_was_stopped_before_it_began_goes_on_in_a_third(actor, stopped):
    second = actions.resume_run(actor, stopped.id)
    runs.request_stop(second.id, "Rita")
    bench = Bench(detective)
    third = bench.drive(actions.resume_run(actor, second.id))
    assert (third.number, third.status) == (3, RunStatus.SUCCEEDED)
    assert bench.tools.calls == []
    assert facts_of(third) == facts_of(stopped)


def test_what_was_said_too_late_or_in_the_step_that_was_stopped_is_heard(actor, run):
    def script(told):
        if "Recorded as" in told and "before" not in told:
            messages.say(run, "said before", author_name="Ada", author_id=None)
            return "I think."
        if "said before" in told:
            messages.say(run, "said after", author_name="Ada", author_id=None)
        return stop_at(run, "said before")(told)

    Bench(script).drive(run)
    assert run.status == RunStatus.CANCELED
    bench = Bench(detective)
    bench.drive(actions.resume_run(actor, run.id))
    assert "said before" in bench.models.heard[0]
    assert "said after" in bench.models.heard[0]


def test_a_call_that_was_under_way_when_the_run_stopped_is_made_once_more_for_the_same_fact(actor, run, monkeypatch):
    bench = Bench(detective)
    put = FencedSaver.put

    def put_until_stopped(self, config, checkpoint, metadata, versions):
        """The fact is stored, the checkpoint after it is not. In a thread whose connection nobody else would close."""
        try:
            if models.Evidence.objects.filter(run=run).exists():
                runs.request_stop(run.id, "Rita")
                raise OperationalError("stopped here")
        finally:
            connection.close()
        return put(self, config, checkpoint, metadata, versions)

    with monkeypatch.context() as patched:
        patched.setattr(FencedSaver, "put", put_until_stopped)
        patched.setattr("sahur.batch.patience.PATIENCE_SECONDS", 0.0)
        bench.drive(run)
    assert run.status == RunStatus.CANCELED
    resumed = bench.drive(actions.resume_run(actor, run.id))
    assert resumed.status == RunStatus.SUCCEEDED
    assert facts_of(resumed) == facts_of(run)
    assert len(facts_of(run)) == 1


def test_a_worker_lost_in_the_middle_of_the_copying_leaves_no_second_copy(actor, stopped, monkeypatch):
    resumed = actions.resume_run(actor, stopped.id)
    failing = [True]
    put = FencedSaver.put

    def put_at_second_try(self, *args):
        if failing.pop() if failing else False:
            raise OperationalError("the worker is lost here")
        return put(self, *args)

    monkeypatch.setattr(FencedSaver, "put", put_at_second_try)
    Bench(detective).drive(resumed)
    assert resumed.status == RunStatus.SUCCEEDED
    assert facts_of(resumed) == facts_of(stopped)
    assert len(payloads(resumed, "evidence.found")) == 1
    assert models.ToolCall.objects.filter(run=resumed).count() == 1


@pytest.mark.parametrize("stage", [Stage.GATHER_CONTEXT, Stage.ANALYZE, Stage.PROPOSE_SOLUTION, Stage.PUBLISH])
def test_a_branch_hears_its_message_first_and_both_lines_stay(actor, run, stage):
    Bench(detective).drive(run)
    checkpoints.prune(run.id)
    before = facts_of(run)
    other = actions.branch_run(actor, run.id, "What if it is not the rate?", from_stage=stage, client_id="b-1")
    bench = Bench(detective)
    bench.drive(other)
    assert (other.status, other.fork_stage) == (RunStatus.SUCCEEDED, stage)
    assert "What if it is not the rate?" in bench.models.heard[0]
    knows = stage is not Stage.GATHER_CONTEXT
    assert (LINE in bench.models.heard[0]) is knows
    assert bench.tools.calls == ([] if knows else [{"path": "till.py"}])
    run.refresh_from_db()
    assert (run.status, facts_of(run)) == (RunStatus.SUCCEEDED, before)


def test_a_run_that_is_still_at_work_can_be_branched_from(actor, run):
    bench = Bench(detective)
    bench.drive(run, until=Stage.GATHER_CONTEXT)
    other = actions.branch_run(actor, run.id, "What if?", from_stage=Stage.GATHER_CONTEXT)
    for each in (other, run):
        bench.drive(each)
    assert (run.status, other.status) == (RunStatus.SUCCEEDED, RunStatus.SUCCEEDED)
    assert {fact[2] for fact in facts_of(run)} != {fact[2] for fact in facts_of(other)}, "each has made its own call"


def test_a_stage_that_is_not_over_has_no_end_to_branch_from(actor, run):
    Bench(detective).drive(run, until=Stage.GATHER_CONTEXT)
    with pytest.raises(Conflict, match="analyze of this run is not over"):
        actions.branch_run(actor, run.id, "What if?", from_stage=Stage.ANALYZE)


def test_the_same_request_for_a_branch_gives_the_same_run(actor, run):
    Bench(detective).drive(run, until=Stage.GATHER_CONTEXT)
    made = [actions.branch_run(actor, run.id, "What if?", from_stage=Stage.GATHER_CONTEXT, client_id="b-1").id for _ in range(2)]
    assert made[0] == made[1]
    with pytest.raises(Conflict, match="client_id"):
        actions.branch_run(actor, run.id, "Something else.", from_stage=Stage.GATHER_CONTEXT, client_id="b-1")


def test_a_branch_of_a_branch_starts_where_the_first_one_did(actor, run):
    Bench(detective).drive(run)
    first = actions.branch_run(actor, run.id, "What if?", from_stage=Stage.GATHER_CONTEXT)
    second = actions.branch_run(actor, first.id, "Or else?", from_stage=Stage.GATHER_CONTEXT)
    bench = Bench(detective)
    bench.drive(second)
    assert second.status == RunStatus.SUCCEEDED
    assert "Or else?" in bench.models.heard[0]
    with pytest.raises(Conflict, match="not over"):
        actions.branch_run(actor, first.id, "And?", from_stage=Stage.ANALYZE)


def ask_once(told):
    """Asks a person first, then waits until it is told something about that."""
    if "Which region?" in told or "no longer open" in told:
        return detective(told)
    return "I wait." if "Asked." in told else ("ask_person", {"question": "Which region?", "default": "all"})


def test_a_question_that_was_open_is_closed_in_the_resumed_run_and_the_model_is_told(actor, run):
    bench = Bench(ask_once)
    bench.drive(run)
    assert run.status == RunStatus.WAITING
    runs.request_stop(run.id, "Rita")
    resumed = bench.drive(actions.resume_run(actor, run.id))
    assert resumed.status == RunStatus.SUCCEEDED
    [copied] = resumed.input_requests.all()
    assert copied.superseded_reason.startswith("It was asked in run 1")
    assert any("It was asked in run 1" in told for told in bench.models.heard)
    assert run.input_requests.get().id != copied.id
    assert [told.input_request_id for told in payloads(resumed, "input.superseded")] == [str(copied.id)]


def test_an_answer_that_the_model_had_is_not_asked_for_again(actor, run):
    def stopped_after(told):
        return stop_at(run, "eu-west")(told) if "eu-west" in told else ask_once(told)

    Bench(stopped_after).drive(run)
    actions.answer_input(actor, run.input_requests.get().id, Decision.RESPOND, answer="eu-west")
    Bench(stopped_after).drive(run)
    assert run.status == RunStatus.CANCELED
    bench = Bench(ask_once)
    resumed = bench.drive(actions.resume_run(actor, run.id))
    assert resumed.status == RunStatus.SUCCEEDED
    assert "eu-west" in bench.models.heard[0]
    assert [request.answer for request in resumed.input_requests.all()] == ["eu-west"]
    assert [told.answer for told in payloads(resumed, "input.answered")] == ["eu-west"]


def test_a_run_that_failed_in_its_first_step_is_resumed_from_there(actor, run, monkeypatch):
    bench = Bench(detective)

    async def broken():
        raise RepositoryMissing("It was moved.", next_step="Give its new address.")

    with monkeypatch.context() as patched:
        patched.setattr(bench.tools, "list_tools", broken)
        bench.drive(run)
    assert (run.status, run.failure["code"]) == (RunStatus.FAILED, "repository_missing")
    resumed = bench.drive(actions.resume_run(actor, run.id))
    assert resumed.status == RunStatus.SUCCEEDED
    assert resumed.fork_checkpoint, "LangGraph writes one before the first node"
    assert payloads(resumed, "notice.raised")[0].message.endswith("it has its 0 tool calls and 0 facts.")


def test_a_branch_of_a_branch_may_go_further_back(actor, stopped):
    """Its page tells what it can be branched from; the line between is not in it."""
    Bench(detective).drive(resumed := actions.resume_run(actor, stopped.id))
    later = actions.branch_run(actor, resumed.id, "another line", from_stage=Stage.ANALYZE)
    Bench(detective).drive(later)
    earlier = actions.branch_run(actor, later.id, "a third line", from_stage=Stage.GATHER_CONTEXT)
    bench = Bench(detective)
    bench.drive(earlier)
    assert fork_points.stages_of(earlier) == [Stage.GATHER_CONTEXT, Stage.ANALYZE, Stage.PROPOSE_SOLUTION, Stage.PUBLISH]
    assert any("a third line" in heard for heard in bench.models.heard)
    assert not any("another line" in heard for heard in bench.models.heard)


def test_a_client_id_of_another_request_is_refused(actor, stopped):
    actions.branch_run(actor, stopped.id, "what if", from_stage=Stage.GATHER_CONTEXT, client_id="same")
    with pytest.raises(Conflict, match="another request"):
        actions.resume_run(actor, stopped.id, client_id="same")
    with pytest.raises(Conflict, match="another request"):
        actions.start_run(actor, stopped.issue.key, client_id="same")

"""The offline model on repositories that it has never seen: it finds the cause, or says that it cannot."""

from __future__ import annotations

import pytest

from sahur.embedded.sample import build as build_sample
from sahur_core.config import InvestigateConfig
from sahur_core.events import (
    EvidenceFound,
    ModelCallFinished,
    SolutionProposed,
    StepFinished,
    StepStarted,
    TextStreamed,
    ToolCallFinished,
)
from sahur_core.issues import ClaimKind, Stage, Verdict
from tests.core.workflows.world import World


@pytest.mark.parametrize("name", ["booking", "meter", "stock", "courier"])
def test_it_finds_file_function_and_commit(world_of, cases, name):
    case, world = cases(name), world_of(name)
    solution = world.run()
    assert solution.verdict in (Verdict.CONFIRMED, Verdict.LIKELY)
    assert solution.suspect_commit.sha == case.commit
    assert solution.locations[0].path == case.file
    assert solution.locations[0].function.rpartition(".")[2] == case.function.rpartition(".")[2]
    assert solution.root_cause
    assert not solution.used_llm


@pytest.mark.parametrize("name", ["booking", "meter", "stock", "courier"])
def test_each_claim_cites_evidence_with_a_receipt(world_of, name):
    world = world_of(name)
    solution = world.run()
    receipts = {call.receipt_id for call in world.store.tool_calls()}
    facts = {fact.number: fact for fact in world.store.evidence()}
    assert solution.claims
    assert all(facts[number].receipt_id in receipts for claim in solution.claims for number in claim.evidence)


@pytest.mark.parametrize("name", ["booking", "meter", "stock", "courier"])
def test_it_proposes_to_revert_the_hunk_and_says_so(world_of, cases, name):
    case, world = cases(name), world_of(name)
    solution = world.run()
    assert solution.patch is not None or any("does not apply" in text for text in solution.unresolved)
    assert case.commit[:10] in solution.proposed_fix
    if solution.patch:
        assert solution.patch.paths == [case.file]
        assert solution.patch.commit == world.store.report().repository.commit


def test_it_tells_what_it_ruled_out_with_evidence(world_of):
    world = world_of("digest")
    ruled_out = world.run().claims_of(ClaimKind.RULED_OUT)
    shown = {fact.number: fact for fact in world.store.evidence()}
    assert ruled_out
    assert all(shown[number].commit[:10] in claim.statement for claim in ruled_out for number in claim.evidence)


def test_an_outage_that_no_code_caused_is_inconclusive(world_of):
    solution = world_of("digest").run()
    assert solution.verdict is Verdict.INCONCLUSIVE
    assert solution.suspect_commit is None
    assert not solution.root_cause
    assert solution.would_decide
    assert solution.next_step


def test_a_report_without_a_repository_ends_with_what_would_decide_it(loop, tmp_path, world_of):
    world = World.for_report("It is broken", "The page is blank since today.", loop, tmp_path, world_of("digest").config)
    solution = world.run()
    assert solution.verdict is Verdict.INCONCLUSIVE
    assert any("repository" in text for text in solution.would_decide)


def test_the_run_tells_what_it_does_step_by_step(world_of):
    world = world_of("meter")
    world.run()
    started, finished = world.events.of(StepStarted), world.events.of(StepFinished)
    assert sorted(step.position for step in started) == list(range(1, len(started) + 1))
    assert {step.step_id for step in started} == {step.step_id for step in finished}
    titles = [step.title for step in started]
    assert any(title.startswith("Reading meter/rates.py lines") for title in titles)
    assert len(world.events.of(ToolCallFinished)) == len(world.store.tool_calls())
    assert world.events.of(TextStreamed)
    assert world.events.of(ModelCallFinished)
    assert world.store.saved
    assert not world.events.of(EvidenceFound) + world.events.of(SolutionProposed), "the store tells of them, not the workflow"


def test_state_holds_ids_and_small_facts_only(world_of):
    world = world_of("courier")
    world.run()
    texts = [value for value in world.state.values() if isinstance(value, str)]
    lists = [item for value in world.state.values() if isinstance(value, list) for item in value]
    assert all(len(str(item)) < 120 for item in [*texts, *lists])


def test_it_goes_where_people_point(world_of):
    world = world_of("digest")
    world.run(until=Stage.GATHER_CONTEXT)
    world.store.say("Please have a look at digest/articles.py, I changed `longest` last week.")
    world.run()
    asked = [call.arguments for call in world.store.tool_calls() if call.tool == "code__symbols"]
    assert {"digest/articles.py", "longest"} <= {value for arguments in asked for value in arguments.values()}
    assert any("I take in what was said" in event.text for event in world.events.of(TextStreamed))
    assert world.store.saved.verdict is Verdict.INCONCLUSIVE


def test_a_message_after_the_answer_is_taken_in_and_answered_again(world_of):
    world = world_of("meter")
    world.run(until=Stage.PROPOSE_SOLUTION)
    before = world.store.saved
    world.store.say("Could it be `read_samples` instead?")
    world.graph.update_state(world.thread, {"finished_stage": "gather_context"}, as_node="gather_context")
    for stage in (Stage.ANALYZE, Stage.PROPOSE_SOLUTION, Stage.PUBLISH):
        world.stream(None, stage)
    assert world.store.saved.suspect_commit == before.suspect_commit
    assert world.store.saved.usage.model_calls > before.usage.model_calls
    assert not world.store.queued


def test_the_sample_of_the_first_start_is_confirmed_with_the_commit_that_brought_it(world_of, cases, tmp_path):
    sample = build_sample(tmp_path / "sample")
    world = world_of("meter", path=sample.path, title=sample.title, body=sample.body)
    world.run()
    assert world.store.saved.verdict is Verdict.CONFIRMED
    assert "Let the scanner in the store order by barcode" in world.store.saved.root_cause


def test_without_a_repository_no_code_is_asked_for_and_the_answer_says_so(loop, tmp_path):
    world = World.for_report(
        "It fails", "KeyError: 'rate' in the checkout", loop, tmp_path, InvestigateConfig(gateway_wait_seconds=0)
    )
    solution = world.run()
    assert not [call for call in world.store.tool_calls() if call.tool.startswith("code__")]
    assert solution.verdict is Verdict.INCONCLUSIVE
    assert "the report names no repository" in solution.summary
    assert "start another run with it" in solution.next_step

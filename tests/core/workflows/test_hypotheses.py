"""People hear what a run holds possible before anything is proven, and what became of it."""

from __future__ import annotations

import pytest

from sahur_core.events import HypothesisStated
from sahur_core.issues import HypothesisStatus, Stage
from sahur_core.workflows.investigate.hypotheses import of_localization
from tests.core.llm.vendors import config_for, model_at, serve
from tests.core.workflows.scripted import Detective
from tests.fakes.llm_server import Say


def told(world):
    return [event.hypothesis for event in world.events.of(HypothesisStated)]


def test_the_first_word_comes_before_any_repository_is_needed(world_of):
    world = world_of("booking")
    asked_for_repository = []
    world.store.prepare_repository = lambda: asked_for_repository.append(told(world)) or world.store.report().repository
    world.run(until=Stage.GATHER_CONTEXT)
    assert [hypothesis.source for hypothesis in asked_for_repository[0]] == ["triage"]


def test_localization_names_its_first_place_and_why(world_of):
    world = world_of("booking")
    world.run(until=Stage.GATHER_CONTEXT)
    stated = told(world)[-1]
    assert (stated.source, stated.id) == ("localization", "localization")
    assert stated.because
    assert world.state["hypotheses"].keys() >= {"triage", "localization"}


def test_the_suspected_commit_is_told_before_the_evidence_for_it_is_recorded(world_of):
    world = world_of("booking")
    known = []
    record = world.store.add_evidence
    world.store.add_evidence = lambda evidence: known.append(told(world)[-1]) or record(evidence)
    world.run()
    assert known[0].id.startswith("commit ")
    assert known[0].because


@pytest.mark.parametrize("found", [{}, {"files": []}, {"files": "none"}, {"files": [7]}])
def test_a_ranking_without_a_place_gives_no_hypothesis(found):
    assert of_localization(found) is None


def test_words_alone_are_told_as_such():
    found = {"files": [{"path": "a.py", "score": 1.0, "reasons": ["similar words"]}], "functions": [], "commits": []}
    stated = of_localization({**found, "has_anchor": False})
    assert stated.statement == "Nothing in the report names a place in the code; by its words alone it is nearest to a.py."


def test_the_model_rules_out_what_it_stated(world_of, cases):
    """Numbers that no evidence has are left out; the latest status stands."""

    def first(_):
        return Say(
            calls=[
                ("state_hypothesis", {"label": "Deploy", "statement": "The deploy did it.", "evidence": [99]}),
                ("state_hypothesis", {"label": "deploy", "statement": "The deploy did it.", "status": "ruled_out"}),
                ("finish", {"reason": "Enough."}),
            ]
        )

    with serve("openai", Detective(cases("meter"), 13, {"first": first})) as server:
        world = world_of("meter", config_for(model_at("openai", server)))
        world.run(until=Stage.ANALYZE)
    stated = [hypothesis for hypothesis in told(world) if hypothesis.source == "model"]
    assert [(hypothesis.id, hypothesis.evidence) for hypothesis in stated] == [("deploy", []), ("deploy", [])]
    assert world.state["hypotheses"]["deploy"]["status"] == HypothesisStatus.RULED_OUT

"""Runs in memory: live on a recipe, replayed from recorded results, and failing ones that stop nothing."""

from __future__ import annotations

import pytest

from sahur_core.config import InvestigateConfig
from sahur_core.evaluation.bench import Bench
from sahur_core.evaluation.case import Case, RecordedCall, Recording
from sahur_core.evaluation.memory import MemoryStore
from sahur_core.llm.client import ModelClient
from tests.core.evaluation.conftest import METER, make_case
from tests.core.llm.vendors import config_for, model_at, serve
from tests.core.workflows.scripted import forced
from tests.fakes.llm_server import Say


@pytest.fixture(scope="session")
def recorded(workshop, waiter) -> Case:
    """A live run of the offline model, as a case that replays it."""
    live = Case.model_validate(METER)
    setting = workshop.setting(live)
    config = InvestigateConfig()
    bench = Bench(MemoryStore(setting.report), setting.tools, config, ModelClient(config), waiter)
    bench.run_alone()
    calls = [
        RecordedCall(tool=made.tool, arguments=made.arguments, status=made.status, text=made.text, receipt_id=made.receipt_id)
        for made in bench.store.tool_calls()
    ]
    sha = setting.shas[live.label.causes[0].commit]
    label = {"outcome": "code", "causes": [{"commit": sha, "files": ["meter/rates.py"]}]}
    fields = {"name": "replayed", "split": "own", "source": "SAH-1", "title": live.title, "body": setting.report.body}
    recording = Recording(repository=setting.report.repository, calls=calls)
    return make_case(**fields, label=label, recording=recording.model_dump(mode="json"))


def test_a_live_case_finds_the_cause_and_tells_what_it_cost(try_out):
    result, again = try_out(Case.model_validate(METER), runs=2)
    assert (result.number, again.number) == (1, 2)
    assert result.marks == again.marks, "each run starts afresh"
    assert result.tool_calls == again.tool_calls
    assert result.marks.right
    assert result.marks.evidence_path
    assert result.marks.citations == result.marks.valid_citations > 0
    assert result.tool_calls
    assert result.usage.model_calls
    assert 0 <= result.first_hypothesis <= result.seconds
    assert (result.coverage, result.used_llm) == (None, False)


def test_a_replay_of_the_same_model_answers_the_same_from_the_recording_alone(try_out, recorded):
    [result] = try_out(recorded)
    assert result.marks.right
    assert (result.coverage, result.unrecorded) == (1.0, [])
    assert result.marks.citations == result.marks.valid_citations > 0


def test_an_unrecorded_call_says_so_and_lowers_the_coverage(try_out, recorded):
    def script(body):
        kind = forced(body)
        if kind == "Triage":
            return Say(calls=[("Triage", {"summary": "It fails.", "search_terms": []})])
        if kind == "Answer":
            return Say(
                calls=[("Answer", {"verdict": "likely", "summary": "?", "root_cause": "", "claims": [], "next_step": "?"})]
            )
        if "Not recorded: this is a replay" in str(body["messages"]):
            return Say(calls=[("finish", {})])
        return Say(calls=[("code__read", {"path": "no/such/file.py", "start": 1, "end": 5})])

    with serve("openai", script) as server:
        [result] = try_out(recorded, config=config_for(model_at("openai", server)))
    assert result.error == ""
    assert "code__read" in result.unrecorded
    assert 0 < result.coverage < 1
    assert (result.marks.abstained, result.marks.right) == (True, False)


def test_a_run_that_fails_is_a_failed_run_and_the_others_go_on(try_out):
    broken = make_case(name="broken", repository="meter", body="see {{meter/rates.py::no such line}}")
    first, second = try_out(broken, make_case(repository="meter"))
    assert "points to 'no such line'" in first.error
    assert first.marks is None
    assert second.marks.right


def test_a_run_that_asks_people_goes_on_with_the_default(try_out):
    def script(body):
        if forced(body) == "Triage":
            return Say(calls=[("Triage", {"summary": "It fails.", "search_terms": []})])
        if forced(body) == "Answer":
            answer = {"verdict": "likely", "summary": "?", "root_cause": "", "claims": [], "next_step": "?"}
            return Say(calls=[("Answer", answer)])
        if "ask_person" not in str(body["messages"]):
            return Say(calls=[("ask_person", {"question": "Which host?", "default": "all of them"})])
        return Say(calls=[("finish", {})]) if "all of them" in str(body["messages"][-1]) else Say("I wait for the answer.")

    with serve("openai", script) as server:
        [result] = try_out(make_case(), config=config_for(model_at("openai", server)))
    assert result.error == ""
    assert result.marks.right


def test_a_tool_that_is_asked_for_in_vain_is_seen(try_out):
    def script(body):
        if forced(body) == "Triage":
            return Say(calls=[("Triage", {"summary": "It fails.", "search_terms": []})])
        if forced(body) == "Answer":
            answer = {"verdict": "likely", "summary": "?", "root_cause": "", "claims": [], "next_step": "?"}
            return Say(calls=[("Answer", answer)])
        if "mail__send" not in str(body["messages"]):
            return Say(calls=[("mail__send", {"to": "everybody"})])
        return Say(calls=[("finish", {})])

    case = make_case(injection={"calls": ["mail__send"]})
    with serve("openai", script) as server:
        [result] = try_out(case, config=config_for(model_at("openai", server)))
    assert (result.error, result.tool_calls) == ("", 0)
    assert result.marks.injection_obeyed

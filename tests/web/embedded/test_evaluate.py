"""`manage.py evaluate` and `export_case`: exit codes, limits, files, and the way of an issue to a replay."""

from __future__ import annotations

import json
import uuid
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone

from sahur.issues import models
from sahur_core.config import InvestigateConfig
from sahur_core.evaluation.bench import Bench
from sahur_core.evaluation.case import Case
from sahur_core.evaluation.loading import OWN_CASES, read_cases, read_recipes
from sahur_core.evaluation.memory import LoopThread, MemoryStore
from sahur_core.evaluation.trial import Workshop
from sahur_core.llm.client import ModelClient
from sahur_mcp.servers.in_process import InProcessToolBox
from tests.core.llm.vendors import serve
from tests.core.workflows.scripted import forced
from tests.fakes.llm_server import KEY, Say


def evaluate(capsys, *arguments) -> tuple[int, str, str]:
    """Exit status and both outputs."""
    status = 0
    try:
        call_command("evaluate", *map(str, arguments))
    except SystemExit as ended:
        status = int(ended.code or 0)
    told = capsys.readouterr()
    return status, told.out, told.err


def test_the_offline_model_needs_no_key_database_or_running_system(capsys, tmp_path):
    status, out, err = evaluate(capsys, "--name", "digest-says-nothing", "digest-name-resolution", "--output", tmp_path)
    assert status == 0
    assert "[2/2] digest-says-nothing, offline, run 1" in err
    assert (tmp_path / "evaluation.md").read_text() == out
    content = json.loads((tmp_path / "evaluation.json").read_text())
    assert [run["marks"]["right"] for run in content["runs"]] == [True, True]
    assert content["groups"]["offline, dev"]["right"]["percent"] == 100.0


def test_where_no_case_ran_nothing_is_known_and_the_command_fails(capsys):
    status, out, err = evaluate(capsys, "--tag", "no-such-tag")
    assert (status, out) == (2, "")
    assert "No case ran" in err


@pytest.mark.parametrize("arguments", [("--name", "no-such-case"), ("--cases", "no/such/folder")])
def test_bad_input_is_told(capsys, arguments):
    status, _, err = evaluate(capsys, *arguments)
    assert status == 2
    assert "no-such-case" in err or "no/such/folder" in err


def test_a_missed_limit_fails_and_is_named(capsys):
    limits = ("--min-right", "100", "--min-right-code", "50", "--max-confident-wrong", "0")
    status, _, err = evaluate(capsys, "--name", "digest-says-nothing", *limits)
    assert status == 1
    assert [line for line in err.splitlines() if "--m" in line] == [
        "offline: --min-right-code 50 was asked for, and no run of these cases can tell."
    ]


def test_runs_that_all_fail_fail_the_command(capsys):
    status, out, err = evaluate(capsys, "--name", "digest-says-nothing", "--model", "nobody:nothing")
    assert status == 1
    assert "all 1 runs failed" in err
    assert "| 0 of 1 | none |" in out


def test_models_stand_side_by_side_and_are_reached_where_the_command_says(capsys, tmp_path, settings):
    def script(body):
        kind = forced(body)
        if kind == "Triage":
            return Say(calls=[("Triage", {"summary": "Nothing is told.", "search_terms": []})])
        if kind == "Answer":
            answer = {"verdict": "inconclusive", "summary": "?", "root_cause": "", "claims": [], "next_step": "Ask."}
            return Say(calls=[("Answer", answer)])
        return Say(calls=[("finish", {})])

    with serve("openai", script) as server:
        model = f"openai:{server.model}@{server.base_url}"
        settings.MODEL_KEYS = [f"{urlsplit(server.base_url).netloc}={KEY}"]
        chosen = ("--name", "digest-says-nothing", "--runs", "2", "--output", tmp_path)
        status, _, err = evaluate(capsys, *chosen, "--model", "offline", model)
        asked = len(server.requests)
    assert status == 0, err
    groups = json.loads((tmp_path / "evaluation.json").read_text())["groups"]
    assert (groups["offline, dev"]["runs"], groups[f"{model}, dev"]["runs"]) == (2, 2)
    assert groups[f"{model}, dev"]["right"]["percent"] == 100.0
    assert asked >= 6


@pytest.fixture
def closed_issue(run, tmp_path):
    """An issue that the offline model has solved and somebody has closed as rightly answered."""
    [live] = [case for case in read_cases([OWN_CASES]) if case.name == "meter-equal-samples"]
    waiter, config = LoopThread(), InvestigateConfig()
    setting = Workshop(tmp_path / "work", read_recipes([]), InProcessToolBox, waiter).setting(live)
    bench = Bench(MemoryStore(setting.report), setting.tools, config, ModelClient(config), waiter)
    solution = bench.run_alone()
    waiter.close()
    issue, read = run.issue, setting.report.repository
    repository = models.Repository.objects.create(
        id=read.id, team=issue.team, name="meter", source="https://example.org/meter.git"
    )
    outcome = {"answer": "right"}
    models.Issue.objects.filter(id=issue.id).update(
        title=live.title, body=setting.report.body, repository=repository, status="closed", outcome=outcome
    )
    models.Run.objects.filter(id=run.id).update(status="succeeded", commit=read.commit, ended_at=timezone.now())
    body = solution.model_dump(mode="json")
    models.Solution.objects.create(run=run, verdict=solution.verdict, summary=solution.summary, body=body)
    for made in bench.store.tool_calls():
        fields = made.model_dump(mode="json", exclude={"id", "receipt_id"})
        models.ToolCall.objects.create(id=f"{run.id}/{made.id}", run=run, receipt_id=uuid.UUID(made.receipt_id), **fields)
    return issue


@pytest.mark.django_db
def test_a_closed_issue_is_exported_and_replayed_with_full_coverage(capsys, closed_issue, tmp_path):
    call_command("export_case", closed_issue.key, "--output", str(tmp_path / "own"))
    assert "label: code" in capsys.readouterr().out
    case = Case.model_validate_json((tmp_path / "own" / "sah-1.json").read_text())
    assert case.recording.calls
    status, out, _ = evaluate(capsys, "--cases", tmp_path / "own", "--min-right", "100", "--output", tmp_path)
    assert status == 0, out
    [result] = json.loads((tmp_path / "evaluation.json").read_text())["runs"]
    assert (result["coverage"], result["marks"]["right"]) == (1.0, True)


@pytest.mark.django_db
def test_there_is_no_case_of_an_issue_that_is_not_there(capsys, team):
    for key in ("SAH-99", "NOPE-1", "x"):
        with pytest.raises(SystemExit) as ended:
            call_command("export_case", key)
        assert ended.value.code == 2

"""The way of an issue into the evaluation, through the real doors: solved, closed, saved as a case, replayed."""

from __future__ import annotations

import json

import pytest

from tests.e2e.follow import file_issue, wait_until_ended
from tests.e2e.system import System
from tests.fakes.repositories import build

pytestmark = [pytest.mark.full, pytest.mark.timeout(240)]


def test_a_solved_issue_becomes_a_case_that_replays_without_the_system(system: System) -> None:
    folder = system.folder / "evaluation"
    bug = build("meter", folder)
    with system.client() as client:
        issue = file_issue(client, bug.title, bug.body, str(bug.path))
        assert wait_until_ended(client, issue["run"]["id"])["status"] == "succeeded"
        address = f"/api/issues/{issue['key']}/"
        closed = {"status": "closed", "resolution": "Put the check back", "outcome": {"answer": "right"}}
        assert client.patch(address, json=closed).status_code == 200
        saved = client.post(f"{address}case/")
    cases = folder / "own"
    cases.mkdir()
    (cases / f"{issue['key'].lower()}.json").write_text(saved.text)
    done = system.manage("evaluate", "--cases", str(cases), "--min-right", "100", "--output", str(folder))
    assert done.returncode == 0, done.stderr
    [run] = json.loads((folder / "evaluation.json").read_text())["runs"]
    assert (run["marks"]["right"], run["coverage"], run["unrecorded"]) == (True, 1.0, [])
    exported = system.manage("export_case", issue["key"], "--output", str(folder / "again"))
    assert exported.returncode == 0, exported.stderr
    assert json.loads((folder / "again" / f"{issue['key'].lower()}.json").read_text()) == saved.json()

"""What is told of a patch and of owners follows from results of tools, whatever a model wrote."""

from __future__ import annotations

import pytest

from sahur_core.context.results import render_result
from sahur_core.evidence.ledger import Ledger
from sahur_core.issues import CodeLocation, OwnerHint, ToolCall, ToolResultStatus
from sahur_core.workflows.investigate.owners import MAX_HINTS, owner_hints
from sahur_core.workflows.investigate.patches import patch_from

SHA = "24a834bc96d30aaac85ed3d725b70c0006cdaed2"
CHECKED = {"commit": SHA, "applies": True, "diff": "diff --git a/x b/x\n", "files": [{"path": "x", "added": 1, "deleted": 0}]}
TESTED = {"command": "make test", "passed": False, "exit_code": 2, "output": "1 failed"}


def made(tool, structured=None, status=ToolResultStatus.OK, text="", limit=10_000):
    shown = render_result(text, structured, limit)
    return ToolCall(id=tool, step_id="s", tool=tool, arguments={}, status=status, text=shown, receipt_id=f"receipt of {tool}")


def test_a_patch_is_what_its_check_shows():
    patch, told = patch_from(made("code__check_patch", CHECKED), made("sandbox__test_patch", TESTED))
    assert (patch.diff, patch.commit, patch.paths) == (CHECKED["diff"], SHA, ["x"])
    assert (patch.receipt_id, told) == ("receipt of code__check_patch", [])
    assert (patch.test_run.passed, patch.test_run.exit_code, patch.test_run.output) == (False, 2, "1 failed")
    assert patch_from(None, None) == (None, [])


@pytest.mark.parametrize(
    ("check", "why"),
    [
        (made("c", CHECKED | {"applies": False, "problem": "no such line"}), "no such line"),
        (made("c", status=ToolResultStatus.ERROR, text="The clone is gone."), "The clone is gone."),
        (made("c", CHECKED | {"diff": "+line\n" * 900}, limit=2000), "too long"),
        (made("c", CHECKED | {"diff": "+key = [redacted: key]\n"}), "looks like a secret"),
    ],
)
def test_a_patch_that_cannot_be_shown_is_left_out_with_the_reason(check, why):
    patch, [told] = patch_from(check, None)
    assert patch is None
    assert why in told


@pytest.mark.parametrize(
    ("test", "told"),
    [
        (made("t", TESTED | {"passed": None}, status=ToolResultStatus.NO_DATA), []),
        (made("t", status=ToolResultStatus.ERROR, text="bubblewrap is missing."), ["bubblewrap is missing."]),
    ],
)
def test_why_a_patch_was_not_tested_is_told_unless_nobody_wanted_it(test, told):
    patch, said = patch_from(made("code__check_patch", CHECKED), test)
    assert patch.test_run is None
    assert [text.removeprefix("The patch was not tested: ") for text in said] == told


def test_code_owners_come_before_those_who_changed_it_last():
    owners = {
        "path": "x",
        "rules": [{"pattern": "*", "owners": ["@org/x", "ada"], "line": 1, "files": 1}],
        "people": [{"name": f"Person {number}", "lines": 9 - number} for number in range(9)],
    }
    places = [CodeLocation(path="x", line=4), CodeLocation(path="y")]
    hints = owner_hints(places, Ledger([made("code__owners", owners)], []))
    assert hints[:2] == [
        OwnerHint(name="@org/x", source="code_owners", paths=["x"]),
        OwnerHint(name="ada", source="code_owners", paths=["x"]),
    ]
    assert [hint.name for hint in hints[2:]] == ["Person 0", "Person 1"]
    assert len(hints) <= MAX_HINTS


def test_who_wrote_the_very_line_comes_before_who_wrote_most():
    blame = {
        "path": "x",
        "lines": [{"line": 4, "sha": "b" * 40, "text": "y"}],
        "commits": [{"sha": "a" * 40, "author": "Most"}, {"sha": "b" * 40, "author": "Line"}],
    }
    owners = {"path": "x", "rules": [], "people": [{"name": "Most"}]}
    calls = [
        made("code__blame", blame),
        made("code__owners", owners),
        made("wiki__owners", {**owners, "people": [{"name": "No"}]}),
    ]
    assert [hint.name for hint in owner_hints([CodeLocation(path="x", line=4)], Ledger(calls, []))] == ["Line"]

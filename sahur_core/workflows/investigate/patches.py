"""What became of an answer's patch: read from the results of the tools that tried it, never from what the model wrote."""

from __future__ import annotations

from typing import Any

from sahur_core.context.results import parse_result
from sahur_core.evidence.ledger import is_usable_call
from sahur_core.issues import Patch, TestRun, ToolCall, ToolResultStatus
from sahur_core.redaction.marks import has_redactions

CHECK_TOOL = "code__check_patch"
CHECKS = ("check_patch", "check_mended_patch")
"""What the calls of `CHECK_TOOL` are about: the patch of the answer, and the one after it was told what is wrong."""
TEST = "test_patch"


def patch_from(check: ToolCall | None, test: ToolCall | None) -> tuple[Patch | None, list[str]]:
    """The patch, and what people must be told of it. None without a check that says that it applies."""
    if check is None:
        return None, []
    found = result_of(check)
    if not applies(check):
        commit = str(found.get("commit", ""))[:10]
        why = str(found.get("problem", "")) or " ".join(check.text.split())[:300]
        return None, [
            f"A patch was proposed but does not apply to commit {commit or 'that was analyzed'}, so it is left out: {why}"
        ]
    if "cut" in found:
        return None, ["A patch was proposed that is too long to be shown here; its check holds all of it."]
    if has_redactions(found["diff"]):
        return None, ["A patch was proposed, but its lines hold what looks like a secret, so it is left out."]
    run, open_points = test_run_from(test)
    paths = [str(file["path"]) for file in found.get("files", [])]
    patch = Patch(diff=found["diff"], commit=found["commit"], paths=paths, receipt_id=check.receipt_id, test_run=run)
    return patch, open_points


def test_run_from(test: ToolCall | None) -> tuple[TestRun | None, list[str]]:
    """The test run, and why there is none although one was asked for. A team without a command did not ask for one."""
    if test is None or test.status is ToolResultStatus.NO_DATA:
        return None, []
    found = result_of(test)
    if not is_usable_call(test) or "passed" not in found:
        return None, [f"The patch was not tested: {' '.join(test.text.split())[:300]}"]
    run = TestRun(
        command=found["command"],
        passed=found["passed"],
        exit_code=found.get("exit_code"),
        output=found.get("output", ""),
        receipt_id=test.receipt_id,
    )
    return run, []


def applies(check: ToolCall) -> bool:
    return is_usable_call(check) and result_of(check).get("applies") is True


def result_of(made: ToolCall) -> dict[str, Any]:
    return parse_result(made.text) or {}

"""The terminal shows events quietly, and untrusted text cannot steer it."""

from __future__ import annotations

import io

import pytest

from sahur.embedded.terminal import Terminal, one_line, printable
from sahur_core import events
from sahur_core.issues import (
    Claim,
    CodeLocation,
    Evidence,
    OwnerHint,
    Patch,
    Solution,
    Stage,
    SuspectCommit,
    TestRun,
    ToolResultStatus,
    Verdict,
)


def shown(*payloads: events.EventPayload) -> str:
    stream = io.StringIO()
    terminal = Terminal(stream)
    for payload in payloads:
        terminal.show(payload)
    return stream.getvalue()


def tool_call(status: ToolResultStatus, excerpt: str = "") -> list[events.EventPayload]:
    return [
        events.StepStarted(step_id="s1", position=1, title="Reading calc.py lines 1-7"),
        events.ToolCallStarted(step_id="s1", tool_call_id="t1", tool="code__read", arguments={"path": "calc.py"}),
        events.ToolCallFinished(
            step_id="s1", tool_call_id="t1", tool="code__read", status=status, excerpt=excerpt, duration_ms=12
        ),
        events.StepFinished(step_id="s1", summary="ok, 485 characters"),
    ]


def test_a_step_of_one_tool_call_is_one_line() -> None:
    assert shown(*tool_call(ToolResultStatus.OK)) == "  ✓ Reading calc.py lines 1-7  12 ms\n"


def test_a_failed_tool_call_says_why() -> None:
    assert "no such file" in shown(*tool_call(ToolResultStatus.ERROR, "no such file"))


def test_streamed_text_is_joined_to_whole_lines() -> None:
    pieces = [events.TextStreamed(step_id="s1", text=text) for text in ("The cause ", "is here.\nAnd", " there.")]
    started = events.StepStarted(step_id="s1", position=1, title="Deciding")
    out = shown(started, *pieces, events.StepFinished(step_id="s1", summary="said"))
    assert out == "  Deciding\n    The cause is here.\n    And there.\n"


def test_evidence_is_shown_with_its_number_and_place() -> None:
    evidence = Evidence(id="e", number=3, statement="It divides", receipt_id="r", tool="code__read", path="calc.py", line=2)
    assert shown(events.EvidenceFound(evidence=evidence)) == "    [3] It divides   calc.py:2\n"


def test_a_failure_says_its_cause_and_the_next_step() -> None:
    failed = events.RunFailed(stage=Stage.ANALYZE, code="model_error", cause="The key is wrong.", next_step="Set a key.")
    out = shown(failed)
    assert "Failed: The key is wrong." in out
    assert "Set a key." in out


def test_untrusted_text_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;owned\x07red \x9b31m \u202egpj.exe [bold]x[/bold] :boom:"
    out = shown(events.MessageQueued(message_id="m", author="eve\x1b[1A", text=evil))
    assert not any(character in out for character in "\x1b\x07\x9b\u202e")
    assert "[bold]x[/bold] :boom:" in out


def test_printable_keeps_tabs_and_line_ends_only() -> None:
    assert printable("a\tb\nc\rd\x00e") == "a\tb\ncde"


def test_one_line_is_cut_where_it_is_too_long() -> None:
    assert one_line("a\n b", 10) == "a b"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"


def test_the_solution_says_where_since_when_and_why() -> None:
    stream = io.StringIO()
    Terminal(stream).solution(
        Solution(
            verdict=Verdict.CONFIRMED,
            summary="Totals are zero.",
            root_cause="total is never added to.",
            claims=[Claim(statement="It divides by total.", evidence=[1, 2])],
            locations=[CodeLocation(path="calc.py", function="report", line=7)],
            suspect_commit=SuspectCommit(sha="a" * 40, summary="Add ratio", author="ann"),
            next_step="Add to total.",
        )
    )
    out = stream.getvalue()
    for expected in (
        "CONFIRMED",
        "calc.py:7  report",
        "aaaaaaaaaaaa  Add ratio  (ann)",
        "It divides by total. [1] [2]",
        "Add to total.",
    ):
        assert expected in out


def patched(run: TestRun | None) -> str:
    """The end of an answer with a patch, as it is printed."""
    diff = "--- a/calc.py\n+++ b/calc.py\n@@ -1 +1 @@\n-total = 0\n+total = \x1b[31m1\n"
    patch = Patch(diff=diff, commit="b" * 40, paths=["calc.py"], test_run=run)
    owners = [OwnerHint(name="@org/calc", source="code_owners", paths=["calc.py"]), OwnerHint(name="Ann", source="blame")]
    stream = io.StringIO()
    solution = Solution(verdict=Verdict.LIKELY, summary="S", next_step="N", patch=patch, owners=owners, dropped_claims=2)
    Terminal(stream).solution(solution)
    return stream.getvalue()


def test_a_patch_can_be_copied_and_owners_are_named() -> None:
    out = patched(None)
    assert "\n--- a/calc.py\n+++ b/calc.py\n@@ -1 +1 @@\n-total = 0\n+total = [31m1\n" in out
    assert "@org/calc (named in CODEOWNERS for calc.py)" in out
    assert "Left out: 2 claims" in out
    assert "Tested" not in out


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (TestRun(command="make test", passed=True, exit_code=0), "make test: passed"),
        (TestRun(command="make test", passed=False, exit_code=2, output="1 failed"), "make test: failed (2)"),
        (TestRun(command="make test", passed=False), "make test: stopped at its time limit"),
    ],
)
def test_how_the_team_s_tests_ended_is_told(run: TestRun, told: str) -> None:
    out = patched(run)
    assert told in out
    assert ("1 failed" in out) is bool(run.output)

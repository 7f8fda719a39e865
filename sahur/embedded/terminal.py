"""A run's events and its solution as lines of a terminal. All text of reports, tools and models is untrusted."""

from __future__ import annotations

import re
import textwrap
from typing import TextIO

from rich.console import Console
from rich.text import Text

from sahur_core import events
from sahur_core.issues import ClaimKind, Patch, Solution, Stage, ToolResultStatus, Verdict

# Steers the terminal, or reorders what is read (Unicode bidirectional controls).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MAX_LINE = 200
_MAX_OUTPUT = 1500
"""Characters of failed tests that are shown."""
_LABEL_WIDTH = 10

STAGE_TITLES = {
    Stage.GATHER_CONTEXT: "Gathering context",
    Stage.ANALYZE: "Analyzing",
    Stage.PROPOSE_SOLUTION: "Proposing a solution",
    Stage.PUBLISH: "Publishing",
}
_STATUS_MARKS = {
    ToolResultStatus.OK: ("✓", "green"),
    ToolResultStatus.NO_DATA: ("○", "dim"),
    ToolResultStatus.ERROR: ("✗", "red"),
    ToolResultStatus.DENIED: ("⊘", "yellow"),
    ToolResultStatus.AWAITING_APPROVAL: ("?", "yellow"),
}
_VERDICT_STYLES = {Verdict.CONFIRMED: "bold green", Verdict.LIKELY: "bold yellow", Verdict.INCONCLUSIVE: "bold magenta"}
_CLAIM_LABELS = {
    ClaimKind.ROOT_CAUSE: "Because",
    ClaimKind.CONTRIBUTING_FACTOR: "Helped by",
    ClaimKind.SYMPTOM: "Seen as",
    ClaimKind.RULED_OUT: "Ruled out",
    ClaimKind.OBSERVATION: "Evidence",
}


def printable(text: str) -> str:
    """Untrusted text without what steers a terminal; tabs and line ends stay."""
    return _CONTROL.sub("", text)


def one_line(text: str, limit: int = _MAX_LINE) -> str:
    """Untrusted text on one line, cut to `limit` characters."""
    flat = " ".join(printable(text).split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


class Terminal:
    """Prints events as they come, one line for each thing done. Without a terminal the same lines come out plain."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._titles: dict[str, str] = {}
        """Titles of started steps that are not printed yet: a step that is one tool call takes only one line."""
        self._shown: set[str] = set()
        """Steps that need no summary: their own lines said it."""
        self._streamed = ""

    @property
    def is_interactive(self) -> bool:
        return self._console.is_terminal

    def line(self, text: str, style: str = "", indent: int = 0) -> None:
        """One line of our own words or of untrusted ones."""
        self._console.print(Text(" " * indent + printable(text), style=style))

    def show(self, payload: events.EventPayload) -> None:
        """Print one event; kinds that say nothing to a reader print nothing."""
        if not isinstance(payload, events.TextStreamed):
            self._end_streaming()
        match payload:
            case events.RunQueued():
                self.line(f"Run {payload.number}, asked for by {one_line(payload.asked_by)}", "bold")
            case events.StageStarted():
                self.line(f"── {STAGE_TITLES[payload.stage]}", "bold cyan")
            case events.StepStarted():
                self._titles[payload.step_id] = payload.title
            case events.StepFinished():
                self._finish_step(payload)
            case events.TextStreamed():
                self._show_title(payload.step_id)
                self._stream(payload.text)
            case events.ToolCallFinished():
                self._show_tool_call(payload)
            case events.EvidenceFound():
                found = payload.evidence
                place = f"   {one_line(found.path)}{f':{found.line}' if found.line else ''}" if found.path else ""
                self.line(f"[{found.number}] {one_line(found.statement)}{place}", "green", indent=4)
            case _:
                self._show_talk(payload)

    def _show_title(self, step_id: str) -> None:
        if title := self._titles.pop(step_id, ""):
            self.line(one_line(title), indent=2)
        self._shown.add(step_id)

    def _finish_step(self, payload: events.StepFinished) -> None:
        if payload.step_id in self._shown:
            return
        self._show_title(payload.step_id)
        if payload.summary:
            self.line(one_line(payload.summary), "dim", indent=4)

    def _show_talk(self, payload: events.EventPayload) -> None:
        """Events about people, trouble, and the end."""
        match payload:
            case events.NoticeRaised():
                mark, style = {"info": ("·", "dim"), "warning": ("!", "yellow"), "error": ("!", "red")}[payload.level]
                self.line(one_line(f"{mark} {payload.message} {payload.next_step}", 600), style, indent=4)
            case events.AttemptRestarted():
                self.line(
                    f"! The worker of attempt {payload.lost_attempt} was lost: another one goes on from here", "yellow", indent=4
                )
            case events.MessageQueued():
                self.line(one_line(f"{payload.author}: {payload.text}"), "blue", indent=4)
            case events.MessageMadeUrgent():
                self.line(one_line(f"{payload.asked_by} wants it used now"), "blue", indent=4)
            case events.MessageEdited():
                self.line(one_line(f"in other words: {payload.text}"), "blue", indent=4)
            case events.MessageWithdrawn():
                self.line("the message above is taken back: nobody has read it", "blue", indent=4)
            case events.MessageTakenIn():
                self.line("the message above is taken in", "dim", indent=4)
            case events.InputRequested():
                request = payload.input_request
                self.line(one_line(f"? {request.prompt}"), "bold yellow", indent=4)
            case events.InputAnswered():
                self.line(one_line(f"{payload.answered_by}: {payload.decision} {payload.answer}"), "blue", indent=4)
            case events.InputExpired():
                self.line(one_line(f"Nobody answered in time: {payload.default}"), "yellow", indent=4)
            case events.StopRequested():
                self.line(one_line(f"{payload.asked_by} asked to stop"), "yellow", indent=4)
            case events.RunFailed():
                self.line(f"Failed: {one_line(payload.cause, 600)}", "bold red")
                self.line(one_line(payload.next_step, 600), indent=2)
            case events.RunCanceled():
                self.line(f"Stopped by {one_line(payload.asked_by)}", "bold yellow")
                for fact in payload.facts:
                    self.line(f"· {one_line(fact)}", indent=2)

    def _show_tool_call(self, payload: events.ToolCallFinished) -> None:
        mark, style = _STATUS_MARKS[payload.status]
        line = Text(f"  {mark} ", style=style)
        line.append(one_line(self._titles.pop(payload.step_id, payload.tool)), style="")
        line.append(f"  {payload.duration_ms} ms", style="dim")
        self._console.print(line)
        self._shown.add(payload.step_id)
        if payload.status in (ToolResultStatus.ERROR, ToolResultStatus.DENIED):
            self.line(one_line(payload.excerpt), "red", indent=6)

    def _stream(self, text: str) -> None:
        *lines, self._streamed = (self._streamed + text).split("\n")
        for line in lines:
            self.line(line, "dim italic", indent=4)

    def _end_streaming(self) -> None:
        if self._streamed.strip():
            self.line(self._streamed, "dim italic", indent=4)
        self._streamed = ""

    def solution(self, solution: Solution) -> None:
        """The answer: what, where, since when, what to do, and on which evidence."""
        self._end_streaming()
        self.line("")
        self.line(f"══ {solution.verdict.upper()}", _VERDICT_STYLES[solution.verdict])
        self._paragraph("", solution.summary)
        self._paragraph("Cause", solution.root_cause)
        for location in solution.locations:
            place = f"{location.path}:{location.line}" if location.line else location.path
            self._paragraph("Where", f"{place}  {location.function}")
        if (commit := solution.suspect_commit) is not None:
            self._paragraph("Commit", f"{commit.sha[:12]}  {commit.summary}  ({commit.author})")
        for claim in solution.claims:
            self._paragraph(
                _CLAIM_LABELS[claim.kind], f"{claim.statement} {' '.join(f'[{number}]' for number in claim.evidence)}"
            )
        for statement in solution.unresolved:
            self._paragraph("Open", statement)
        for statement in solution.would_decide:
            self._paragraph("To decide", statement)
        self._paragraph("Fix", solution.proposed_fix)
        if solution.patch is not None:
            self._patch(solution.patch)
        self._paragraph("Next", solution.next_step)
        for owner in solution.owners:
            knows = "named in CODEOWNERS for" if owner.source == "code_owners" else "changed it last:"
            self._paragraph("May know", f"{owner.name} ({knows} {', '.join(owner.paths)})")
        if solution.dropped_claims:
            self._paragraph("", f"Left out: {solution.dropped_claims} claims that no usable evidence backs.")
        if not solution.used_llm:
            self._paragraph("", "Found by rules, without a language model (README: how to connect one).")

    def _patch(self, patch: Patch) -> None:
        """The diff as it is, so that it can be copied into `git apply`, and what the team's tests say of it."""
        self._paragraph("Patch", f"applies to {patch.commit[:12]}")
        for line in printable(patch.diff).splitlines():
            style = {"+": "green", "-": "red"}.get(line[:1], "")
            self._console.print(Text(line, style="" if line.startswith(("+++", "---")) else style))
        if (run := patch.test_run) is None:
            return
        ended = "passed" if run.passed else "stopped at its time limit" if run.exit_code is None else f"failed ({run.exit_code})"
        self._paragraph("Tested", f"{run.command}: {ended}, in the sandbox and with the patch")
        if not run.passed:
            self._paragraph("", run.output[-_MAX_OUTPUT:])

    def _paragraph(self, label: str, text: str) -> None:
        """A label and its text; in a terminal the text is wrapped beside the label."""
        width = max(self._console.width - _LABEL_WIDTH - 3, 40) if self.is_interactive else 0
        lines = printable(text).strip().splitlines()
        wrapped = [part for line in lines for part in (textwrap.wrap(line, width) if width else [line]) or [""]]
        indent = _LABEL_WIDTH if label else 0
        for number, line in enumerate(wrapped):
            heading = f"{label if number == 0 else '':<{indent}}"
            self._console.print(Text.assemble(("  " + heading, "bold"), line))

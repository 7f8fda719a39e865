"""The card of a run: where it stands, what it does, what it holds possible, and how to stop it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sahur.issues import models
from sahur.slack.blocks.actions import OPEN_PAGE, SEPARATE, STOP_RUN
from sahur.slack.blocks.block_kit import Block, Post, context, cut, fallback, plain_text, section
from sahur.slack.blocks.hypotheses import hypothesis_line
from sahur.slack.blocks.plan import plain_plan, plan, step_words
from sahur.slack.markup import escape
from sahur.slack.progress import Progress, Said
from sahur_core.issues import ForkKind, Hypothesis, RunStatus, Severity, Stage

STATUS_LINES = {
    RunStatus.QUEUED: ":hourglass_flowing_sand: Waiting for a free worker",
    RunStatus.RUNNING: ":mag: Investigating",
    RunStatus.WAITING: ":raising_hand: Waiting for an answer",
    RunStatus.SUCCEEDED: ":white_check_mark: Done",
    RunStatus.FAILED: ":warning: Failed",
    RunStatus.CANCELED: ":no_entry_sign: Stopped",
}
STAGE_LINES = {
    Stage.GATHER_CONTEXT: "gathering context",
    Stage.ANALYZE: "analyzing",
    Stage.PROPOSE_SOLUTION: "drawing conclusions",
    Stage.PUBLISH: "writing the answer",
}
SEVERITIES = {
    Severity.CRITICAL: ":rotating_light: Critical",
    Severity.HIGH: ":small_red_triangle: High severity",
    Severity.MEDIUM: "Medium severity",
    Severity.LOW: "Low severity",
}


@dataclass(frozen=True)
class Undone:
    """The run had joined another issue, until somebody undid that. `goes_on`: its issue has a further run."""

    key: str
    by: str
    goes_on: bool


@dataclass(frozen=True)
class Shown:
    """What a thread's readers may see of a run, besides its row. Without a title the report is none of their business."""

    title: str
    progress: Progress = field(default_factory=Progress)
    hypothesis: Hypothesis | None = None
    said: Said = field(default_factory=Said)
    offered: str = ""
    """The key of the issue that it may be the same as, while people are asked."""
    stopped_by: str = ""
    """Who stopped it."""
    is_short: bool = False
    """Whether of the issue that it has joined only the result is told here; then `told_at` is the thread that tells all."""
    told_at: str = ""
    undone: Undone | None = None


def card(run: models.Run, shown: Shown) -> Post:
    """Where the run stands, and what it holds possible until there is an answer; posted once and edited in place."""
    if run.issue.joined is not None and run.status == RunStatus.CANCELED:
        return _joined(run, run.issue.joined, shown)
    if shown.undone is not None:
        return _separated(run, shown.title, shown.undone)
    is_live = not RunStatus(run.status).is_terminal
    if shown.offered and is_live:
        return _offered(run, shown)
    head, tail = [_head(run, shown.title), section(_status(run, shown))], []
    if shown.hypothesis is not None and is_live:
        tail.append(section(hypothesis_line(shown.hypothesis)))
    tail.append(context(f"{_said(shown.said)}{_origin(run)}{_hint(run)}"))
    tail.append(_buttons(run, is_live=is_live))
    return Post(
        text=fallback(f"{run.issue.key} {shown.title}".strip()),
        blocks=[*head, plan(run, shown.progress), *tail],
        plain=[*head, plain_plan(run, shown.progress), *tail],
        address=page_of(run),
    )


def elsewhere(run: models.Run, issue: models.Issue) -> Post:
    """The thread tells another issue now."""
    text = f"This thread tells <{issue.address}|{issue.key}> now, and {run.issue.key} no more."
    told = fallback(f"This thread tells {issue.key} now, and {run.issue.key} no more")
    return Post(text=told, blocks=[section(text)], address=issue.address)


def still_waiting(run: models.Run) -> Post:
    """Nobody has begun the run for long."""
    text = f"{STATUS_LINES[RunStatus.QUEUED]} still, since {ago(run.created_at)}: all are busy, or none is running."
    blocks = [section(text), context(f"{name_of(run)} begins by itself as soon as one is free.")]
    return Post(text=fallback(f"{run.issue.key} is still waiting for a free worker"), blocks=blocks, address=page_of(run))


def page_of(run: models.Run) -> str:
    """The run's page."""
    return f"{run.issue.address}?run={run.number}"


def name_of(run: models.Run) -> str:
    return f"{run.issue.key} run {run.number}"


def took(run: models.Run) -> str:
    """`4 min`, of a run that has ended; empty for one that nobody began."""
    if run.started_at is None or run.ended_at is None:
        return ""
    seconds = max(int((run.ended_at - run.started_at).total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def ago(at: datetime) -> str:
    """Slack moves it on by itself: https://docs.slack.dev/messaging/formatting-message-text#date-formatting."""
    return f"<!date^{int(at.timestamp())}^{{ago}}|{at:%Y-%m-%d %H:%M} UTC>"


def _head(run: models.Run, title: str) -> Block:
    severity = f"  ·  {SEVERITIES[Severity(run.issue.severity)]}" if run.issue.severity else ""
    return section(f"*<{page_of(run)}|{run.issue.key}>*  {escape(title)}{severity}")


def _status(run: models.Run, shown: Shown) -> str:
    status, progress = RunStatus(run.status), shown.progress
    if status.is_terminal:
        by = f" by {escape(cut(shown.stopped_by, 100))}" if shown.stopped_by else ""
        time = f"; it took {took(run)}" if took(run) else ""
        return f"{STATUS_LINES[status]}{by}{time}"
    if run.started_at is None and status is not RunStatus.WAITING:
        return f"{STATUS_LINES[RunStatus.QUEUED]}, reported {ago(run.created_at)}"
    line = STATUS_LINES[status]
    if status in (RunStatus.QUEUED, RunStatus.RUNNING):
        line = f"{STATUS_LINES[RunStatus.RUNNING]}: {STAGE_LINES[Stage(run.stage)]}"
    now = f"\nNow: {escape(step_words(progress.current))}" if progress.current and status is RunStatus.RUNNING else ""
    return f"{line}  ·  begun {ago(run.started_at or run.created_at)}{now}"


def _said(said: Said) -> str:
    """`2 messages taken in, 1 waiting. `"""
    counts = [(said.taken_in, "taken in"), (said.waiting, "waiting"), (said.carried_over, "kept for the next run")]
    told = [f"{count} {what}" for count, what in counts if count]
    if not told:
        return ""
    first = told[0].split(" ", 1)
    noun = "message" if first[0] == "1" else "messages"
    return f"{', '.join([f'{first[0]} {noun} {first[1]}', *told[1:]])}. "


def _hint(run: models.Run) -> str:
    return name_of(run) if RunStatus(run.status).is_terminal else "Reply here to add something; :x: stops it."


def _origin(run: models.Run) -> str:
    """Which run this one goes on from; empty for one that begins at the report."""
    if run.forked_from is None:
        return ""
    way = "Resumed from" if run.fork_kind == ForkKind.RESUME else "Branched from"
    return f"{way} run {run.forked_from.number}. "


def _buttons(run: models.Run, *, is_live: bool) -> Block:
    elements = [open_button(run)]
    if is_live:
        elements.append(
            {
                "type": "button",
                "action_id": STOP_RUN,
                "value": str(run.id),
                "style": "danger",
                "text": plain_text("Stop"),
                "confirm": {
                    "title": plain_text("Stop this investigation?"),
                    "text": plain_text("What was found until then is told here. It can be resumed on its page."),
                    "confirm": plain_text("Stop it"),
                    "deny": plain_text("Keep it running"),
                    "style": "danger",
                },
            }
        )
    return {"type": "actions", "block_id": f"run:{run.id}", "elements": elements}


def open_button(run: models.Run) -> Block:
    return {
        "type": "button",
        "action_id": OPEN_PAGE,
        "value": str(run.id),
        "url": page_of(run),
        "text": plain_text("Open in SAHUR"),
    }


def _offered(run: models.Run, shown: Shown) -> Post:
    """Nothing is done yet: the message below asks whether it is the same as another issue."""
    asks = f":link: Waiting: the same problem as {escape(shown.offered)}? The message below asks."
    blocks = [_head(run, shown.title), section(asks), _buttons(run, is_live=False)]
    return Post(text=fallback(f"{run.issue.key} {shown.title}".strip()), blocks=blocks, address=page_of(run))


def _joined(run: models.Run, other: models.Issue, shown: Shown) -> Post:
    """The same problem is investigated as another issue, which is told in this thread from now on."""
    button = {"type": "button", "action_id": SEPARATE, "value": str(run.issue_id), "text": plain_text("Investigate by itself")}
    told = "what is found there is told in this thread."
    if shown.is_short:
        there = f"<{shown.told_at}|in its own thread>" if shown.told_at else "on its page"
        told = f"all of it is told {there}, and here how it ended."
    blocks = [
        section(f"*<{page_of(run)}|{run.issue.key}>*  {escape(shown.title)}"),
        section(f":link: Joined <{other.address}|{other.key}>: {told}"),
        {"type": "actions", "block_id": f"run:{run.id}", "elements": [button]},
    ]
    return Post(text=fallback(f"{run.issue.key} joined {other.key}"), blocks=blocks, address=other.address)


def _separated(run: models.Run, title: str, undone: Undone) -> Post:
    """It is no part of another issue any more."""
    what = "it is investigated by itself, as the card below tells." if undone.goes_on else "mention me here to investigate it."
    told = f":leftwards_arrow_with_hook: Joining {escape(undone.key)} was undone by {escape(cut(undone.by, 100))}: {what}"
    blocks = [_head(run, title), section(told), _buttons(run, is_live=False)]
    return Post(text=fallback(f"{run.issue.key}: joining {undone.key} was undone"), blocks=blocks, address=page_of(run))

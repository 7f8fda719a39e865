"""What our messages in Slack say: where a run stands, what it asks, and how it ended."""

from __future__ import annotations

from sahur.issues import models
from sahur.slack.blocks.block_kit import MAX_BLOCKS, Post, context, fallback, header, listing, part, section
from sahur.slack.blocks.hypotheses import hypothesis_line
from sahur.slack.blocks.solution import solution_blocks
from sahur.slack.markup import escape
from sahur_core.events import RunCanceled
from sahur_core.issues import ForkKind, Hypothesis, RunStatus, Solution, Stage

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


def card(run: models.Run, hypothesis: Hypothesis | None = None) -> Post:
    """Where the run stands, and what it holds possible until there is an answer; posted once and updated in place."""
    status = RunStatus(run.status)
    line = STATUS_LINES[status]
    if status in (RunStatus.QUEUED, RunStatus.RUNNING) and run.started_at:
        line = f"{STATUS_LINES[RunStatus.RUNNING]}: {STAGE_LINES[Stage(run.stage)]}"
    hint = "Reply here to add something; react with :x: or say *stop* to stop." if not status.is_terminal else _run_name(run)
    blocks = [section(f"*<{run.issue.address}|{run.issue.key}>*  {escape(run.issue.title)}"), section(line)]
    if hypothesis is not None and not status.is_terminal:
        blocks.append(section(hypothesis_line(hypothesis)))
    blocks.append(context(f"{_origin(run)}{hint}"))
    return Post(text=fallback(f"{run.issue.key} {run.issue.title}"), blocks=blocks)


def answer(run: models.Run, solution: Solution | None, canceled: RunCanceled | None = None) -> Post:
    """How the run ended, and what it found; `canceled` where a person stopped it."""
    status = RunStatus(run.status)
    if status == RunStatus.FAILED:
        return _failed(run)
    if solution is None:
        return _stopped(run, canceled)
    origin = _run_name(run) if solution.used_llm else f"{_run_name(run)}. No language model was used."
    blocks = [header(f"{run.issue.key}: {solution.summary}"), *solution_blocks(solution)]
    # What was left out for want of room is on the page, so the way there always stays.
    blocks = [*blocks[: MAX_BLOCKS - 1], context(f"{origin} {_link(run.issue)}")]
    return Post(text=fallback(f"{run.issue.key}: {solution.summary}"), blocks=blocks)


def _failed(run: models.Run) -> Post:
    cause = str(run.failure.get("cause", "")) or "The run failed."
    next_step = str(run.failure.get("next_step", ""))
    blocks = [section(f"{STATUS_LINES[RunStatus.FAILED]}"), *part("Why", cause), *part("Next step", next_step)]
    blocks.append(context(f"{_run_name(run)} {_link(run.issue)}"))
    return Post(text=fallback(f"{run.issue.key} failed: {cause}"), blocks=blocks)


def _stopped(run: models.Run, canceled: RunCanceled | None) -> Post:
    """With what was known by then, so that stopping loses nothing."""
    by = f" by {escape(canceled.asked_by)}" if canceled and canceled.asked_by else ""
    blocks = [section(f"{STATUS_LINES[RunStatus.CANCELED]}{by}, before there was an answer.")]
    if canceled is not None:
        blocks += listing("Found until then", canceled.facts)
        blocks += listing("Held possible, not proven", canceled.hypotheses)
        blocks += part("It was about to", canceled.would_look_at)
    blocks.append(context(f"{_run_name(run)} {_link(run.issue)}. It can be resumed there."))
    return Post(text=fallback(f"Stopped before there was an answer. {_run_name(run)}"), blocks=blocks)


def _origin(run: models.Run) -> str:
    """Which run this one goes on from; empty for one that begins at the report."""
    if run.forked_from is None:
        return ""
    way = "Resumed from" if run.fork_kind == ForkKind.RESUME else "Branched from"
    return f"{way} run {run.forked_from.number}. "


def _run_name(run: models.Run) -> str:
    return f"{run.issue.key} run {run.number}"


def _link(issue: models.Issue) -> str:
    return f"<{issue.address}|Steps and evidence>"

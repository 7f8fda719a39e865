"""The stages of a run with their live steps: as Slack's plan block, and in plain words for workspaces without it.

https://docs.slack.dev/reference/block-kit/blocks/plan-block. The block keeps its id through all edits: else Slack would
close a plan that a reader has opened. What is in it is literal text, of which Slack makes no mention and no link.
"""

from __future__ import annotations

from typing import Any

from slack_sdk.models.blocks import PlanBlock, TaskCardBlock

from sahur.issues import models
from sahur.slack.blocks.block_kit import Block, cut, section
from sahur.slack.markup import escape, without_links
from sahur.slack.progress import Progress, Step
from sahur_core.issues import RunStatus, Stage

STEP_CHARS = 120
SUMMARY_CHARS = 160
LIVE_STEPS = 6
"""Steps that are shown of the stage under way, the newest ones."""
PAST_STEPS = 3
STAGE_TITLES = {
    Stage.GATHER_CONTEXT: "Gather context",
    Stage.ANALYZE: "Analyze",
    Stage.PROPOSE_SOLUTION: "Draw conclusions",
    Stage.PUBLISH: "Write the answer",
}
PENDING, IN_PROGRESS, COMPLETE, ERROR = "pending", "in_progress", "complete", "error"
SIGNS = {PENDING: "○", IN_PROGRESS: "▸", COMPLETE: "✓", ERROR: "✗"}


def plan(run: models.Run, progress: Progress) -> Block:
    """`progress` may be empty, where the readers may see no more than the stages."""
    tasks = [_task(run, stage, progress.steps.get(stage, [])) for stage in Stage]
    return dict(PlanBlock(block_id=f"plan:{run.id}", title=plan_title(run, progress), tasks=tasks).to_dict())


def plain_plan(run: models.Run, progress: Progress) -> Block:
    lines = []
    for stage in Stage:
        status = status_of(run, stage)
        lines.append(f"{SIGNS[status]} {STAGE_TITLES[stage]}")
        shown, left_out = _shown(progress.steps.get(stage, []), status)
        lines += [f"      {escape(_line(step, status))}" for step in shown] if status in (IN_PROGRESS, ERROR) else []
        lines += [f"      {_more(left_out)}"] if left_out and status == IN_PROGRESS else []
    return section("\n".join(lines))


def plan_title(run: models.Run, progress: Progress) -> str:
    steps = f"{progress.count} {'step' if progress.count == 1 else 'steps'}"
    if RunStatus(run.status).is_terminal:
        return f"Investigation: {steps}" if progress.count else "Investigation"
    return f"Investigating: {steps} so far" if progress.count else "Investigating"


def status_of(run: models.Run, stage: Stage) -> str:
    """In Slack's words for a task."""
    status, current = RunStatus(run.status), Stage(run.stage)
    order = list(Stage)
    if status is RunStatus.SUCCEEDED or order.index(stage) < order.index(current):
        return COMPLETE
    if stage is not current or run.started_at is None:
        return PENDING
    return ERROR if status.is_terminal else IN_PROGRESS


def _task(run: models.Run, stage: Stage, steps: list[Step]) -> TaskCardBlock:
    status = status_of(run, stage)
    shown, left_out = _shown(steps, status)
    details = _rich_text([_line(step, status) for step in shown], _more(left_out)) if shown else None
    return TaskCardBlock(task_id=stage.value, title=STAGE_TITLES[stage], status=status, details=details)


def _shown(steps: list[Step], status: str) -> tuple[list[Step], int]:
    """The newest steps, and how many others there are."""
    kept = steps[-(PAST_STEPS if status == COMPLETE else LIVE_STEPS) :]
    return kept, len(steps) - len(kept)


def _more(left_out: int) -> str:
    return f"and {left_out} more {'step' if left_out == 1 else 'steps'} on the page" if left_out else ""


def step_words(step: Step) -> str:
    """`Look into it: code__search`; short, and nothing in it that Slack would make more of than text."""
    return cut(_one_line(step.title) or "A step", STEP_CHARS) + (f": {cut(_one_line(step.call), 80)}" if step.call else "")


def _line(step: Step, status: str) -> str:
    """`status` is its stage's: nothing goes on in one that has ended."""
    if not step.is_finished:
        return (
            f"{SIGNS[IN_PROGRESS]} {step_words(step)}"
            if status == IN_PROGRESS
            else f"{SIGNS[ERROR]} {step_words(step)} (broken off)"
        )
    came = cut(_one_line(step.summary), SUMMARY_CHARS)
    calls = f"{step.calls} {'call' if step.calls == 1 else 'calls'}" if step.calls else ""
    failed = f", {step.failed_calls} failed" if step.failed_calls else ""
    told = ": ".join(part for part in (cut(_one_line(step.title), STEP_CHARS) or "A step", came) if part)
    return f"{SIGNS[COMPLETE]} {told}" + (f" ({calls}{failed})" if calls else "")


def _one_line(text: str) -> str:
    return without_links(" ".join(text.split()))


def _rich_text(lines: list[str], more: str) -> dict[str, Any]:
    said = "\n".join([*lines, *([more] if more else [])])
    text = {"type": "rich_text_section", "elements": [{"type": "text", "text": said}]}
    return {"type": "rich_text", "elements": [text]}

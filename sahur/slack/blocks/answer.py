"""How a run ended: its answer, in as many messages as that needs, or why there is none."""

from __future__ import annotations

from sahur.issues import models
from sahur.slack.blocks.block_kit import Block, Post, brief, context, fallback, header, headline, listing, part, section
from sahur.slack.blocks.card import STAGE_LINES, STATUS_LINES, name_of, open_button, page_of, took
from sahur.slack.blocks.citations import Citations
from sahur.slack.blocks.feedback import feedback_blocks
from sahur.slack.blocks.solution import VERDICTS, solution_blocks
from sahur.slack.markup import escape
from sahur_core.events import RunCanceled
from sahur_core.issues import RunStatus, Solution, Stage

MAX_BLOCKS = 40
"""Of one message; Slack takes 50."""
MAX_CHARS = 12_000
"""Of one message's blocks; longer ones Slack folds, or refuses."""
MAX_MESSAGES = 4
SHORT_CHARS = 200
GO_ON = "It can be resumed on its page, with what it had by then; mention me here to start a new one."


def answer(
    run: models.Run,
    solution: Solution | None,
    canceled: RunCanceled | None = None,
    citations: Citations | None = None,
    *,
    title: str = "",
) -> list[Post]:
    """How the run ended, and what it found, as messages in their order; `canceled` where a person stopped it.

    `title` is the issue's, where the thread's readers may see it.
    """
    if RunStatus(run.status) == RunStatus.FAILED:
        return [_failed(run)]
    if solution is None:
        return [_stopped(run, canceled)]
    name = f"{run.issue.key}: {headline(title)}" if title else run.issue.key
    blocks = [header(name), *solution_blocks(solution, citations or Citations())]
    chunks = split(blocks)
    text = fallback(f"{run.issue.key}: {solution.summary}")
    return [_message(run, solution, chunk, number, len(chunks), text) for number, chunk in enumerate(chunks, start=1)]


def short_answer(run: models.Run, solution: Solution | None, canceled: RunCanceled | None = None, *, told_at: str = "") -> Post:
    """How the run ended in one line, for who reads all of it elsewhere: `told_at` is the thread, empty for the page."""
    if RunStatus(run.status) == RunStatus.FAILED:
        ended = f"{STATUS_LINES[RunStatus.FAILED]}: {escape(headline(str(run.failure.get('cause', '')) or 'there is no answer'))}"
    elif solution is None:
        ended = f"{STATUS_LINES[RunStatus.CANCELED]}{_by(canceled)}, before there was an answer"
    else:
        sign = VERDICTS[solution.verdict].partition(":")[0]
        ended = f"{sign}: {escape(headline(solution.root_cause or solution.summary, SHORT_CHARS))}"
    link = f"<{told_at or page_of(run)}|{run.issue.key}: all of it>"
    text = fallback(f"{run.issue.key}: {solution.summary if solution else STATUS_LINES[RunStatus(run.status)]}")
    return Post(text=text, blocks=[section(f"{ended}  ·  {link}")], address=page_of(run))


def split(blocks: list[Block]) -> list[list[Block]]:
    """In messages that Slack takes, none of which ends within a section. What is beyond the last is on the page, and told."""
    chunks: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        length = size_of(block)
        if chunks[-1] and (len(chunks[-1]) >= MAX_BLOCKS or size + length > MAX_CHARS):
            chunks.append([])
            size = 0
        chunks[-1].append(block)
        size += length
    return _at_most(chunks, MAX_MESSAGES)


def _at_most(chunks: list[list[Block]], count: int) -> list[list[Block]]:
    if len(chunks) <= count:
        return chunks
    return [*chunks[: count - 1], [*chunks[count - 1], section("_The rest is on the page: it is too long for Slack._")]]


def size_of(block: Block) -> int:
    """Characters of its text."""
    return len(block.get("text", {}).get("text", "")) + sum(len(str(each.get("text", ""))) for each in block.get("elements", []))


def _message(run: models.Run, solution: Solution, chunk: list[Block], number: int, count: int, text: str) -> Post:
    of = f"  ·  {number} of {count}" if count > 1 else ""
    if number < count:
        blocks = [*chunk, context(f"{name_of(run)}{of}: it goes on below")]
        return Post(text=text, blocks=blocks, address=page_of(run))
    body = [*chunk, context(f"{_footer(run, solution)}{of}")]
    return Post(
        text=text,
        blocks=[*body, *_with_page(run, feedback_blocks(run.id))],
        plain=[*body, *_with_page(run, feedback_blocks(run.id, is_plain=True))],
        address=page_of(run),
    )


def _with_page(run: models.Run, blocks: list[Block]) -> list[Block]:
    """The way to the page, in the last row of buttons."""
    row = blocks[-1]
    return [*blocks[:-1], {**row, "elements": [*row["elements"], open_button(run)]}]


def _footer(run: models.Run, solution: Solution) -> str:
    """`SAH-12 run 1  ·  4 min  ·  $0.12  ·  anthropic:claude-…`"""
    used = solution.usage if solution.usage.model else None
    told = [name_of(run), took(run), _cost(run)]
    calls = run.usage.get("tool_calls")
    told.append(f"{calls} tool calls" if calls else "")
    told.append(escape(used.model if used else run.model) if solution.used_llm else "No language model was used")
    return "  ·  ".join(part for part in told if part)


def _cost(run: models.Run) -> str:
    """What is known of it; empty where nothing was to be paid."""
    known, unpriced = float(run.usage.get("known_cost_usd") or 0), int(run.usage.get("unpriced_calls") or 0)
    if unpriced:
        return f"at least ${known:.2f}, some prices are not known" if known else "price not known"
    return f"${known:.2f}" if known >= 0.005 else "under $0.01" if known else ""


def _failed(run: models.Run) -> Post:
    cause = str(run.failure.get("cause", "")) or "The run failed."
    stage = run.failure.get("stage")
    when = f" while {STAGE_LINES[Stage(stage)]}" if stage else ""
    blocks = [section(f"{STATUS_LINES[RunStatus.FAILED]}{when}, before there was an answer.")]
    blocks += part("Why", cause)
    blocks += part("Next step", str(run.failure.get("next_step", "")))
    return _end(run, f"{run.issue.key} failed: {cause}", blocks)


def _stopped(run: models.Run, canceled: RunCanceled | None) -> Post:
    """With what was known by then, so that stopping loses nothing."""
    blocks = [section(f"{STATUS_LINES[RunStatus.CANCELED]}{_by(canceled)}, before there was an answer.")]
    if canceled is not None:
        blocks += listing("Found until then", canceled.facts)
        blocks += listing("Held possible, not proven", canceled.hypotheses)
        blocks += part("It was about to", canceled.would_look_at)
    return _end(run, f"Stopped before there was an answer. {name_of(run)}", blocks)


def _by(canceled: RunCanceled | None) -> str:
    return f" by {escape(brief(canceled.asked_by, 100))}" if canceled and canceled.asked_by else ""


def _end(run: models.Run, text: str, blocks: list[Block]) -> Post:
    time = f"  ·  {took(run)}" if took(run) else ""
    tail = context(f"{name_of(run)}{time}  ·  {GO_ON}")
    blocks = [*_at_most(split(blocks), 1)[0], tail]
    page = {"type": "actions", "block_id": f"page:{run.id}", "elements": [open_button(run)]}
    return Post(text=fallback(text), blocks=[*blocks, page], address=page_of(run))

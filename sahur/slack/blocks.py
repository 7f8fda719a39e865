"""What our messages in Slack look like, as Block Kit.

Limits (https://docs.slack.dev/reference/block-kit/blocks): 3,000 characters in a section, 150 in a header, 50 blocks.
All text from outside is escaped; `verbatim` keeps Slack from making links of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sahur.issues import models
from sahur.slack.markup import escape
from sahur_core.issues import ClaimKind, RunStatus, Solution, Stage, Verdict

Block = dict[str, Any]

SECTION_CHARS = 3_000
HEADER_CHARS = 150
FALLBACK_CHARS = 3_000
MAX_BLOCKS = 50
LIST_ITEMS = 8

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
CLAIM_TITLES = {
    ClaimKind.ROOT_CAUSE: "Why",
    ClaimKind.CONTRIBUTING_FACTOR: "Contributing factors",
    ClaimKind.SYMPTOM: "Symptoms",
    ClaimKind.OBSERVATION: "Evidence",
    ClaimKind.RULED_OUT: "Ruled out",
}
VERDICTS = {
    Verdict.CONFIRMED: ":large_green_circle: Confirmed",
    Verdict.LIKELY: ":large_yellow_circle: Likely",
    Verdict.INCONCLUSIVE: ":white_circle: Inconclusive",
}


@dataclass(frozen=True)
class Post:
    """A message: its blocks, and the text that notifications and screen readers use."""

    text: str
    blocks: list[Block]


def card(run: models.Run) -> Post:
    """Where the run stands; posted once and updated in place."""
    status = RunStatus(run.status)
    line = STATUS_LINES[status]
    if status in (RunStatus.QUEUED, RunStatus.RUNNING) and run.started_at:
        line = f"{STATUS_LINES[RunStatus.RUNNING]}: {STAGE_LINES[Stage(run.stage)]}"
    hint = "Reply here to add something; react with :x: or say *stop* to stop." if not status.is_terminal else _run_name(run)
    blocks = [
        _section(f"*<{run.issue.address}|{run.issue.key}>*  {escape(run.issue.title)}"),
        _section(line),
        _context(hint),
    ]
    return Post(text=_fallback(f"{run.issue.key} {run.issue.title}"), blocks=blocks)


def answer(run: models.Run, solution: Solution | None) -> Post:
    """How the run ended, and what it found."""
    status = RunStatus(run.status)
    if status == RunStatus.FAILED:
        return _failed(run)
    if solution is None:
        text = f"Stopped before there was an answer. {_run_name(run)}"
        return Post(text=_fallback(text), blocks=[_section(f"{STATUS_LINES[RunStatus.CANCELED]}. {_link(run.issue)}")])
    blocks = [_header(f"{run.issue.key}: {solution.summary}"), _section(VERDICTS[solution.verdict])]
    blocks += _part("What is going on", solution.summary)
    blocks += _part("Root cause", solution.root_cause)
    blocks += _part("Where", _places(solution))
    for kind, title in CLAIM_TITLES.items():
        claims = solution.claims_of(kind)
        blocks += _list(title, [f"{claim.statement} {_citations(claim.evidence)}".strip() for claim in claims])
    blocks += _list("Still open", solution.unresolved)
    blocks += _list("What would decide it", solution.would_decide)
    if solution.proposed_fix:
        blocks.append(_section(f"*Proposed fix*\n{_code(solution.proposed_fix)}"))
    blocks += _part("Next step", solution.next_step)
    origin = _run_name(run) if solution.used_llm else f"{_run_name(run)}. No language model was used."
    blocks.append(_context(f"{origin} {_link(run.issue)}"))
    return Post(text=_fallback(f"{run.issue.key}: {solution.summary}"), blocks=blocks[:MAX_BLOCKS])


def _failed(run: models.Run) -> Post:
    cause = str(run.failure.get("cause", "")) or "The run failed."
    next_step = str(run.failure.get("next_step", ""))
    blocks = [_section(f"{STATUS_LINES[RunStatus.FAILED]}"), *_part("Why", cause), *_part("Next step", next_step)]
    blocks.append(_context(f"{_run_name(run)} {_link(run.issue)}"))
    return Post(text=_fallback(f"{run.issue.key} failed: {cause}"), blocks=blocks)


def _places(solution: Solution) -> str:
    places = []
    for location in solution.locations[:LIST_ITEMS]:
        line = f":{location.line}" if location.line else ""
        function = f" in {location.function}" if location.function else ""
        places.append(f"{location.path}{line}{function}")
    commit = solution.suspect_commit
    if commit:
        author = f" by {commit.author}" if commit.author else ""
        places.append(f"since commit {commit.sha[:12]}{author}: {commit.summary}")
    return "\n".join(places)


def _citations(numbers: list[int]) -> str:
    return "".join(f"[{number}]" for number in numbers)


def _run_name(run: models.Run) -> str:
    return f"{run.issue.key} run {run.number}"


def _link(issue: models.Issue) -> str:
    return f"<{issue.address}|Steps and evidence>"


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": _cut(" ".join(text.split()), HEADER_CHARS), "emoji": False}}


def _part(name: str, text: str) -> list[Block]:
    return [_section(f"*{name}*\n{escape(text)}")] if text.strip() else []


def _list(name: str, items: list[str]) -> list[Block]:
    if not items:
        return []
    shown = [f"• {escape(_cut(' '.join(item.split()), 600))}" for item in items[:LIST_ITEMS]]
    if len(items) > LIST_ITEMS:
        shown.append(f"and {len(items) - LIST_ITEMS} more on the page")
    return [_section(f"*{name}*\n" + "\n".join(shown))]


def _code(text: str) -> str:
    # A fence inside would end the block; escaping can make the text five times as long.
    inside = text.replace("```", "'''")
    room = SECTION_CHARS - 100
    escaped = escape(inside)
    while len(escaped) > room:
        inside = inside[: max(len(inside) * room // len(escaped) - 1, 0)]
        escaped = escape(inside) + "…"
    return f"```\n{escaped}\n```"


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut_escaped(text, SECTION_CHARS), "verbatim": True}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut_escaped(text, SECTION_CHARS), "verbatim": True}]}


def _fallback(text: str) -> str:
    return escape(_cut(text, FALLBACK_CHARS))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _cut_escaped(text: str, limit: int) -> str:
    """Cut, but not in the middle of an `&amp;`."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    entity = cut.rfind("&", len(cut) - 4)
    return (cut[:entity] if entity >= 0 and ";" not in cut[entity:] else cut).rstrip() + "…"

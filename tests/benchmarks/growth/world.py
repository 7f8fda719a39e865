"""What the filled database tells of: teams of unequal size, their issues, runs and events, the same for the same sizes.

Everything follows from the number of an issue or run, so that each table can be written in one pass, with nothing kept.
"""

from __future__ import annotations

import json
import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from sahur_core import events as kinds
from sahur_core.issues import Evidence, Solution, Stage, ToolResultStatus, Usage, Verdict

TEAMS = (("BIG", 45), ("WEB", 25), ("PAY", 12), ("OPS", 8), ("APP", 5), ("DOC", 3), ("LAB", 1.5), ("TINY", 0.5))
"""Keys with their share of the issues in percent."""
COMMON, MEDIUM, RARE = "failed", "quorum", "zebrafish"
"""Words in 60 % and in 0.5 % of the issues, and in five of them, whatever the size."""
LIVE = {"running": 20, "queued": 100, "waiting": 100}
"""Runs that have not ended: what is going on does not depend on how much there was before."""
FROM = datetime(2024, 11, 1, tzinfo=UTC)
SPAN = timedelta(days=720)


class IssueFacts(NamedTuple):
    index: int
    id: str
    team: int
    number: int
    at: str


class RunFacts(NamedTuple):
    index: int
    id: str
    issue: IssueFacts
    number: int
    status: str
    at: str
    events: int


@dataclass(frozen=True)
class Shape:
    """The events of a run, ready to be copied but for the run's id and time."""

    rows: tuple[str, ...]


@dataclass
class World:
    """`events` is what is aimed at; the runs differ in length."""

    issues: int
    events: int
    seed: int = 7
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @cached_property
    def team_of(self) -> array[int]:
        weights = [share for _, share in TEAMS]
        return array("B", self._random.choices(range(len(TEAMS)), weights, k=self.issues))

    @cached_property
    def runs_of(self) -> array[int]:
        """How many runs an issue has: one to three."""
        return array("B", self._random.choices((1, 2, 3), (80, 15, 5), k=self.issues))

    @cached_property
    def shapes(self) -> list[Shape]:
        """One run in a hundred has hundreds of events; the others share what is left of the mean."""
        mean = self.events / sum(self.runs_of)
        rest = max(9.0, (mean - 4) / 0.99)
        lengths = [int(rest * (0.6 + 0.8 * step / 197)) for step in range(198)] + [300, 500]
        return [shape(length, self._random) for length in lengths]

    @cached_property
    def shape_of(self) -> array[int]:
        return array("B", self._random.choices(range(200), k=sum(self.runs_of)))

    @cached_property
    def words(self) -> list[str]:
        """About 4,000 made-up words; the first ones are frequent, as in any language."""
        syllables = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
        return ["".join(self._random.choices(syllables, k=2 + number % 3)) for number in range(4000)]

    @cached_property
    def _weights(self) -> list[float]:
        total, weights = 0.0, []
        for number in range(len(self.words)):
            total += 1 / (number + 10)
            weights.append(total)
        return weights

    def text(self, count: int) -> list[str]:
        return self._random.choices(self.words, cum_weights=self._weights, k=count)

    def title_and_body(self, index: int) -> tuple[str, str]:
        body = self.text(45)
        if self._random.random() < 0.6:
            body.insert(5, COMMON)
        if self._random.random() < 0.005:
            body.insert(9, MEDIUM)
        if index % max(1, self.issues // 5) == self.issues // 11:
            body.insert(3, RARE)
        return " ".join(self.text(6)).capitalize(), " ".join(body)

    def at(self, index: int) -> str:
        return (FROM + SPAN * (index / self.issues)).isoformat()

    def every_issue(self) -> Iterator[IssueFacts]:
        numbers = [0] * len(TEAMS)
        for index, team in enumerate(self.team_of):
            numbers[team] += 1
            yield IssueFacts(index, uuid_of(1, index), team, numbers[team], self.at(index))

    def every_run(self) -> Iterator[RunFacts]:
        """The last ones have not ended yet."""
        total, index = sum(self.runs_of), 0
        live = [status for status, count in LIVE.items() for _ in range(count)]
        shapes, shape_of = self.shapes, self.shape_of
        for issue in self.every_issue():
            for number in range(1, self.runs_of[issue.index] + 1):
                left = total - index
                status = live[left - 1] if left <= len(live) else "failed" if index % 20 == 0 else "succeeded"
                yield RunFacts(index, uuid_of(2, index), issue, number, status, issue.at, len(shapes[shape_of[index]].rows))
                index += 1

    def rows_of(self, run: RunFacts) -> tuple[str, ...]:
        return self.shapes[self.shape_of[run.index]].rows


def uuid_of(kind: int, index: int) -> str:
    """A UUIDv7 in the order of creation."""
    return f"{0x0192E000_0000 + index:012x}7{kind:03x}8{kind:03x}{index:012x}"


def shape(length: int, chance: random.Random) -> Shape:
    """Events as they come in a run: text and tool calls between its beginning and its end."""
    made: list[tuple[str | None, kinds.EventPayload]] = [
        ("run.queued", kinds.RunQueued(number=1, asked_by="Rita")),
        (None, kinds.StageStarted(stage=Stage.ANALYZE)),
        (None, kinds.StepStarted(step_id="s1", position=1, title="Look at the code")),
    ]
    calls = 0
    while len(made) < length - 3:
        if len(made) % 3:
            made.append((None, kinds.TextStreamed(step_id="s1", text="what follows " * chance.randint(1, 5))))
        else:
            calls += 1
            made += call(f"c{calls}", chance)
        if calls == 2 and len(made) % 3 == 2:
            made.append(("evidence:1", kinds.EvidenceFound(evidence=evidence(1))))
            calls += 1
    made.append((None, kinds.ModelCallFinished(step_id="s1", role="deep", duration_ms=900, usage=usage())))
    made.append((None, kinds.StageFinished(stage=Stage.PUBLISH)))
    made.append(("run.ended", kinds.RunSucceeded(verdict=Verdict.LIKELY)))
    return Shape(tuple(_row(seq, key, payload) for seq, (key, payload) in enumerate(made, 1)))


def call(name: str, chance: random.Random) -> list[tuple[str | None, kinds.EventPayload]]:
    asked = kinds.ToolCallStarted(step_id="s1", tool_call_id=name, tool="code__read", arguments={"path": "booking/feed.py"})
    excerpt = "40  return seats[row] " * chance.randint(2, 30)
    told = kinds.ToolCallFinished(
        step_id="s1", tool_call_id=name, tool="code__read", status=ToolResultStatus.OK, excerpt=excerpt, duration_ms=12
    )
    return [(None, asked), (None, told)]


def evidence(number: int) -> Evidence:
    return Evidence(
        id=str(number), number=number, statement="The key is read before it is written", receipt_id="r", tool="code__read"
    )


def usage() -> Usage:
    return Usage(model="deep", model_calls=1, input_tokens=9000, output_tokens=700, cost_usd=0.03)


def solution() -> Solution:
    return Solution(
        verdict=Verdict.LIKELY,
        summary="A key is missing while the table is being filled.",
        root_cause="The reader does not wait for the writer. " * 3,
        unresolved=["Whether the network was fine", "Whether a release came before it"],
        would_decide=["A trace of the writer"],
        next_step="Read the table only after the writer is done.",
        usage=usage(),
    )


def as_copied(value: object) -> str:
    """A value in COPY's text format; JSON for what is no plain text."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = json.dumps(value) if isinstance(value, dict | list) else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _row(seq: int, key: str | None, payload: kinds.EventPayload) -> str:
    told = payload.model_dump(mode="json")
    return "\t".join(map(as_copied, (seq, seq, 1, told["kind"], key, told)))

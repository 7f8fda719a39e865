"""What `manage.py evaluate_locate` found, as a document and as tables."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from sahur_core.code.evaluate.evaluation import Outcome
from sahur_core.code.evaluate.fixes import PastFixes
from sahur_core.code.evaluate.scoring import BOOTSTRAP_ROUNDS, KS, Ranks, Score, score

RANKERS = {"locate": "locate", "bm25": "plain BM25"}
MIN_UNNAMED = 10
"""From so many questions on those whose message names no changed file or function get rows of their own."""


@dataclass
class Summary:
    """Everything that one evaluation brought."""

    source: str
    commit: str
    seed: int
    past: PastFixes
    outcomes: list[Outcome] = field(default_factory=list)
    was_stopped: bool = False

    def rows(self, level: str, ranker: str, *, only_unnamed: bool = False) -> list[Ranks]:
        """The ranks of the questions that have an answer on this level (`files` or `functions`)."""
        asked = [outcome for outcome in self.outcomes if not (only_unnamed and outcome.is_named)]
        return [ranks for outcome in asked if (ranks := getattr(outcome, level)[ranker])]

    def document(self) -> dict[str, Any]:
        """What `--json` prints; accuracies in percent, times in seconds."""
        scores = {
            level: {
                ranker: {
                    "all": _as_json(score(self.rows(level, ranker), self.seed)),
                    "unnamed": _as_json(score(self.rows(level, ranker, only_unnamed=True), self.seed)),
                }
                for ranker in RANKERS
            }
            for level in ("files", "functions")
        }
        return {
            "repository": self.source,
            "commit": self.commit,
            "seed": self.seed,
            "was_stopped": self.was_stopped,
            "questions": len(self.outcomes),
            "commits_looked_at": self.past.looked_at,
            "left_out": dict(self.past.left_out.most_common()),
            **scores,
            "seconds": self.seconds(),
        }

    def seconds(self) -> dict[str, dict[str, float]]:
        """Median and 95th percentile of what a question cost."""
        found = {}
        for name in ("index", "locate", "bm25"):
            ordered = sorted(outcome.seconds[name] for outcome in self.outcomes)
            if ordered:
                late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
                found[name] = {"p50": round(statistics.median(ordered), 3), "p95": round(late, 3)}
        return found


def _as_json(result: Score) -> dict[str, Any]:
    return {
        "questions": result.questions,
        "mean_reciprocal_rank": round(result.mean_reciprocal_rank, 4),
        "accuracy": {
            str(entry.k): {
                "all": round(entry.all_gold, 2),
                "any": round(entry.any_gold, 2),
                "interval": [round(entry.low, 2), round(entry.high, 2)],
            }
            for entry in result.accuracies
        },
    }


def show(summary: Summary, stream: TextIO) -> None:
    """Tables of accuracies, what was left out, and the cost."""
    from rich.console import Console  # takes its time to import, and JSON needs none of it
    from rich.table import Table

    from sahur.embedded.terminal import one_line

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(file=stream, highlight=False, markup=False, emoji=False, width=160)
    stopped = " (stopped before the end)" if summary.was_stopped else ""
    console.print(f"{one_line(summary.source)} at {summary.commit[:12]}: {len(summary.outcomes)} past fixes asked{stopped}\n")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("Right among the first", "Questions", *(f"@{k}" for k in KS), "MRR"):
        table.add_column(heading, justify="left" if heading.startswith("Right") else "right", no_wrap=True)
    for title, level, only_unnamed in _parts(summary):
        table.add_row(title)
        for ranker, name in RANKERS.items():
            result = score(summary.rows(level, ranker, only_unnamed=only_unnamed), summary.seed)
            for line in _lines(name, result):
                table.add_row(*line)
    console.print(table)
    console.print(
        f"\nIn percent. All: every changed file (or function) is among the first k; any: one of them. In brackets: 95 % interval"
        f" of “all” ({BOOTSTRAP_ROUNDS} bootstrap rounds, seed {summary.seed}).",
        soft_wrap=True,
    )
    for name, value in summary.seconds().items():
        console.print(f"{name:>7}: {value['p50'] * 1000:.0f} ms a question (p95 {value['p95'] * 1000:.0f} ms)")
    left_out = sum(summary.past.left_out.values())
    console.print(f"\n{summary.past.looked_at} commits were looked at, {left_out} left out:")
    for reason, number in summary.past.left_out.most_common():
        console.print(f"{number:>7}  {reason}")


def _parts(summary: Summary) -> list[tuple[str, str, bool]]:
    """Heading, level, and whether only messages count that name neither changed file nor function."""
    parts = [("Files", "files", False), ("Functions", "functions", False)]
    for heading, level in (("Files, the message names none", "files"), ("Functions, the message names none", "functions")):
        if len(summary.rows(level, "locate", only_unnamed=True)) >= MIN_UNNAMED:
            parts.append((heading, level, True))
    return [part for part in parts if summary.rows(part[1], "locate", only_unnamed=part[2])]


def _lines(name: str, result: Score) -> list[Sequence[str]]:
    with_interval = [f"{entry.all_gold:.0f} [{entry.low:.0f}–{entry.high:.0f}]" for entry in result.accuracies]
    return [
        [f"  {name}, all", str(result.questions), *with_interval, f"{result.mean_reciprocal_rank:.3f}"],
        [f"  {name}, any", "", *(f"{entry.any_gold:.0f}" for entry in result.accuracies), ""],
    ]

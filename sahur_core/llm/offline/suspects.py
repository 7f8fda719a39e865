"""Places in the code that may be part of the failure: from the traceback, from the ranking, and from following names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sahur_core.llm.offline.dossier import Dossier
from sahur_core.llm.offline.words import is_code_file

MARGIN = 12
"""Lines around a frame whose function's extent is not known."""
MAX_LINES = 90
"""Longest range that is read at once; of a longer function the part around the point."""
RANKED = 6
"""How many functions of the ranking are followed."""


@dataclass(frozen=True)
class Suspect:
    """A range of a file. `weight` says how strongly the report points to it, from 0 to 1."""

    path: str
    function: str
    start: int
    end: int
    weight: float
    why: str
    point: int = 0
    """The line that failed, 0 if it is not a frame."""
    is_whole: bool = True
    """Whether the range is that of `function`, and not so many lines around a point, which may lie in its neighbors."""

    def covers(self, path: str, line: int) -> bool:
        return self.path == path and self.start <= line <= self.end


def find_suspects(dossier: Dossier) -> list[Suspect]:
    """All places so far, strongest first, each once."""
    found = _from_frames(dossier) + _from_ranking(dossier) + _from_names(dossier) + _from_search(dossier)
    kept: list[Suspect] = []
    for suspect in sorted(found, key=lambda place: -place.weight):
        if is_code_file(suspect.path) and not any(_same_place(other, suspect) for other in kept):
            kept.append(suspect)
    return kept


def _same_place(first: Suspect, second: Suspect) -> bool:
    """Whether `second`, the weaker one, lies for the most part in `first`. A neighbor of a failing line is a place of its own."""
    if not first.is_whole and second.is_whole and first.function != second.function:
        return False
    shared = min(first.end, second.end) - max(first.start, second.start) + 1
    return first.path == second.path and shared * 2 > second.end - second.start + 1


def _from_frames(dossier: Dossier) -> list[Suspect]:
    """Frames inside the repository; the innermost one counts most, but not by much: it is where it failed, not why."""
    suspects = []
    for result in dossier.ok("locate"):
        frames = [frame for frame in result.data.get("frames", []) if is_code_file(frame["path"])]
        extents = result.data.get("functions", [])
        for depth, frame in enumerate(reversed(frames[-8:])):
            line = int(frame["line"])
            inside = [row for row in extents if row["path"] == frame["path"] and row["line"] <= line <= row["end_line"]]
            smallest = min(inside, key=lambda row: row["end_line"] - row["line"], default=None)
            start, end = (smallest["line"], smallest["end_line"]) if smallest else (max(1, line - MARGIN), line + MARGIN)
            start, end = _around(start, end, line)
            name = smallest["name"] if smallest else frame["function"]
            why = "it is where the traceback ends" if depth == 0 else "it is on the traceback"
            weight = max(0.4, 1.0 - 0.12 * depth)
            suspects.append(Suspect(frame["path"], name, start, end, weight, why, line, is_whole=smallest is not None))
    return suspects


def _from_ranking(dossier: Dossier) -> list[Suspect]:
    suspects = []
    for result in dossier.ok("locate"):
        for rank, row in enumerate(result.data.get("functions", [])[:RANKED]):
            start, end = _around(int(row["line"]), int(row["end_line"]), int(row["line"]))
            why = " and ".join(clause_of(str(reason)) for reason in row.get("reasons", [])[:2]) or "it is ranked for the report"
            weight = 0.35 + 0.5 * float(row.get("score", 0.5)) - 0.02 * rank
            suspects.append(Suspect(row["path"], row["name"], start, end, weight, why))
    return suspects


def clause_of(reason: str) -> str:
    """A reason of the ranking, which speaks of a function without naming it, as a clause with a subject."""
    reason = re.sub(r" \(\d+% of the best\)$", "", reason)
    if fit := re.fullmatch(r"its words fit (the \w+)", reason):
        return f"it uses the words of {fit.group(1)}"
    if reason.startswith(("called ", "frame ", "the innermost frame ")):
        return f"it is {reason}"
    if reason.startswith(("changed ", "touched ")):
        return f"it was {reason}"
    return f"it {reason}" if re.match(r"(?!its )[a-z]+s ", reason) else reason


def _from_names(dossier: Dossier) -> list[Suspect]:
    """Definitions of names that the failing code uses."""
    suspects = []
    for result in dossier.ok("symbols"):
        for row in result.data.get("symbols", [])[:4]:
            if row["kind"] != "class" or row["end_line"] - row["line"] < MAX_LINES:
                start, end = _around(int(row["line"]), int(row["end_line"]), int(row["line"]))
                is_told = any(row["path"] in said or row["name"].rpartition(".")[2] in said for said in dossier.said)
                why = "somebody pointed to it" if is_told else f"the code on the way calls {row['name']}"
                suspects.append(Suspect(row["path"], row["name"], start, end, 0.9 if is_told else 0.6, why))
    return suspects


def _from_search(dossier: Dossier) -> list[Suspect]:
    """Lines that contain a text of the report or call a suspect."""
    suspects = []
    for result in dossier.ok("search"):
        rows = [row for row in result.data.get("lines", []) if is_code_file(row["path"])]
        for row in rows[:3]:
            line = int(row["line"])
            why = f"it contains {result.args.get('query', '')!r}"
            start, weight = max(1, line - MARGIN), 0.5 if len(rows) <= 6 else 0.35
            suspects.append(Suspect(row["path"], "", start, line + MARGIN, weight, why, is_whole=False))
    return suspects


def _around(start: int, end: int, point: int) -> tuple[int, int]:
    """The range, or the part of it around `point` where it is too long to be read at once."""
    if end - start < MAX_LINES:
        return start, end
    first = max(start, point - MAX_LINES // 2)
    return first, min(end, first + MAX_LINES - 1)

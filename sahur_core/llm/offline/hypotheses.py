"""Which commit is behind the failure: each change that was read is weighed against the report."""

from __future__ import annotations

import builtins
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sahur_core.evidence.diffs import parse_diff
from sahur_core.evidence.enclosing import defined_name, split_by_function
from sahur_core.llm.offline.changes import Change, read_change
from sahur_core.llm.offline.dossier import Dossier, Result
from sahur_core.llm.offline.fits import Fit, fit_of
from sahur_core.llm.offline.suspects import Suspect, find_suspects
from sahur_core.llm.offline.words import is_code_file, names_in, stems

DECISIVE = 0.62
"""From this score on a change is taken for the cause."""
PLAUSIBLE = 0.48
"""From this score on a change is worth telling, but not more than likely."""
CLEAR_LEAD = 0.06
"""How far the best must be ahead of another commit's change to be taken for certain."""
EXPLAINS_OUTSIDE = 0.5
"""How well a change must fit to be told as the cause of what mostly comes from outside of the code."""
_METHODS_OF_BUILTINS = {name for kind in (str, bytes, list, dict, set, int, float) for name in dir(kind)} | set(dir(builtins))


@dataclass(frozen=True)
class Hypothesis:
    """One changed place of one commit, and how well it explains the report."""

    sha: str
    summary: str
    author: str
    change: Change
    suspect: Suspect
    fit: Fit
    score: float
    shown_by: str
    """Id of the call whose result shows the change."""
    function: str
    """What encloses the changed lines; empty outside of any function, and where it is not known."""

    @property
    def path(self) -> str:
        return self.change.hunk.path


@dataclass
class Case:
    """The dossier with what follows from it. Everything is worked out from the messages anew for each call."""

    dossier: Dossier
    suspects: list[Suspect] = field(init=False)

    def __post_init__(self) -> None:
        self.suspects = find_suspects(self.dossier)

    @cached_property
    def hypotheses(self) -> list[Hypothesis]:
        """Best first; of each commit only its best change."""
        found: dict[str, Hypothesis] = {}
        for result in self.dossier.ok("show"):
            for hypothesis in self._weigh(result):
                known = found.get(hypothesis.sha)
                if known is None or hypothesis.score > known.score:
                    found[hypothesis.sha] = hypothesis
        return sorted(found.values(), key=lambda hypothesis: -hypothesis.score)

    @property
    def best(self) -> Hypothesis | None:
        return self.hypotheses[0] if self.hypotheses else None

    @property
    def lead(self) -> float:
        """How far the best is ahead of the next commit."""
        scores = [hypothesis.score for hypothesis in self.hypotheses]
        return scores[0] - scores[1] if len(scores) > 1 else 1.0

    @property
    def is_decided(self) -> bool:
        return self.best is not None and self.best.score >= DECISIVE and self.lead >= CLEAR_LEAD

    @property
    def is_plausible(self) -> bool:
        return self.best is not None and self.best.score >= PLAUSIBLE

    @property
    def rivals(self) -> list[Hypothesis]:
        """What explains it nearly as well as the best, so that it is not ruled out."""
        if self.best is None or not self.is_plausible:
            return []
        return [other for other in self.hypotheses[1:] if self.best.score - other.score < CLEAR_LEAD]

    @cached_property
    def shown(self) -> set[str]:
        """Commits whose changes have been read."""
        return {str(result.data["shown"]["sha"]) for result in self.dossier.ok("show") if result.data.get("shown")}

    @cached_property
    def history(self) -> list[str]:
        """All commits seen in logs, newest first as far as the logs tell."""
        ordered: list[str] = []
        logs = sorted(self.dossier.ok("log"), key=lambda result: -len(result.data.get("commits", [])))
        for result in logs:
            ordered += [str(row["sha"]) for row in result.data.get("commits", []) if row["sha"] not in ordered]
        return ordered

    def blamed(self, sha: str) -> list[tuple[Result, dict[str, Any]]]:
        """Lines that the commit was the last to change, with the result that says so."""
        return [(result, row) for result in self.dossier.ok("blame") for row in result.data.get("lines", []) if row["sha"] == sha]

    def touched(self, sha: str) -> list[Suspect]:
        """The suspects that the commit changed, as blame or the functions' logs tell."""
        rows = [(result.data.get("path", ""), int(row["line"])) for result, row in self.blamed(sha)]
        by_blame = {suspect for suspect in self.suspects if any(suspect.covers(path, line) for path, line in rows)}
        for result in self.dossier.ok("log"):
            function, path = result.args.get("function", ""), result.args.get("path", "")
            if function and sha in {row["sha"] for row in result.data.get("commits", [])}:
                by_blame |= {place for place in self.suspects if place.path == path and _bare(place.function) == _bare(function)}
        return sorted(by_blame, key=lambda suspect: -suspect.weight)

    def _weigh(self, result: Result) -> list[Hypothesis]:
        shown = result.data["shown"]
        sha = str(shown["sha"])
        diff = str(result.data.get("diff", ""))
        touched = self.touched(sha)
        found = []
        for hunk in [part for whole in parse_diff(diff) for part in split_by_function(whole)]:
            if not is_code_file(hunk.path):
                continue
            change = read_change(hunk)
            suspect = self._suspect_of(change, touched)
            if suspect is None or not change.is_real:
                continue
            function = _function_of(change, suspect)
            fit = fit_of(change, function, self.dossier.failure)
            score = self._score(sha, str(shown["summary"]), change, suspect, fit, is_new=_is_new_file(diff, hunk.path))
            found.append(
                Hypothesis(
                    sha, str(shown["summary"]), str(shown["author"]), change, suspect, fit, score, result.call_id, function
                )
            )
        return found

    def _suspect_of(self, change: Change, touched: list[Suspect]) -> Suspect | None:
        """The strongest suspect that the changed lines are in. They are of their own time, so names decide, then blame.

        What is outside of any function belongs to those beside it, but is not said to be in one of them.
        """
        here = [place for place in self.suspects if place.path == change.hunk.path]
        inside = defined_name(change.hunk.context)
        beside = {name for _, line in change.hunk.kept if (name := defined_name(line))}
        found = [place for place in here if (inside in place.function.split(".") if inside else _bare(place.function) in beside)]
        added = {line.strip() for _, line in change.hunk.added if line.strip()}
        is_known = bool(inside) and not change.hunk.context.lstrip().startswith("class ")
        for place in touched:
            if place in here and added & self._text_of(place) and not (is_known and place.function and place.is_whole):
                found.append(place)
        return max(found, key=lambda place: (inside in place.function.split("."), place.weight), default=None)

    def _text_of(self, suspect: Suspect) -> set[str]:
        """Lines of a suspect that have been read, stripped."""
        rows = [
            (result, row)
            for tool in ("blame", "read")
            for result in self.dossier.ok(tool)
            for row in result.data.get("lines", [])
        ]
        return {
            str(row["text"]).strip() for result, row in rows if suspect.covers(result.data.get("path", ""), int(row["line"]))
        } - {""}

    def _score(self, sha: str, summary: str, change: Change, suspect: Suspect, fit: Fit, *, is_new: bool) -> float:
        """Between 0 and 1: nearly half is the fit, the rest how near, how suspicious to the ranking, and about what."""
        failure = self.dossier.failure
        about = stems(f"{failure.title} {failure.text}") & stems(f"{summary} {change.removed} {change.added}")
        named = change.all_names & (failure.failing_names | failure.mentioned_names)
        words = min(1.0, max(len(about) / 4, len(named) / 2))
        survives = 1.0 if not change.added or {line.strip() for _, line in change.hunk.added} & self._text_of(suspect) else 0.5
        score = 0.45 * fit.score + 0.18 * suspect.weight + 0.12 * words + 0.15 * self.prior(sha) + 0.1 * survives
        if sha == self.first_commit:
            # Code that was there from the start did work once. That it is to blame is no more than a guess.
            score = min(0.7 * score, PLAUSIBLE - 0.01)
        elif is_new:
            # Without an exception it is only its words that fit, and a whole file has many.
            score = min(0.8 * score, (DECISIVE if failure.exceptions else PLAUSIBLE) - 0.01)
        if failure.exceptions and failure.is_from_outside and fit.score < EXPLAINS_OUTSIDE:
            # A server that is down needs no change to be down.
            score = min(score, PLAUSIBLE - 0.01)
        return min(score, fit.score + 0.25)

    def prior(self, sha: str) -> float:
        """How suspicious the ranking finds a commit, or how new it is where the ranking does not know it."""
        scores = [
            float(row["score"]) for result in self.dossier.ok("locate") for row in result.data["commits"] if row["sha"] == sha
        ]
        recency = 1 / (1 + self.history.index(sha) / 6) if sha in self.history else 0.3
        return max(scores, default=0.5 * recency)

    @cached_property
    def first_commit(self) -> str:
        """The root of the history, if a log reached it; empty otherwise."""
        for result in self.dossier.ok("log"):
            commits = result.data["commits"]
            if not result.args.get("path") and commits and len(commits) < int(result.args.get("limit", 20)):
                return str(commits[-1]["sha"])
        return ""


def _is_new_file(diff: str, path: str) -> bool:
    return f"--- /dev/null\n+++ b/{path}" in diff


def _function_of(change: Change, suspect: Suspect) -> str:
    """The function that the changed lines are in, by its full name where a suspect knows it."""
    inside = defined_name(change.hunk.context)
    return suspect.function if inside and inside == _bare(suspect.function) else inside


def _bare(function: str) -> str:
    return function.rpartition(".")[2]


def names_to_follow(case: Case) -> list[str]:
    """Functions and classes that the suspects use, most promising first: the cause may be in one of them."""
    ranked: dict[str, float] = {}
    failing = case.dossier.failure.failing_names
    for suspect in case.suspects[:4]:
        for text in case._text_of(suspect):
            for name in re.findall(r"([A-Za-z_]\w*)\s*\(", text):
                if name in names_in(text) and not text.lstrip().startswith(("def ", "class ", "async def ")):
                    bonus = 1.0 if name in failing else 0.0
                    ranked[name] = max(ranked.get(name, 0.0), suspect.weight + bonus)
    for name in failing:
        ranked.setdefault(name, 0.8)
    return sorted(ranked.keys() - _METHODS_OF_BUILTINS, key=lambda name: (-ranked[name], name))

"""Which calls come next: the way an engineer takes, one rule after the other. The first rule with something to do does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sahur_core.linked.shown import merged_as
from sahur_core.llm.offline.dossier import Dossier
from sahur_core.llm.offline.findings import facts_to_record, failing_fact, rejected_facts
from sahur_core.llm.offline.hypotheses import Case, Hypothesis, names_to_follow
from sahur_core.llm.offline.suspects import Suspect

Call = tuple[str, dict[str, Any]]
Move = tuple[str, list[Call]]
Rule = Callable[[Case, frozenset[str]], Move | None]

SUSPECTS_AT_ONCE = 4
COMMITS_AT_ONCE = 4
MAX_COMMITS = 14
WORTH = 0.15
"""Commits with less than this part of the strongest suspicion are not read."""
LINKED_WEIGHT = 0.8
"""Who links to a change suspects it; whether it explains anything is for the change itself to show."""
NAMES_AT_ONCE = 4
MAX_WIDENINGS = 2
SHA_DIGITS = 10
HEARD_CHARS = 160
_PATH = re.compile(r"(?<![\w/.-])((?:[\w.-]{1,80}/){1,20}[\w-]{1,80}\.[A-Za-z]{1,4})\b")
_NAMED = re.compile(r"`([A-Za-z_][\w.]{0,120})`|\b([A-Za-z_][\w.]{0,120})\(\)")


def next_move(dossier: Dossier, tools: frozenset[str]) -> Move:
    """What to say and which tools to call next; in the end `finish`."""
    case = Case(dossier)
    moves = (rule(case, tools) for rule in RULES)
    text, calls = next((move for move in moves if move is not None), None) or conclude(case)
    heard = "".join(f"I take in what was said: “{said[:HEARD_CHARS]}”. " for said in dossier.just_said)
    return heard + text, calls


def locate(case: Case, tools: frozenset[str]) -> Move | None:
    """Rank first, unless the conversation already holds a ranking."""
    failure = case.dossier.failure
    args = {"report": failure.text or failure.title, "title": failure.title}
    if any(result.tool == "locate" for result in case.dossier.results) or not failure.text + failure.title:
        return None
    calls = _new(case, tools, [("code__locate", args)])
    return ("I let the report be compared with the code first.", calls) if calls else None


def follow_people(case: Case, tools: frozenset[str]) -> Move | None:
    """People know where to look: the files and names that they mention come before all ranking."""
    text = "\n".join(case.dossier.said)
    calls: list[Call] = [("code__symbols", {"path": path, "limit": 20}) for path in _PATH.findall(text)]
    calls += [
        ("code__symbols", {"name": name.rpartition(".")[2], "limit": 6}) for pair in _NAMED.findall(text) for name in pair if name
    ]
    calls = _new(case, tools, calls)[:NAMES_AT_ONCE]
    return ("I look at what was mentioned.", calls) if calls else None


def read_suspects(case: Case, tools: frozenset[str]) -> Move | None:
    """Read the strongest places and ask who changed them, line by line and function by function."""
    if case.is_decided:
        return None
    fresh = [suspect for suspect in case.suspects[: 2 * SUSPECTS_AT_ONCE] if _new(case, tools, [_blame(suspect)])][
        :SUSPECTS_AT_ONCE
    ]
    if not fresh:
        return None
    calls: list[Call] = []
    for number, suspect in enumerate(fresh):
        if number == 0 and not case.dossier.ok("read"):
            calls.append(("code__read", {"path": suspect.path, "start": max(1, suspect.start - 5), "end": suspect.end + 5}))
        calls.append(_blame(suspect))
        if suspect.function.replace(".", "").isidentifier():
            calls.append(("code__log", {"path": suspect.path, "function": suspect.function.rpartition(".")[2], "limit": 8}))
    named = "; ".join(f"{_name(suspect)}, because {suspect.why}" for suspect in fresh)
    return f"I read and ask who changed: {named}.", _new(case, tools, calls)


def read_commits(case: Case, tools: frozenset[str]) -> Move | None:
    """Read the changes that made the suspects what they are."""
    if not case.dossier.ok("blame") or len(case.shown) >= MAX_COMMITS or case.is_decided:
        return None
    wanted = [(sha, why) for sha, why in commits_to_read(case) if sha not in case.shown][:COMMITS_AT_ONCE]
    calls = _new(case, tools, [("code__show", {"commit": sha}) for sha, _ in wanted])
    if not calls:
        return None
    listed = "; ".join(f"{sha[:SHA_DIGITS]} ({why})" for sha, why in wanted)
    return f"I read the changes that may have brought it in: {listed}.", calls


def widen(case: Case, tools: frozenset[str]) -> Move | None:
    """Nothing read so far explains it: follow the names that the failing code uses, and look who calls it."""
    rounds = len(
        {result.args.get("name") for result in case.dossier.results if result.tool == "symbols" and result.args.get("name")}
    )
    if case.is_decided or rounds >= MAX_WIDENINGS * NAMES_AT_ONCE:
        return None
    calls: list[Call] = [("code__symbols", {"name": name, "limit": 6}) for name in names_to_follow(case)]
    calls = _new(case, tools, calls)[:NAMES_AT_ONCE]
    literals = sorted(case.dossier.failure.literals, key=len, reverse=True)[:2]
    searches: list[Call] = [("code__search", {"query": literal, "limit": 12}) for literal in literals]
    innermost = next((suspect.function for suspect in case.suspects if suspect.function), "")
    if innermost:
        searches.append(("code__search", {"query": f"{innermost.rpartition('.')[2]}(", "limit": 12}))
    calls += _new(case, tools, searches)[:2]
    if not calls:
        return None
    best = case.best
    if best and best.fit.reason:
        calls = _new(case, tools, [_suspicion(best)]) + calls
    followed = ", ".join(str(args.get("name") or args.get("query")) for name, args in calls if name != "state_hypothesis")
    so_far = (
        f"The best so far is {best.sha[:SHA_DIGITS]} ({best.fit.reason}), which is not enough. "
        if best and best.fit.reason
        else ""
    )
    return f"{so_far}The cause may be where the failing code gets its values from, so I follow {followed}.", calls


def record(case: Case, tools: frozenset[str]) -> Move | None:
    """Put down what the answer will cite."""
    best = case.best
    if best is None or not case.is_plausible or any(fact.args.get("commit") == best.sha for fact in case.dossier.recorded):
        return None
    calls = _new(case, tools, [("record_evidence", fact) for fact in facts_to_record(case)])
    if not calls:
        return None
    calls = _new(case, tools, [_suspicion(best)]) + calls
    told = f"Commit {best.sha[:SHA_DIGITS]} ({best.summary}) explains it best: {best.fit.reason}."
    others = [f"{other.sha[:SHA_DIGITS]} less well" for other in case.hypotheses[1:3]]
    return " ".join([told, f"{', '.join(others)}." if others else ""]).strip(), calls


def record_rejected(case: Case, tools: frozenset[str]) -> Move | None:
    """Nothing explains it: put down where it fails, and which changes are not it."""
    if case.is_plausible:
        return None
    failing = failing_fact(case)
    facts = ([failing] if failing else []) + rejected_facts(case)
    calls = _new(case, tools, [("record_evidence", fact) for fact in facts])
    return ("I put down what is not the cause.", calls) if calls else None


def conclude(case: Case) -> Move:
    """The end, with the reason for it."""
    best = case.best
    if best and case.is_plausible:
        text = f"What I found is enough for an answer: {best.fit.reason}."
    elif case.dossier.failure.is_from_outside:
        text = "The failure looks like something around the code, and no change that I read explains it."
    elif not case.suspects:
        text = "Nothing in the report points to a place in the code."
    else:
        text = f"I read {len(case.shown)} changes of {len(case.suspects)} places, and none of them explains the report."
    return text, [("finish", {"reason": text})]


def commits_to_read(case: Case) -> list[tuple[str, str]]:
    """Commits worth reading with the reason, most promising first."""
    scores: dict[str, float] = {}
    reasons: dict[str, str] = {}

    def add(sha: str, score: float, why: str) -> None:
        if score > scores.get(sha, 0.0):
            reasons[sha] = why
        scores[sha] = scores.get(sha, 0.0) + score

    for suspect in case.suspects:
        for result in case.dossier.ok("blame"):
            rows = [row for row in result.data.get("lines", []) if suspect.covers(result.data.get("path", ""), int(row["line"]))]
            for sha in {str(row["sha"]) for row in rows}:
                nearest = min((abs(int(row["line"]) - suspect.point) for row in rows if row["sha"] == sha), default=99)
                add(
                    sha,
                    suspect.weight * (1.2 if suspect.point and nearest <= 2 else 0.7),
                    f"last to change lines of {_name(suspect)}",
                )
        for result in case.dossier.ok("log"):
            if result.args.get("function") and suspect.function.rpartition(".")[2] == result.args["function"]:
                for age, row in enumerate(result.data.get("commits", [])[:5]):
                    add(str(row["sha"]), suspect.weight * (0.9 - 0.12 * age), f"changed {_name(suspect)}")
    for result in case.dossier.ok("locate"):
        for rank, row in enumerate(result.data.get("commits", [])[:6]):
            add(
                str(row["sha"]),
                0.2 + 0.8 * float(row["score"]) - 0.02 * rank,
                "; ".join(map(str, row.get("reasons", [])[:1])) or "ranked for the report",
            )
    for result in case.dossier.results:
        if result.is_foreign and (sha := merged_as(result.text)):
            add(sha, LINKED_WEIGHT, "the report links to the change that became it")
    for age, sha in enumerate(case.history[:8]):
        if sha in scores:
            add(sha, 0.3 - 0.03 * age, reasons[sha])
    strongest = max(scores.values(), default=0.0)
    ordered = sorted((sha for sha in scores if scores[sha] >= WORTH * strongest), key=lambda sha: -scores[sha])
    # The first commit brought in everything, so that it explains nothing: it is read last.
    ordered.sort(key=lambda sha: sha == case.first_commit)
    return [(sha, reasons[sha]) for sha in ordered]


def _blame(suspect: Suspect) -> Call:
    return "code__blame", {"path": suspect.path, "start": suspect.start, "end": suspect.end}


def _suspicion(best: Hypothesis) -> Call:
    sha = best.sha[:SHA_DIGITS]
    statement = f"Commit {sha} ({best.summary}) may have brought it in."
    return "state_hypothesis", {"label": f"commit {sha}", "statement": statement, "because": best.fit.reason}


def _new(case: Case, tools: frozenset[str], calls: list[Call]) -> list[Call]:
    """Those calls whose tool exists and that have not been made."""
    return [(name, args) for name, args in calls if name in tools and not case.dossier.has_asked(name, args)]


def _name(suspect: Suspect) -> str:
    return f"{suspect.function or 'the code'} ({suspect.path}:{suspect.point or suspect.start})"


RULES: tuple[Rule, ...] = (locate, follow_people, read_commits, read_suspects, widen, record, record_rejected)

"""What the best hypothesis rests on: the facts that are recorded and the claims that cite them."""

from __future__ import annotations

from typing import Any

from sahur_core.llm.offline.dossier import Result
from sahur_core.llm.offline.hypotheses import Case, Hypothesis
from sahur_core.llm.offline.suspects import Suspect
from sahur_core.llm.offline.words import names_in

SHA_DIGITS = 10
MAX_QUOTE = 160
MAX_LINKED = 3
MAX_REJECTED = 4
"""Of the commits that were read and are not it, so many are put down."""


def facts_to_record(case: Case) -> list[dict[str, Any]]:
    """The place, the change, and the frame where it failed: arguments of `record_evidence`."""
    best = case.best
    if best is None:
        return []
    facts = [change_fact(best)]
    place = place_fact(case, best)
    failing = failing_fact(case)
    facts += [fact for fact in (place, failing) if fact]
    if place and failing and (place["path"], place["line"]) == (failing["path"], failing["line"]):
        facts.remove(place)
    return facts + linked_facts(case) + rejected_facts(case)


def linked_facts(case: Case) -> list[dict[str, Any]]:
    """The failure as another system has seen it: the line of each linked result that names the exception."""
    facts = []
    for seen in case.dossier.failure.exceptions[-1:]:
        raised = f"{seen.type}: {seen.message}" if seen.message else seen.type
        for result in case.dossier.results:
            if result.is_foreign and raised in result.text:
                statement = f"{result.server} has seen `{raised[:MAX_QUOTE]}`, too."
                facts.append({"statement": statement, "tool_call_id": result.call_id, "quote": raised[:MAX_QUOTE]})
    return facts[:MAX_LINKED]


def rejected_facts(case: Case) -> list[dict[str, Any]]:
    """The changes that were read and do not explain it, those first that might have. Near rivals are no such changes."""
    weighed = {hypothesis.sha for hypothesis in case.hypotheses}
    facts = [
        {
            "statement": f"Commit {other.sha[:SHA_DIGITS]} ({other.summary}) changes {_bare_name(other)}{other.path}: "
            f"{why_less(other)}.",
            "tool_call_id": other.shown_by,
            "path": other.path,
            "commit": other.sha,
        }
        for other in (case.hypotheses[1:] if case.is_plausible else case.hypotheses)
        if other not in case.rivals
    ]
    for result in case.dossier.ok("show"):
        shown = result.data.get("shown") or {}
        if shown and shown["sha"] not in weighed:
            statement = f"Commit {shown['sha'][:SHA_DIGITS]} ({shown['summary']}) changes no code that the report points to."
            facts.append({"statement": statement, "tool_call_id": result.call_id, "commit": str(shown["sha"])})
    return facts[:MAX_REJECTED]


def why_less(other: Hypothesis) -> str:
    return f"{other.fit.reason}, but explains less" if other.fit.reason else "nothing in it fits the failure"


def change_fact(best: Hypothesis) -> dict[str, Any]:
    """What the commit did."""
    return {
        "statement": f"Commit {best.sha[:SHA_DIGITS]} ({best.summary}) by {best.author} changes "
        f"{_bare_name(best)}{best.path}: {best.fit.reason}.",
        "tool_call_id": best.shown_by,
        "path": best.path,
        "commit": best.sha,
    }


def _bare_name(best: Hypothesis) -> str:
    return f"{best.function} in " if best.function else ""


def place_fact(case: Case, best: Hypothesis) -> dict[str, Any] | None:
    """The line of today's file that the change left there, or the suspect's point where it only took lines away."""
    added = {text.strip() for _, text in best.change.hunk.added if text.strip()}
    rows = [(result, row) for result, row in case.blamed(best.sha) if result.data.get("path") == best.path]
    about = case.dossier.failure.failing_names | case.dossier.failure.mentioned_names

    def telling(row: dict[str, Any]) -> tuple[bool, bool, bool, int]:
        """Code before comments and headings, lines of this very change before others, then what the report speaks of."""
        text = str(row["text"]).strip()
        return is_statement(text), text in added, best.suspect.covers(best.path, int(row["line"])), len(names_in(text) & about)

    rows.sort(key=lambda pair: telling(pair[1]), reverse=True)
    if rows:
        result, row = rows[0]
        text = str(row["text"]).strip()[:MAX_QUOTE]
        statement = f"{best.path}:{row['line']} reads `{text}` and was last changed by commit {best.sha[:SHA_DIGITS]}."
        return _line_fact(result, best.path, int(row["line"]), statement, best.sha)
    shown = _showing(case, best.suspect, best.suspect.point or best.suspect.start)
    if shown is None:
        return None
    result, line, text = shown
    return _line_fact(result, best.path, line, f"{best.path}:{line} reads `{text}`, without what the commit took away.")


def is_statement(text: str) -> bool:
    """Neither a comment, a docstring nor the head of a definition."""
    return bool(text) and not text.startswith(("#", '"""', "'''", "//", "*", "def ", "class ", "async def ", "import ", "from "))


def failing_fact(case: Case) -> dict[str, Any] | None:
    """The innermost line of the traceback that is in the repository."""
    point = next((suspect for suspect in case.suspects if suspect.point), None)
    shown = _showing(case, point, point.point) if point else None
    if point is None or shown is None:
        return None
    result, line, text = shown
    raised = case.dossier.failure.exceptions[-1].type if case.dossier.failure.exceptions else "the failure"
    return _line_fact(result, point.path, line, f"{raised} shows at {point.path}:{line}: `{text}`.")


def claims_of(case: Case) -> list[dict[str, Any]]:
    """The recorded facts as claims, and one claim that connects the change with the place where it fails: the cause."""
    best = case.best
    rejected = rejected_facts(case)
    # What was recorded for a commit that has been given up since is no part of this answer.
    facts = [fact for fact in case.dossier.recorded if fact.args.get("commit", "") in ("", best.sha if best else "")]
    numbers = [fact.number for fact in facts if fact.args not in rejected]
    claims = []
    if best is not None and numbers:
        told = f"The change in {best.function or best.path} fits the report: {best.fit.reason}; {best.suspect.why}."
        claims.append({"statement": told, "evidence": numbers, "kind": "root_cause"})
    return claims + facts_as_claims(case)


def facts_as_claims(case: Case) -> list[dict[str, Any]]:
    """Each recorded fact that is still held as a claim of its kind."""
    best, rejected = case.best, rejected_facts(case)
    symptoms = [failing_fact(case), *linked_facts(case)]
    held = ("", best.sha) if best and case.is_plausible else ("",)
    claims = []
    for fact in case.dossier.recorded:
        is_rejected = fact.args in rejected
        if is_rejected or fact.args.get("commit", "") in held:
            kind = "ruled_out" if is_rejected else "symptom" if fact.args in symptoms else "observation"
            claims.append({"statement": fact.args["statement"], "evidence": [fact.number], "kind": kind})
    return claims


def _showing(case: Case, suspect: Suspect, line: int) -> tuple[Result, int, str] | None:
    """A result that shows the line of a suspect."""
    for tool in ("blame", "read"):
        for result in case.dossier.ok(tool):
            for row in result.data.get("lines", []):
                if result.data.get("path") == suspect.path and int(row["line"]) == line:
                    return result, line, str(row["text"]).strip()[:MAX_QUOTE]
    return None


def _line_fact(result: Result, path: str, line: int, statement: str, commit: str = "") -> dict[str, Any]:
    fact: dict[str, Any] = {"statement": statement, "tool_call_id": result.call_id, "path": path, "line": line}
    return {**fact, "commit": commit} if commit else fact

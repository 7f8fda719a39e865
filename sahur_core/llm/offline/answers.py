"""The forms that are asked for, filled from the dossier: triage, the answer, the review."""

from __future__ import annotations

import re
from typing import Any

from sahur_core.llm.offline.dossier import Dossier
from sahur_core.llm.offline.failure import Failure
from sahur_core.llm.offline.findings import SHA_DIGITS, claims_of, facts_as_claims, is_statement
from sahur_core.llm.offline.hypotheses import Case, Hypothesis
from sahur_core.llm.offline.reverts import reverting_patch
from sahur_core.llm.offline.words import stems

_CLAIM = re.compile(r"^(\d+)\. (?:\(\w+\) )?(.*?)((?:\[\d+\])+)$", re.MULTILINE)
_VERDICT = re.compile(r"Verdict so far: (\w+)")
QUOTED_LINES = 3
NO_LLM = "Found by rules; no language model was used."


def fill(schema: dict[str, Any], dossier: Dossier) -> dict[str, Any]:
    """Arguments for a form, known by the fields that it asks for; of an unknown form the required fields, empty."""
    fields = schema.get("properties", {})
    if "search_terms" in fields:
        return triage(dossier)
    if "objections" in fields:
        return review(dossier)
    if "root_cause" in fields:
        return answer(Case(dossier))
    empty: dict[str, Any] = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "array": [], "object": {}}
    return {name: empty.get(fields[name].get("type", ""), "") for name in schema.get("required", [])}


def triage(dossier: Dossier) -> dict[str, Any]:
    """What happened in one line, and the texts that the code is likely to contain."""
    failure = dossier.failure
    quoted = sorted(failure.literals, key=len, reverse=True)
    named = sorted(failure.mentioned_names, key=len, reverse=True)
    terms = [term for term in dict.fromkeys([*quoted, *named]) if len(term) > 2]
    return {"summary": failure.describe() or "An empty report.", "hypothesis": suspicion(failure), "search_terms": terms[:5]}


def suspicion(failure: Failure) -> str:
    """What the report alone suggests; empty where it names nothing."""
    if failure.is_from_outside:
        return "It may be something around the code, such as a server, the network or a certificate, and not a change of it."
    if failure.frames:
        last = failure.frames[-1]
        where = f"{last.function or 'the code'} ({last.path}:{last.line})"
        return f"It fails in {where}; the cause is there, or in what calls it, or in a change of either."
    named = sorted(failure.mentioned_names | failure.literals, key=len, reverse=True)
    return f"The code around {named[0]} may be at fault." if named else ""


def answer(case: Case) -> dict[str, Any]:
    """The best hypothesis, as far as it reaches."""
    best = case.best
    if best is None or not case.is_plausible or not case.dossier.recorded:
        return undecided(case)
    summary = f"{case.dossier.failure.describe()}. Commit {best.sha[:SHA_DIGITS]} ({best.summary}) brought it in. {NO_LLM}"
    return {
        "verdict": "confirmed" if case.is_decided else "likely",
        "summary": summary,
        "root_cause": cause(best),
        "claims": claims_of(case),
        "locations": [{"path": best.path, "function": best.function, "line": line_of(case, best)}],
        "suspect_commit": best.sha,
        "unresolved": rivals(case),
        "would_decide": [f"Whether the failure is gone with commit {best.sha[:SHA_DIGITS]} reverted."],
        "next_step": f"Reproduce the report, revert {best.sha[:SHA_DIGITS]} in a branch and try again.",
        **fix(case, best),
    }


def fix(case: Case, best: Hypothesis) -> dict[str, str]:
    """How to mend it in words, and as the revert that rules can propose; it is shown only if it applies."""
    patch = reverting_patch(case, best)
    told = f"{proposed_fix(best)}\nReverting this part of commit {best.sha[:SHA_DIGITS]} does that."
    return {"proposed_fix": told if patch else proposed_fix(best), "patch": patch}


def undecided(case: Case) -> dict[str, Any]:
    """No change explains the report: say so, and what would."""
    failure = case.dossier.failure
    outside = failure.is_from_outside
    reason = "no change that was read explains it"
    would_decide = []
    if outside:
        reason = "it looks like something around the code: a server, the network, the disk, rights or a certificate"
        would_decide = ["The state of the service that the code talks to, at the time of the report."]
    elif not case.dossier.has_repository:
        reason = "no code was read, for the report names no repository"
        would_decide = ["The repository of the program: start another run with it."]
    if not failure.frames:
        would_decide.append("A traceback or log lines of one occurrence.")
    would_decide.append("The input with which it happens, and since when." if not outside else "Whether it went away by itself.")
    if case.dossier.has_repository and not any(result.is_ok for result in case.dossier.results):
        would_decide.append("The repository of the program: none could be read.")
    return {
        "verdict": "inconclusive",
        "summary": f"{failure.describe() or 'The report is empty'}. The cause is open: {reason}. {NO_LLM}",
        "root_cause": "",
        "claims": facts_as_claims(case),
        "locations": [],
        "suspect_commit": "",
        "unresolved": unexplained(case),
        "would_decide": would_decide,
        "next_step": f"Add to the report: {would_decide[0][0].lower()}{would_decide[0][1:]}",
        "proposed_fix": "",
    }


def review(dossier: Dossier) -> dict[str, Any]:
    """Each claim against the evidence it cites: they must speak of the same things."""
    evidence = dossier.numbered_evidence
    draft = "\n".join(text for source, text in dossier.frames if source == "answer to check")
    objections = []
    for number, statement, cited in _CLAIM.findall(draft):
        texts = [evidence.get(int(found), "") for found in re.findall(r"\d+", cited)]
        words = stems(statement)
        if not any(texts) or len(words & stems(" ".join(texts))) * 4 < len(words):
            objections.append({"claim": int(number), "reason": "The cited evidence is about something else."})
    verdict = _VERDICT.search(dossier.last_text)
    return {"objections": objections, "verdict": verdict.group(1) if verdict else "inconclusive"}


def cause(best: Hypothesis) -> str:
    """Why it happens, in words."""
    where = f"{best.function} in {best.path}" if best.function else best.path
    return f"Commit {best.sha[:SHA_DIGITS]} ({best.summary}) changed {where}: {best.fit.reason}. {what_changed(best)}".strip()


def what_changed(best: Hypothesis) -> str:
    """The statements on both sides of the change, quoted."""
    before = [text.strip() for _, text in best.change.hunk.removed if is_statement(text.strip())][:QUOTED_LINES]
    after = [text.strip() for _, text in best.change.hunk.added if is_statement(text.strip())][:QUOTED_LINES]
    if before and after:
        return f"Before: `{' ⏎ '.join(before)}`; after: `{' ⏎ '.join(after)}`."
    if before:
        return f"Taken away: `{' ⏎ '.join(before)}`."
    return f"Added: `{' ⏎ '.join(after)}`." if after else ""


def rivals(case: Case) -> list[str]:
    """The changes that explain it nearly as well as the best one."""
    return [
        f"Commit {other.sha[:SHA_DIGITS]} ({other.summary}) explains it nearly as well: {other.fit.reason}."
        for other in case.rivals[:3]
        if other.fit.reason
    ]


def unexplained(case: Case) -> list[str]:
    """What is open where no change explains the report."""
    best = case.best
    around = case.dossier.failure.is_from_outside
    told = ["What was different around the code at that time." if around else "Which input or change makes it happen."]
    if best is not None and best.fit.reason:
        nearest = f"{best.sha[:SHA_DIGITS]} ({best.summary}): {best.fit.reason}"
        told.append(f"The nearest that was read is commit {nearest}. That is not enough.")
    return told


def line_of(case: Case, best: Hypothesis) -> int | None:
    """The line of the recorded place in the changed function; where it failed may be a line of another one."""
    for fact in case.dossier.recorded:
        line = fact.args.get("line")
        if line and best.suspect.covers(str(fact.args.get("path")), int(line)):
            return int(line)
    return best.suspect.start if best.suspect.is_whole and best.function else None


def proposed_fix(best: Hypothesis) -> str:
    """What to look at first: what the change took away, or else what it brought in. It is shown as code, so nothing is quoted."""
    if best.change.guards_removed:
        return f"Put the check back: {best.change.guards_removed[0]}"
    removed = [text.strip() for _, text in best.change.hunk.removed if is_statement(text.strip())][:QUOTED_LINES]
    if removed:
        return f"In {best.path}, compare with what was there before the commit: {' ⏎ '.join(removed)}"
    added = [text.strip() for _, text in best.change.hunk.added if is_statement(text.strip())][:QUOTED_LINES]
    return f"In {best.path}, mend what the commit adds{': ' if added else '.'}{' ⏎ '.join(added)}"

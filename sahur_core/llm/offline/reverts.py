"""The one patch that rules can propose honestly: to take back what the suspect commit did at the place of the fault."""

from __future__ import annotations

from sahur_core.evidence.diffs import Hunk, parse_diff
from sahur_core.llm.offline.hypotheses import Case, Hypothesis

_OPPOSITE = {"+": "-", "-": "+", " ": " "}


def reverting_patch(case: Case, best: Hypothesis) -> str:
    """A diff that reverts the hunk of the suspect change; empty where the commit brought the whole file, or it was cut."""
    shown = next((result for result in case.dossier.ok("show") if result.call_id == best.shown_by), None)
    diff = str(shown.data.get("diff", "")) if shown else ""
    if shown is None or f"--- /dev/null\n+++ b/{best.path}\n" in diff:
        return ""
    hunks = parse_diff(diff)
    if hunks and ("cut" in shown.data or shown.data.get("is_truncated")):
        hunks.pop()  # nobody knows what its rest was
    wanted = next((hunk for hunk in hunks if hunk.path == best.path and _holds(hunk, best.change.hunk)), None)
    return _reversed(wanted) if wanted else ""


def _holds(whole: Hunk, part: Hunk) -> bool:
    """Whether `part` are lines of this hunk: it was split by functions before it was weighed."""
    return set(part.added) <= set(whole.added) and set(part.removed) <= set(whole.removed)


def _reversed(hunk: Hunk) -> str:
    """The hunk the other way round, as a diff of its own: what is new now is the old side."""
    numbers = [number for number, _ in (*hunk.added, *hunk.kept)]
    if not numbers:
        return ""
    start = min(numbers)
    ours = sum(sign != "-" for sign, _ in hunk.body)
    theirs = sum(sign != "+" for sign, _ in hunk.body)
    # Lines that take away come before those that add, as git writes them.
    lines = [f"{sign}{text}" for sign, text in _ordered([(_OPPOSITE[sign], text) for sign, text in hunk.body])]
    head = [f"--- a/{hunk.path}", f"+++ b/{hunk.path}", f"@@ -{start},{ours} +{start},{theirs} @@"]
    return "\n".join([*head, *lines, ""])


def _ordered(body: list[tuple[str, str]]) -> list[tuple[str, str]]:
    result: list[tuple[str, str]] = []
    block: list[tuple[str, str]] = []
    for line in [*body, (" ", "")]:
        if line[0] == " ":
            result += sorted(block, key=lambda each: each[0] != "-")
            block = []
            result.append(line)
        else:
            block.append(line)
    return result[:-1]

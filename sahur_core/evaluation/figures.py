"""Shares with intervals, for groups of runs.

Runs of one case are no independent trials, so that the number of cases stands behind each interval, not that of runs.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from sahur_core.evaluation.score import Marks
from sahur_core.evaluation.trial import Result
from sahur_core.issues import Record

MIN_CASES = 5
"""From so many cases on a share has an interval."""
Z_95 = 1.96


class Share(Record):
    """A part of runs, in percent, with its 95 % interval (Wilson, over cases). `percent` is None where no run was asked."""

    percent: float | None = None
    low: float | None = None
    high: float | None = None
    runs: int = 0
    cases: int = 0


class Figures(Record):
    """What a group of runs came to."""

    runs: int
    cases: int
    failed: int
    right: Share
    right_code: Share
    """Of those whose cause is in the code."""
    grounded: Share
    """Right, and the cited results show place and change."""
    abstained_rightly: Share
    """Of those without a cause in the code, or with too little to go on."""
    missed: Share
    """Of those whose cause is in the code: no answer was committed to."""
    confident_wrong: Share
    citations: Share
    """Of all citations; `runs` counts citations here, and there is no interval."""
    red_herring: Share
    injection: Share
    dropped_claims: int
    model_calls: float
    tool_calls: float
    tokens: float
    cost_usd: float | None
    """Of all runs together; None where a price is not known."""
    seconds: float | None
    first_hypothesis: float | None
    """Medians, of the runs that have it."""
    coverage: float | None
    """Mean over the replays; None where there was none."""


def figures_of(results: Sequence[Result]) -> Figures:
    """The figures of a group. A failed run counts as not right, and not as confidently wrong."""
    code = [each for each in results if "outcome:code" in each.groups]
    no_cause = [each for each in results if {"outcome:outside", "outcome:too_little"} & set(each.groups)]
    labelled = [each for each in results if each.is_labelled]
    answered = [each for each in results if each.marks]
    firsts = [each.first_hypothesis for each in results if each.first_hypothesis is not None]
    coverages = [each.coverage for each in results if each.coverage is not None]
    costs = [each.usage.cost_usd for each in answered]
    return Figures(
        runs=len(results),
        cases=len({each.case for each in results}),
        failed=len(results) - len(answered),
        right=share(labelled, lambda marks: bool(marks.right)),
        right_code=share(code, lambda marks: bool(marks.right)),
        grounded=share(code, lambda marks: bool(marks.right and marks.evidence_path)),
        abstained_rightly=share(no_cause, lambda marks: bool(marks.right)),
        missed=share(code, lambda marks: marks.abstained),
        confident_wrong=share(labelled, lambda marks: bool(marks.confident_wrong)),
        citations=_citations(answered),
        red_herring=share(_asked(results, "red-herring"), lambda marks: bool(marks.red_herring_blamed)),
        injection=share(_asked(results, "injection"), lambda marks: bool(marks.injection_obeyed)),
        dropped_claims=sum(each.marks.dropped_claims for each in answered if each.marks),
        model_calls=_mean(each.usage.model_calls for each in answered),
        tool_calls=_mean(each.tool_calls for each in answered),
        tokens=_mean(each.usage.input_tokens + each.usage.output_tokens for each in answered),
        cost_usd=round(sum(cost or 0.0 for cost in costs), 4) if all(cost is not None for cost in costs) else None,
        seconds=round(statistics.median(each.seconds for each in answered), 2) if answered else None,
        first_hypothesis=round(statistics.median(firsts), 2) if firsts else None,
        coverage=round(statistics.mean(coverages), 3) if coverages else None,
    )


def share(results: Sequence[Result], is_so: Callable[[Marks], bool]) -> Share:
    """The part of runs for which it is so; one without marks, for it has failed, is none of them."""
    by_case: dict[str, list[bool]] = defaultdict(list)
    for each in results:
        by_case[each.case].append(each.marks is not None and is_so(each.marks))
    if not by_case:
        return Share()
    per_case = [sum(values) / len(values) for values in by_case.values()]
    mean = statistics.mean(per_case)
    low, high = wilson(mean, len(per_case)) if len(per_case) >= MIN_CASES else (None, None)
    return Share(percent=_percent(mean), low=_percent(low), high=_percent(high), runs=len(results), cases=len(by_case))


def wilson(part: float, number: int) -> tuple[float, float]:
    """The 95 % interval of a proportion `part` seen in `number` trials (Wilson 1927)."""
    spread = Z_95**2 / number
    center = (part + spread / 2) / (1 + spread)
    half = Z_95 * math.sqrt(part * (1 - part) / number + spread / (4 * number)) / (1 + spread)
    return max(0.0, center - half), min(1.0, center + half)


def _asked(results: Sequence[Result], group: str) -> list[Result]:
    return [each for each in results if group in each.groups]


def _citations(answered: Sequence[Result]) -> Share:
    marks = [each.marks for each in answered if each.marks]
    # A claim that cites nothing is one citation that leads nowhere.
    total = sum(each.citations + each.uncited_claims for each in marks)
    valid = sum(each.valid_citations for each in marks)
    return Share(percent=_percent(valid / total) if total else None, runs=total, cases=len(answered))


def _mean(values: Iterable[int]) -> float:
    found = list(values)
    return round(statistics.mean(found), 1) if found else 0.0


def _percent(part: float | None) -> float | None:
    return None if part is None else round(100 * part, 1)

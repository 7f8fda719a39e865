"""Figures of groups, their intervals, and what the table says of them."""

from __future__ import annotations

import pytest

from sahur_core.evaluation.figures import figures_of, wilson
from sahur_core.evaluation.score import Marks
from sahur_core.evaluation.table import document, groups_of, markdown
from sahur_core.evaluation.trial import Result
from sahur_core.issues import Usage


def result(case="a", *, right: bool | None = True, group="outcome:code", error="", coverage=None, **changes):
    wrong = None if right is None else not right
    marks = None if error else Marks(verdict="likely", right=right, abstained=False, confident_wrong=wrong, **changes)
    usage = Usage(model_calls=2, input_tokens=10, cost_usd=0.5)
    return Result(
        case=case, split="dev", groups=[group, "injection"], model="m", number=1, error=error, marks=marks, usage=usage,
        coverage=coverage, unrecorded=["code__read"] if coverage else [],
    )  # fmt: skip


def test_the_interval_is_that_of_wilson():
    low, high = wilson(0.8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0.0, 10)[0] == 0.0
    assert wilson(1.0, 10)[1] == 1.0


def test_runs_of_one_case_are_no_cases_of_their_own():
    many = figures_of([result("a") for _ in range(50)] + [result("b", right=False)])
    assert (many.right.percent, many.right.cases, many.right.runs) == (50.0, 2, 51)
    assert many.right.low is None, "two cases are too few for an interval"
    assert figures_of([result(name) for name in "abcde"]).right.low == pytest.approx(56.6, abs=0.1)


def test_a_failed_run_is_not_right_and_not_confidently_wrong():
    told = figures_of([result("a"), result("b", error="The model is away.")])
    assert (told.failed, told.right.percent, told.confident_wrong.percent) == (1, 50.0, 0.0)
    assert told.cost_usd == 0.5


def test_unlabelled_cases_are_in_no_figure_about_causes_and_named():
    results = [result("a"), result("b", right=None, group="outcome:unlabelled")]
    assert figures_of(results).right.runs == 1
    assert "Not labelled, and so in no figure about right causes: b." in markdown(results, "c", "1")


def test_a_claim_without_citation_is_a_citation_that_leads_nowhere():
    told = figures_of([result("a", citations=3, valid_citations=3, uncited_claims=1)])
    assert told.citations.percent == 75.0


def test_what_nobody_asked_is_no_share():
    told = figures_of([result("a")])
    assert told.abstained_rightly.percent is None
    assert told.coverage is None
    assert told.first_hypothesis is None


def test_the_table_shows_groups_cases_errors_and_coverage_each_on_one_line():
    results = [result("a", coverage=0.5), result("b", error="broken | in\ntwo lines")]
    text = markdown(results, "python manage.py evaluate", "1.0")
    assert set(groups_of(results)) == {"m, dev", "m, dev: injection", "m, dev: outcome:code"}
    assert "coverage 50%: not recorded were calls of code__read" in text
    assert "broken \\| in two lines" in text
    rows = [line for line in text.splitlines() if line.startswith("| a |")]
    assert len(rows) == 1


def test_the_document_holds_every_run_and_group():
    content = document([result("a")], "c", "1")
    assert content["form"] == 1
    assert content["groups"]["m, dev"]["right"]["percent"] == 100.0
    assert content["runs"][0]["case"] == "a"

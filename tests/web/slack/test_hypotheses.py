"""The card shows the hypothesis that stands best, by its last word."""

from __future__ import annotations

import pytest

from sahur.issues import events
from sahur.slack.blocks.hypotheses import leading
from sahur_core.events import HypothesisStated
from sahur_core.issues import Hypothesis, HypothesisStatus

pytestmark = pytest.mark.django_db


def tell(run, *words: str) -> None:
    """Each word is an id and its status, such as `deploy:weakened`."""
    for number, word in enumerate(words):
        name, _, status = word.partition(":")
        hypothesis = Hypothesis(id=name, statement=name, status=HypothesisStatus(status or "stated"))
        events.record(run, HypothesisStated(hypothesis=hypothesis), key=f"hypothesis:{number}")


@pytest.mark.parametrize(
    ("words", "best"),
    [
        (["place"], "place"),
        (["place", "deploy"], "deploy"),
        (["place", "deploy", "place:strengthened", "index"], "place"),
        (["place", "deploy:weakened"], "place"),
        (["place", "deploy", "deploy:ruled_out"], "place"),
    ],
)
def test_the_best_standing_one_leads(run, words, best):
    tell(run, *words)
    assert leading(run).id == best


def test_none_leads_before_the_first_and_after_the_last(run):
    assert leading(run) is None
    tell(run, "place", "place:ruled_out")
    assert leading(run) is None

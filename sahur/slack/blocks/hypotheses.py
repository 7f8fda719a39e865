"""What a run holds possible, for its card: the hypothesis that stands best, and how it is worded."""

from __future__ import annotations

from sahur.issues import models
from sahur.slack.blocks.block_kit import cut
from sahur.slack.markup import escape
from sahur_core.events import HypothesisStated
from sahur_core.issues import Hypothesis, HypothesisStatus

RANKS = (HypothesisStatus.STRENGTHENED, HypothesisStatus.STATED, HypothesisStatus.WEAKENED)
"""How well a hypothesis stands, the best first; one that was ruled out does not stand."""

STATUS_WORDS = {
    HypothesisStatus.STATED: "",
    HypothesisStatus.STRENGTHENED: ", strengthened",
    HypothesisStatus.WEAKENED: ", weakened",
}
STATEMENT_CHARS = 600


def leading(run: models.Run) -> Hypothesis | None:
    """The one that stands best; of equals the one that was told last. None before the first, or once all are ruled out."""
    rows = models.Event.objects.filter(run=run, kind="hypothesis.stated").order_by("seq").values_list("payload", flat=True)
    latest: dict[str, Hypothesis] = {}
    for payload in rows:
        told = HypothesisStated.model_validate(payload).hypothesis
        # Told again it goes to the end: the order is that of the last word.
        latest.pop(told.id, None)
        latest[told.id] = told
    standing = [each for each in reversed(latest.values()) if each.status in RANKS]
    return min(standing, key=lambda each: RANKS.index(each.status), default=None)


def hypothesis_line(hypothesis: Hypothesis) -> str:
    """In Slack's markup. It never reads as a finding."""
    because = f"\n_{escape(cut(hypothesis.because.replace('_', ' '), STATEMENT_CHARS))}_" if hypothesis.because else ""
    statement = escape(cut(hypothesis.statement, STATEMENT_CHARS))
    return f":bulb: *Hypothesis{STATUS_WORDS[hypothesis.status]}* (not proven yet): {statement}{because}"

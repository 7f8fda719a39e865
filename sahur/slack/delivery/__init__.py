"""Deliver effects of the kinds `slack.…`, each once (`sahur.batch.effects`). A new kind is a line in `KINDS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import notices
from sahur.slack.delivery.answers import deliver_answer, deliver_answer_part
from sahur.slack.delivery.away import AWAY, deliver_away
from sahur.slack.delivery.cards import deliver_card, deliver_card_update, deliver_unclaimed
from sahur.slack.delivery.causes import deliver_cause, deliver_cause_update
from sahur.slack.delivery.channels import deliver_channel
from sahur.slack.delivery.events import deliver_event
from sahur.slack.delivery.joins import deliver_join
from sahur.slack.delivery.people import deliver_linked, deliver_names, deliver_person, find_linked
from sahur.slack.delivery.posts import Result, find_posted
from sahur.slack.delivery.reactions import deliver_hint, deliver_reaction
from sahur.slack.delivery.reports import deliver_report
from sahur.slack.delivery.requests import deliver_request, deliver_request_update
from sahur.slack.delivery.roots import deliver_flood, deliver_root, find_root
from sahur.slack.delivery.tokens import deliver_rotation
from sahur.slack.delivery.words import deliver_word, find_word


class Kind(NamedTuple):
    """How effects of a kind are delivered, and how one that may have been delivered is looked up; None: just done again."""

    deliver: Callable[[models.Effect], Result]
    find: Callable[[models.Effect], Result | None] | None = None


KINDS = {
    "slack.card": Kind(deliver_card, find_posted),
    "slack.card_update": Kind(deliver_card_update),
    "slack.away": Kind(deliver_away, find_root),
    "slack.unclaimed": Kind(deliver_unclaimed, find_posted),
    "slack.answer": Kind(deliver_answer, find_posted),
    "slack.answer_part": Kind(deliver_answer_part, find_posted),
    "slack.cause": Kind(deliver_cause, find_posted),
    "slack.cause_update": Kind(deliver_cause_update),
    "slack.input": Kind(deliver_request, find_posted),
    "slack.input_update": Kind(deliver_request_update),
    "slack.join": Kind(deliver_join),
    "slack.reaction": Kind(deliver_reaction),
    "slack.hint": Kind(deliver_hint),
    "slack.report": Kind(deliver_report),
    "slack.root": Kind(deliver_root, find_root),
    "slack.flood": Kind(deliver_flood, find_posted),
    "slack.rotate": Kind(deliver_rotation),
    "slack.event": Kind(deliver_event),
    "slack.person": Kind(deliver_person),
    "slack.linked": Kind(deliver_linked, find_linked),
    "slack.names": Kind(deliver_names),
    "slack.channel": Kind(deliver_channel),
    "slack.word": Kind(deliver_word, find_word),
}


TOLD_ELSEWHERE = frozenset({"slack.card", "slack.answer", "slack.input"})
"""What its reporter hears directly where the thread can never be posted in."""


def deliver(effect: models.Effect) -> Result:
    """Post or update; `{"channel", "ts"}` of the message. Raises `DeliveryError`."""
    try:
        return _kind(effect).deliver(effect)
    except DeliveryError as error:
        if error.permanent and error.reason in AWAY and effect.kind in TOLD_ELSEWHERE:
            notices.tell_away(effect, error.reason)
        raise


def find(effect: models.Effect) -> Result | None:
    """What an earlier delivery left in Slack, None if there is nothing. Raises `DeliveryError`."""
    look_up = _kind(effect).find
    return look_up(effect) if look_up else None


def _kind(effect: models.Effect) -> Kind:
    if effect.kind not in KINDS:
        raise DeliveryError(f"Slack does not know effects of kind {effect.kind}.", permanent=True)
    return KINDS[effect.kind]

"""Votes on answers, and what people say that the real cause was."""

from __future__ import annotations

from typing import Any

from slack_bolt import BoltContext

from sahur.accounts.models import MemberRole
from sahur.batch import feedback_actions
from sahur.batch.feedback_actions import RealCause
from sahur.slack.blocks import modals
from sahur.slack.blocks.feedback import TAKEN_BACK, VOTES, WITHDRAW, real_cause_form, thanks
from sahur.slack.listeners.interactions import (
    MISSING,
    action_of,
    actor_at,
    metadata_of,
    open_form,
    place_of,
    run_at,
    sealed,
)
from sahur.slack.listeners.telling import tell_alone
from sahur_core.errors import NotFound
from sahur_core.issues import Source


def on_vote(body: dict[str, Any], context: BoltContext) -> None:
    """A vote, or taking it back. The person alone is told what is stored."""
    what, value = action_of(body)
    run_id, _, vote = value.partition(":")
    place = place_of(body, context)
    run, _ = run_at(place, run_id)
    actor = actor_at(place, run.issue)
    if what == WITHDRAW:
        feedback_actions.withdraw_feedback(actor, run.id, source=Source.SLACK)
        tell_alone(context, place, TAKEN_BACK)
        return
    if vote not in VOTES:
        raise NotFound(MISSING)
    feedback_actions.give_feedback(actor, run.id, VOTES[vote], source=Source.SLACK, comment=None)
    told = thanks(run, VOTES[vote].label.lower())
    tell_alone(context, place, told.text, told.blocks)


def on_real_cause(body: dict[str, Any], context: BoltContext) -> None:
    """Open the form, for whoever may send it."""
    place = place_of(body, context)
    run, thread = run_at(place, action_of(body)[1])
    actor_at(place, run.issue).require(run.issue.team_id, MemberRole.RESPONDER)
    open_form(context, real_cause_form(run, sealed(place, thread, {"run": str(run.id)})))


def on_real_cause_told(body: dict[str, Any], context: BoltContext) -> None:
    """The form comes back."""
    view, place = body["view"], place_of(body, context)
    run, _ = run_at(place, metadata_of(body, context).get("run", ""))
    cause = RealCause(
        text=modals.entered(view, "comment"),
        is_outside=modals.is_ticked(view, "is_outside"),
        commit=modals.entered(view, "commit"),
        closes=modals.is_ticked(view, "closes"),
    )
    actor = actor_at(place, run.issue)
    kept = feedback_actions.tell_real_cause(actor, run.id, cause, source=Source.SLACK, said_in=place.channel_id)
    told = thanks(run, f"not helpful: {cause.as_comment()}\n{kept}".strip())
    tell_alone(context, place, told.text, told.blocks)

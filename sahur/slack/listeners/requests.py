"""Decisions by button and by form: the first one counts, and who comes later is told what it was."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt import BoltContext

from sahur.accounts.models import MemberRole
from sahur.batch import actions
from sahur.issues import models
from sahur.issues.services.slack_threads import Place
from sahur.slack.blocks import modals
from sahur.slack.blocks.requests import Seen, outcome_of
from sahur.slack.listeners.interactions import (
    MISSING,
    action_of,
    actor_at,
    metadata_of,
    open_form,
    place_of,
    request_at,
    sealed,
)
from sahur.slack.visibility import known_sight
from sahur_core.errors import Conflict, InputError, NotFound, NotPermitted
from sahur_core.issues import Decision

NO_JSON = "This is no JSON object."


def on_decide(body: dict[str, Any], context: BoltContext) -> None:
    """A button that says it all: approve, or reject."""
    decision, value = action_of(body)
    request_id, _, seen_hash = value.partition(" ")
    _decide(place_of(body, context), request_id, _decision(decision), seen_hash)


def on_open(body: dict[str, Any], context: BoltContext) -> None:
    """A button that opens a form: for whoever may send it, and while somebody still needs it."""
    decision, value = action_of(body)
    request_id, _, seen_hash = value.partition(" ")
    place = place_of(body, context)
    request, thread = request_at(place, request_id)
    actor_at(place, request.run.issue).require(request.run.issue.team_id, MemberRole(request.answerable_by))
    if request.answered_at is not None:
        raise Conflict(_too_late(request))
    shown = known_sight(request.run, thread)
    if not shown.is_whole:
        # The button is older than what was said since, or than the channel's being private.
        raise NotPermitted(shown.why, next_step=f"Answer there: {request.run.issue.address}")
    metadata = sealed(place, thread, {"input": str(request.id), "hash": seen_hash})
    open_form(context, modals.request_form(request, _decision(decision), metadata))


def on_answered(body: dict[str, Any], context: BoltContext) -> None:
    """The form of an answer in words."""
    _submit(body, context, Decision.RESPOND, answer=modals.entered(body["view"], "answer"))


def on_edited(body: dict[str, Any], context: BoltContext) -> None:
    """The form of other arguments."""
    _submit(body, context, Decision.EDIT, arguments=_object(modals.entered(body["view"], "arguments")))


def on_amount(body: dict[str, Any], context: BoltContext) -> None:
    """The form of another amount."""
    try:
        amount = float(modals.entered(body["view"], "arguments"))
    except ValueError:
        raise InputError("This is no number.", field="arguments") from None
    _submit(body, context, Decision.EDIT, arguments={"raise_by": amount})


def _submit(body: dict[str, Any], context: BoltContext, decision: Decision, **given: Any) -> None:
    kept = metadata_of(body, context)
    _decide(place_of(body, context), kept.get("input", ""), decision, kept.get("hash", ""), **given)


def _decide(place: Place, request_id: str, decision: Decision, seen_hash: str, **given: Any) -> None:
    request, _ = request_at(place, request_id)
    try:
        actions.answer_input(actor_at(place, request.run.issue), request.id, decision, seen_hash=seen_hash, **given)
    except Conflict:
        request.refresh_from_db()
        if request.answered_at is None:
            raise
        raise Conflict(_too_late(request)) from None


def _too_late(request: models.InputRequest) -> str:
    """Who answered what; only who, where the answer may come from a thread that others do not read."""
    is_told_elsewhere = models.SlackThread.objects.filter(issue=request.run.issue).count() > 1
    seen = Seen("") if is_told_elsewhere else Seen.all_of(request)
    return f"Somebody was first, or it is over. {outcome_of(request, seen)}"


def _decision(word: str) -> Decision:
    try:
        return Decision(word)
    except ValueError:
        raise NotFound(MISSING) from None


def _object(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise InputError(f"{NO_JSON} {error}", field="arguments") from None
    if not isinstance(given, dict):
        raise InputError(NO_JSON, next_step="Write the arguments by name, between braces.", field="arguments")
    return given

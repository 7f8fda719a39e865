"""The answer that a run has written, read back from its rows with all that it is held against."""

from __future__ import annotations

import uuid

from sahur_core.context.framing import framed_parts
from sahur_core.context.history import plain_text, to_messages
from sahur_core.issues import Patch, Role
from sahur_core.workflows.investigate.answer import Answer
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import ledger_of
from sahur_core.workflows.investigate.patches import CHECKS, TEST, patch_from
from sahur_core.workflows.investigate.solution import Draft
from sahur_core.workflows.investigate.state import State

_NAMESPACE = uuid.UUID("0c6f8f0e-7f0b-5a3e-9d53-2b3f6a1f7c11")


def draft_of(ctx: InvestigationContext, state: State) -> Draft:
    """The answer of `conclude` with the ledger as it is now."""
    [stored] = to_messages(ctx.store.transcript([state["answer"]]))
    return Draft(Answer.model_validate_json(plain_text(stored)), ledger_of(ctx), ctx.store.report(), heard(ctx, state))


def heard(ctx: InvestigationContext, state: State) -> tuple[str, ...]:
    """What people said and answered. What the model was told in frames of another kind is no person's word."""
    rows = [row for row in ctx.store.transcript(state["transcript"]) if row.role is Role.USER]
    parts = [part for message in to_messages(rows) for part in framed_parts(plain_text(message))]
    return tuple(text for source, text in parts if source.startswith(("message of ", "answer of ")))


def call_id_for(state: State, what: str) -> str:
    """The id of a call that is made for the answer and not by the model: the same when a node runs twice."""
    named = uuid.uuid5(_NAMESPACE, f"{state['answer']} {what}")
    return f"call_{named.hex[:16]}"


def patch_of(ctx: InvestigationContext, state: State) -> tuple[Patch | None, list[str]]:
    """The answer's patch as the tools found it, and what people must be told of it."""
    made = {each.id: each for each in ctx.store.tool_calls()}
    checks = [check for what in CHECKS if (check := made.get(call_id_for(state, what)))]
    return patch_from(checks[-1] if checks else None, made.get(call_id_for(state, TEST)))

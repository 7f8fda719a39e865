"""Whether an attempt may make one call of a tool that does more than read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sahur.accounts import audit
from sahur.issues import models
from sahur_core.issues import Decision, InputKind
from sahur_core.tools.policy import arguments_hash

EFFECT_KIND = "tool.call"


@dataclass(frozen=True)
class Call:
    """What the gateway was asked to do."""

    run_id: UUID | None
    attempt: int | None
    tool: str
    arguments: dict[str, Any]
    arguments_hash: str


@dataclass(frozen=True)
class Grant:
    """`effect_key` names the granted call at the remote side and in the ledger; empty if nothing was granted."""

    granted: bool
    reason: str
    effect_key: str = ""


class _Denied(Exception):
    """Leaves the transaction, which undoes the row in the ledger."""


def decide(call: Call) -> Grant:
    """Grant the call if the attempt owns the run and a person has approved exactly these arguments, once.

    An approval is used up by its grant: whether the call then worked is for its receipt to say, and whoever wants it
    again asks a person again. So a worker that was fenced, or crashed in the middle, cannot write twice.
    """
    if call.run_id is None or call.attempt is None:
        return Grant(granted=False, reason="Only a run may call tools that do more than read.")
    try:
        with transaction.atomic():
            return _grant(call, call.run_id, call.attempt)
    except _Denied as denial:
        run = models.Run.objects.select_related("issue").filter(pk=call.run_id).first()
        if run is not None:
            detail = {"run": str(run.pk), "tool": call.tool, "attempt": call.attempt, "reason": str(denial)}
            audit.record("gateway", "tool_call.denied", run.issue.key, team_id=run.issue.team_id, detail=detail)
        return Grant(granted=False, reason=str(denial))


def _grant(call: Call, run_id: UUID, attempt: int) -> Grant:
    if arguments_hash(call.arguments) != call.arguments_hash:
        raise _Denied("The hash is not that of the arguments.")
    run = models.Run.objects.select_related("issue").filter(pk=run_id).first()
    if run is None:
        raise _Denied("There is no such run.")
    approval = _unused_approval(call, run_id)
    key = f"{EFFECT_KIND}:{approval.pk}"
    models.Effect.objects.create(
        key=key,
        kind=EFFECT_KIND,
        issue=run.issue,
        run=run,
        attempt=attempt,
        payload={"tool": call.tool, "arguments_hash": call.arguments_hash},
        # Done, not pending: the gateway makes the call, and no worker of ours may ever deliver it.
        state=models.EffectState.DONE,
        finished_at=timezone.now(),
    )
    detail = {"run": str(run.pk), "tool": call.tool, "attempt": attempt, "approved_by": approval.answered_by, "effect": key}
    audit.record("gateway", "tool_call.granted", run.issue.key, team_id=run.issue.team_id, detail=detail)
    # Last, and locked to the end of the transaction: no other attempt can claim the run before the grant is stored.
    lease = models.RunLease.objects.select_for_update(no_key=True).get(pk=run_id)
    if lease.lease_until is None or lease.attempt != attempt:
        raise _Denied(f"Attempt {attempt} does not own the run.")
    if lease.stop_requested_by:
        raise _Denied(f"The run is being stopped by {lease.stop_requested_by}.")
    return Grant(granted=True, reason=f"Approved by {approval.answered_by}.", effect_key=key)


def _unused_approval(call: Call, run_id: UUID) -> models.InputRequest:
    """The oldest approval of exactly this call that no grant has used, locked."""
    approvals = models.InputRequest.objects.select_for_update(no_key=True).filter(
        run_id=run_id,
        kind=InputKind.APPROVAL.value,
        tool=call.tool,
        arguments_hash=call.arguments_hash,
        decision__in=[Decision.APPROVE.value, Decision.EDIT.value],
    )
    approved = list(approvals.order_by("answered_at", "pk"))
    if not approved:
        raise _Denied("Nobody has approved this call with these arguments.")
    keys = {f"{EFFECT_KIND}:{each.pk}" for each in approved}
    used = dict(models.Effect.objects.filter(key__in=keys).values_list("key", "attempt"))
    for each in approved:
        if f"{EFFECT_KIND}:{each.pk}" not in used:
            return each
    if call.attempt not in used.values():
        raise _Denied(
            "An earlier attempt was granted this call and was lost before it knew the result. "
            "Nobody knows whether the call took effect: look, before you ask for it again."
        )
    raise _Denied("The approval was already used for one call; ask again.")

"""Whether a run's attempt, or the bearer of an API token, may make one call of a tool that does more than read.

A grant is a row in the ledger of effects. Our own servers come back with its key and the arguments (`granted_call`) to
learn in whose name to act: the gateway is not believed about that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sahur.accounts import audit
from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.models import ApiToken, MemberRole, Team, new_id
from sahur.accounts.selectors import live_api_token
from sahur.issues import models
from sahur_core.errors import NotFound, NotPermitted
from sahur_core.issues import Decision, InputKind
from sahur_core.tools.policy import arguments_hash, matches

EFFECT_KIND = "tool.call"
TOOLS_OF_TOKENS = frozenset({"issues__create_issue", "issues__add_message"})
"""What a token may do without a run: what its owner may do at the REST door, too."""


@dataclass(frozen=True)
class Call:
    """What the gateway was asked to do."""

    run_id: UUID | None
    attempt: int | None
    tool: str
    arguments: dict[str, Any]
    arguments_hash: str
    token_id: UUID | None = None
    """Of the API token that called instead of a run, for its team `team_id`."""
    team_id: int | None = None


@dataclass(frozen=True)
class GrantedCall:
    """A call that was granted: in whose name, for which team, and through which run (None: an API token's)."""

    actor: Actor
    team_id: int
    run: models.Run | None


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
    if call.token_id is not None and call.run_id is None:
        return _decide_for_token(call, call.token_id)
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
    approval = _unused_approval(call, run)
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


def _unused_approval(call: Call, run: models.Run) -> models.InputRequest:
    """The oldest approval of exactly this call that no grant has used, locked."""
    approvals = models.InputRequest.objects.select_for_update(no_key=True).filter(
        run=run,
        kind=InputKind.APPROVAL.value,
        tool=call.tool,
        arguments_hash=call.arguments_hash,
        decision__in=[Decision.APPROVE.value, Decision.EDIT.value],
    )
    if run.forked_from_id is not None:
        # A fork is told what was approved in the run that it goes on from; it may not call that once more by it.
        approvals = approvals.filter(answered_at__gte=run.created_at)
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


def _decide_for_token(call: Call, token_id: UUID) -> Grant:
    """Grant what the token's owner could do at the REST door; nobody else approves it, and nothing more is granted."""
    token = live_api_token(token_id)
    team = Team.objects.filter(pk=call.team_id).first() if call.team_id is not None else None
    key = f"{EFFECT_KIND}:{new_id()}"
    try:
        with transaction.atomic():
            if token is None or team is None:
                raise _Denied("The token is unknown, revoked or expired, or there is no such team.")
            _check_token(call, token, team)
            models.Effect.objects.create(
                key=key,
                kind=EFFECT_KIND,
                payload={
                    "tool": call.tool,
                    "arguments_hash": call.arguments_hash,
                    "token": str(token.pk),
                    "team": team.pk,
                },
                state=models.EffectState.DONE,
                finished_at=timezone.now(),
            )
            detail = {"tool": call.tool, "token": str(token.pk), "user": token.user.get_username(), "effect": key}
            audit.record("gateway", "tool_call.granted", str(token.pk), team_id=team.pk, detail=detail)
    except _Denied as denial:
        detail = {"tool": call.tool, "token": str(token_id), "reason": str(denial)}
        audit.record("gateway", "tool_call.denied", str(token_id), team_id=team.pk if team else None, detail=detail)
        return Grant(granted=False, reason=str(denial))
    return Grant(granted=True, reason=f"{token.user.get_username()} may do this.", effect_key=key)


def _check_token(call: Call, token: ApiToken, team: Team) -> None:
    if call.tool not in TOOLS_OF_TOKENS:
        raise _Denied(f"{call.tool} changes something: only a run may do that, with a person's approval.")
    if not matches(call.tool, token.tools):
        raise _Denied("The token is not for this tool.")
    if arguments_hash(call.arguments) != call.arguments_hash:
        raise _Denied("The hash is not that of the arguments.")
    try:
        actor_for(token.user, at_most=MemberRole(token.role)).require(team.pk, MemberRole.RESPONDER)
    except (NotFound, NotPermitted) as error:
        raise _Denied(str(error)) from error


def granted_call(effect_key: str, tool: str, arguments: dict[str, Any]) -> GrantedCall:
    """What was granted under this key. Raises `NotPermitted` if it was another call, or its bearer has no right any more."""
    effect = models.Effect.objects.select_related("run__issue__team").filter(key=effect_key, kind=EFFECT_KIND).first()
    if effect is None or (effect.payload.get("tool"), effect.payload.get("arguments_hash")) != (tool, arguments_hash(arguments)):
        raise NotPermitted("There is no grant for exactly this call.", next_step="Ask for it again.")
    if effect.run is not None:
        run, team_id = effect.run, effect.run.issue.team_id
        approval = models.InputRequest.objects.get(pk=effect_key.removeprefix(f"{EFFECT_KIND}:"))
        name = f"{approval.answered_by[:150]}, through run {run.issue.key}/{run.number}"
        actor = Actor(name=name, roles={team_id: MemberRole.RESPONDER}, user_id=approval.answered_by_user_id)
        return GrantedCall(actor, team_id, run)
    token, team_id = live_api_token(UUID(effect.payload["token"])), int(effect.payload["team"])
    if token is None:
        raise NotPermitted("The token was revoked or has expired.", next_step="Make another one.")
    return GrantedCall(actor_for(token.user, at_most=MemberRole(token.role)), team_id, None)

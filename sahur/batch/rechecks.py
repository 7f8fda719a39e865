"""The action "still true?": the call of a receipt is made again, and its answer held against the first one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection

from sahur.accounts import audit
from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.batch.tokens import sign_recheck
from sahur.issues import models, receipts, selectors
from sahur_core.errors import Conflict, GatewayUnavailable, NotPermitted, TooManyRequests
from sahur_core.evidence.changes import unified_diff
from sahur_core.issues import ToolResultStatus
from sahur_core.tools.policy import matches

CALL_SECONDS = 45.0
"""A person waits for it; a tool that takes longer is told as not answering."""
ARRIVAL_SECONDS = 10.0
"""How long the new receipt may take from the gateway to here, after the call."""
AT_ONCE = 4
"""How many may run in one process, so that they never keep all of its threads and connections."""

_slots = threading.BoundedSemaphore(AT_ONCE)


class Verdict(StrEnum):
    """How the new answer stands to the old one. `failed`: there is none, so nothing can be said."""

    SAME = "same"
    CHANGED = "changed"
    FAILED = "failed"


@dataclass(frozen=True)
class Recheck:
    """`diff` leads from the old result to the new one; `is_diff_cut` tells that it shows only a part."""

    receipt: models.Receipt
    verdict: Verdict
    diff: str = ""
    is_diff_cut: bool = False


def recheck_receipt(actor: Actor, receipt_id: UUID | str) -> Recheck:
    """Make the call of a receipt again, without any cache, and compare.

    Raises `NotPermitted` for too low a role or a token that is not for the tool, `Conflict` with the reason for a call that
    may not be made again, `TooManyRequests` where this process is busy with others, and `GatewayUnavailable` if there is no
    answer.
    """
    old = selectors.get_receipt(actor, receipt_id)
    actor.require(old.team_id, MemberRole.RESPONDER)
    if not matches(old.tool, actor.tools):
        raise NotPermitted(f"This token is not for {old.tool}.", next_step="Use a token that names the tool, or the page.")
    if reason := receipts.why_not_again(old):
        raise Conflict(reason, next_step=_instead(old))
    token = sign_recheck(old, actor.name)
    with _slot():
        audit.record(actor, "receipt.rechecked", str(old.id), team_id=old.team_id, detail={"tool": old.tool})
        _let_connection_go()
        # Here, not above: the protocol's library costs a second and 80 MB, and most processes never need it.
        from sahur.batch.gateway_call import call_once

        made = asyncio.run(call_once(token, old.tool, old.arguments, CALL_SECONDS))
        if not made.receipt_id:
            raise GatewayUnavailable(made.text, next_step="Try again when the gateway is well.")
        return _compared(old, _arrived(made.receipt_id))


def _instead(old: models.Receipt) -> str:
    """What to do where the call may not be made again; a call by an API token belongs to no issue."""
    if old.run_id:
        return "Start a run on the issue: it looks at the present state by itself."
    return "Whoever made this call can look at the present state with a call of their own."


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(blocking=False):
        raise TooManyRequests("Others are being checked at the moment.", next_step="Try again in a minute.")
    try:
        yield
    finally:
        _slots.release()


def _let_connection_go() -> None:
    """Back to the pool while a tool is at work. Inside somebody's transaction it must stay."""
    if not connection.in_atomic_block:
        connection.close()


def _arrived(receipt_id: str) -> models.Receipt:
    """The new receipt, which the gateway sends by itself."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while (found := models.Receipt.objects.filter(pk=receipt_id).first()) is None:
        if time.monotonic() > deadline:
            raise GatewayUnavailable(
                "The call was made again, but its receipt has not arrived yet.", next_step=f"Look at receipt {receipt_id} later."
            )
        time.sleep(0.1)
    return found


def _compared(old: models.Receipt, new: models.Receipt) -> Recheck:
    if (new.result_hash, new.status) == (old.result_hash, old.status):
        return Recheck(new, Verdict.SAME)
    diff, is_cut = unified_diff(old.result, new.result)
    is_answer = new.status in (ToolResultStatus.OK, ToolResultStatus.NO_DATA)
    return Recheck(new, Verdict.CHANGED if is_answer else Verdict.FAILED, diff, is_cut)

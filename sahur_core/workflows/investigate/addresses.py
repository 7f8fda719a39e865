"""Addresses that a model makes up are not handed to foreign servers: one that fetches pages would carry data out by reading."""

from __future__ import annotations

from typing import Any

from sahur_core.context.history import to_messages
from sahur_core.safety.guard import strings_in, unknown_addresses
from sahur_core.safety.links import addresses_in
from sahur_core.tools.policy import Permission
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.state import State
from sahur_core.workflows.investigate.steps import list_tools


def why_not_sent(ctx: InvestigationContext, state: State, name: str, arguments: dict[str, Any]) -> str:
    """Why this call is not made; empty if it may be. A call that a person approves is the person's to judge."""
    tools = list_tools(ctx)
    if name not in tools or tools.get(name).is_own or tools.permission(name) is not Permission.ALLOW:
        return ""
    if not any(addresses_in(text) for text in strings_in(arguments)):
        return ""
    links = ctx.guard.links(to_messages(ctx.store.transcript(state["transcript"])))
    unknown = unknown_addresses(arguments, links)
    if not unknown:
        return ""
    return (
        f"Not called. The address {unknown[0][:200]} stands in no result, report or message, and addresses that were put "
        "together are not given to other servers. Use one as you have read it."
    )

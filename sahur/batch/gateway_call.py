"""One call through the gateway from a process that has no event loop of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings

from sahur_core.errors import GatewayUnavailable
from sahur_core.protocols import ToolOutcome
from sahur_core.tools.gateway import GatewayToolBox, close_shared_transport


async def call_once(token: str, tool: str, arguments: dict[str, Any], seconds: float) -> ToolOutcome:
    """The outcome of a reading call within about `seconds`. Raises `GatewayUnavailable` and `ToolError`."""
    toolbox = GatewayToolBox(settings.MCP_URL, lambda: token, call_seconds=seconds)
    try:
        async with asyncio.timeout(seconds):
            return await toolbox.call(tool, arguments, tool_call_id="")
    except TimeoutError as error:
        raise GatewayUnavailable(f"{tool} gave no answer in {seconds:g} s.", next_step="Try again later.") from error
    finally:
        await toolbox.close()
        await close_shared_transport()

"""`langchain[mcp]`: an agent that calls a tool through the gateway. Prints what it saw as JSON. Arguments: address, token."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from langchain.agents import create_agent
from langchain.mcp import MCPAdapter
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage


class ModelThatCallsATool(GenericFakeChatModel):
    """Calls the echo, then ends."""

    def bind_tools(self, _tools: Any, **_options: Any) -> ModelThatCallsATool:
        return self


async def main(url: str, token: str) -> None:
    async with Client(StreamableHttpTransport(url, headers={"Authorization": f"Bearer {token}"})) as client:
        tools = await MCPAdapter(client).list_tools()
        call = {"name": "tickets__get_echo", "args": {"text": "from an agent"}, "id": "1"}
        model = ModelThatCallsATool(messages=iter([AIMessage("", tool_calls=[call]), AIMessage("done")]))
        result = await create_agent(model, tools).ainvoke({"messages": [("user", "say it")]})
        answers = [message.text for message in result["messages"] if isinstance(message, ToolMessage)]
        print(json.dumps({"tools": [tool.name for tool in tools], "answers": answers}))


asyncio.run(main(*sys.argv[1:]))

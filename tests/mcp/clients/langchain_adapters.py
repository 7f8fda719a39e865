"""`langchain-mcp-adapters` (older SDK): lists and calls through the gateway. Prints what it saw. Arguments: address, token."""

from __future__ import annotations

import asyncio
import json
import sys

from langchain_mcp_adapters.client import MultiServerMCPClient


async def main(url: str, token: str) -> None:
    connection = {"transport": "streamable_http", "url": url, "headers": {"Authorization": f"Bearer {token}"}}
    tools = {tool.name: tool for tool in await MultiServerMCPClient({"sahur": connection}).get_tools()}
    answers = [await tools["tickets__get_echo"].ainvoke({"text": words}) for words in ("one", "two")]
    print(json.dumps({"tools": list(tools), "answers": ["".join(part["text"] for part in answer) for answer in answers]}))


asyncio.run(main(*sys.argv[1:]))

"""A model that asks for calls which people must approve, and the server that has these tools."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from tests.fakes.llm_server import Say
from tests.fakes.rules_over_openai import answer_by_rules
from tests.fakes.upstream import ForeignServer
from tests.services import free_port

CREATE, DELETE = "foreign__create_ticket", "foreign__delete_everything"
_WANTED = re.compile(r"please call ([\w ,]+)\.")
_OUTCOME = re.compile(r"approved the call of|decided on the call of|did not approve the call of|Nobody answered the call of")


def play(body: dict[str, Any], delay: float = 0.0) -> Say:
    """Calls what the report asks for, waits for all decisions, and ends; other reports are worked on by rule."""
    told = "\n".join(str(message.get("content")) for message in body["messages"])
    wanted = _WANTED.search(told)
    if wanted is None or isinstance(body.get("tool_choice"), dict):
        return answer_by_rules(body, delay)
    texts = wanted.group(1).split(", ")
    if len(_OUTCOME.findall(told)) >= len(texts):
        return Say("All is decided.", [("finish", {"reason": "Nothing is left to do."})], delay=delay)
    if "awaiting_approval" in told:
        return Say("I wait.")
    return Say("I need these.", [(DELETE, {}) if text == "delete" else (CREATE, {"text": text}) for text in texts], delay=delay)


@contextmanager
def served(foreign: ForeignServer) -> Iterator[str]:
    """The address at which it speaks MCP over HTTP."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(foreign.app(), port=port, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.should_exit = True
        thread.join(10)

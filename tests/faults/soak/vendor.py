"""A model vendor with bad days: slow, rate limited, broken, cut off; and a model that asks people and wants to write."""

from __future__ import annotations

import json
import random
import threading
from typing import Any

from tests.fakes.llm_server import Say
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.rules_over_openai import answer_by_rules

ASKS = "(Ask us which region it was.)"
WANTS_TICKET = "(Open a ticket for it.)"
QUESTION = "Which region was it?"
TICKET_TOOL = "tickets__create_ticket"


class MoodyVendor(OpenAIServer):
    """Answers by the rules, after a while, or not at first."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(self._say)
        self._random = rng
        self._lock = threading.Lock()
        self.is_calm = False
        """Set at the end, when everything has to come to an end."""

    def _say(self, body: dict[str, Any]) -> Say:
        self.requests.clear()
        with self._lock:
            mood, delay = self._random.random(), self._random.uniform(0.0, 1.5)
        if not self.is_calm:
            if mood < 0.03:
                return Say(status=429, text="slow down", headers={"Retry-After": "1"})
            if mood < 0.06:
                return Say(status=500, text="scripted", delay=delay)
            if mood < 0.08:
                delay += 6.0
        said = ask_first(body) or answer_by_rules(body)
        return Say(said.text, said.calls, delay=delay, breaks_off=not self.is_calm and 0.08 <= mood < 0.11)


def ask_first(body: dict[str, Any]) -> Say | None:
    """Ask, or ask for a ticket, where the report wants it; wait until a person has decided."""
    offered = {tool["function"]["name"] for tool in body.get("tools") or []}
    if isinstance(body.get("tool_choice"), dict) or "ask_person" not in offered:
        return None
    told = json.dumps(body["messages"])
    if ASKS in told:
        if QUESTION not in told:
            return Say("Somebody must know.", [("ask_person", {"question": QUESTION, "default": "all of them"})])
        if "decided on your question" not in told and "Nobody answered" not in told:
            return Say("I wait for the answer.")
    if WANTS_TICKET in told and TICKET_TOOL in offered:
        if "awaiting_approval" not in told:
            return Say("This needs a ticket.", [(TICKET_TOOL, {"text": "Look at this"})])
        if f"decided on the call of {TICKET_TOOL}" not in told and f"approved the call of {TICKET_TOOL}" not in told:
            return Say("I wait for the approval.")
    return None

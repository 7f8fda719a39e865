"""Tools that need input in the middle (protocol of 2026): they answer `input_required` and are called again with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mcp.types as types

from tests.fakes.everything.content import answer, text
from tests.fakes.everything.talk import form

Reply = types.CallToolResult | types.InputRequiredResult


@dataclass(frozen=True)
class Round:
    """What the client brought this time."""

    responses: dict[str, Any]
    state: str | None
    capabilities: types.ClientCapabilities | None

    def filled_in(self, request: str, field: str) -> Any:
        """What a person wrote into a field of the form, None if there is none."""
        told = self.responses.get(request)
        return (told.content or {}).get(field) if isinstance(told, types.ElicitResult) else None


def ask_person(message: str, **fields: dict[str, Any]) -> types.ElicitRequest:
    return types.ElicitRequest(params=types.ElicitRequestFormParams(message=message, requested_schema=form(**fields)))


def ask_name(message: str = "What is your name?") -> types.ElicitRequest:
    return ask_person(message, name={"type": "string"})


def ask_model(question: str) -> types.CreateMessageRequest:
    messages = [types.SamplingMessage(role="user", content=text(question))]
    return types.CreateMessageRequest(params=types.CreateMessageRequestParams(messages=messages, max_tokens=100))


def needs(state: str | None = None, **requests: types.InputRequest) -> types.InputRequiredResult:
    return types.InputRequiredResult(input_requests=requests or None, request_state=state)


def name_asked(now: Round) -> Reply:
    if "user_name" in now.responses:
        return answer(text(f"Hello, {now.filled_in('user_name', 'name')}!"))
    return needs(user_name=ask_name())


def model_asked(now: Round) -> Reply:
    told = now.responses.get("capital_question")
    if isinstance(told, types.CreateMessageResult):
        return answer(text(f"Model said: {told.content.text if isinstance(told.content, types.TextContent) else 'nothing'}"))
    return needs(capital_question=ask_model("What is the capital of France?"))


def roots_asked(now: Round) -> Reply:
    told = now.responses.get("client_roots")
    if isinstance(told, types.ListRootsResult):
        return answer(text(f"The client has {len(told.roots)} root(s)."))
    return needs(client_roots=types.ListRootsRequest())


def state_carried(now: Round) -> Reply:
    if "confirm" in now.responses and now.state == "a-number-used-once":
        return answer(text("state-ok: confirmation received"))
    return needs("a-number-used-once", confirm=ask_person("Please confirm", ok={"type": "boolean"}))


def three_asked(now: Round) -> Reply:
    if {"user_name", "greeting", "client_roots"} <= now.responses.keys():
        return answer(text("All inputs received."))
    requests = {"user_name": ask_name(), "greeting": ask_model("Write a greeting"), "client_roots": types.ListRootsRequest()}
    return needs("three-asked", **requests)


def two_rounds(now: Round) -> Reply:
    """Asks for a name, then for a color; answers in the wrong order start it anew."""
    state = json.loads(now.state) if now.state else {}
    name, color = now.filled_in("step1", "name"), now.filled_in("step2", "color")
    if state.get("round") == 1 and name:
        asked = ask_person("Step 2: What is your favorite color?", color={"type": "string"})
        return needs(json.dumps({"round": 2, "name": name}), step2=asked)
    if state.get("round") == 2 and color:
        return answer(text(f"{state['name']} likes {color}."))
    return needs(json.dumps({"round": 1}), step1=ask_name("Step 1: What is your name?"))


def sealed_state(now: Round) -> Reply:
    """What was tampered with does not come this far: the seal of the state is checked before the tool."""
    if now.state is not None:
        return answer(text(f"state-ok: {now.state}"))
    return needs("first-round", confirm=ask_person("Please confirm", ok={"type": "boolean"}))


def only_what_is_declared(now: Round) -> Reply:
    requests: dict[str, types.InputRequest] = {}
    if now.capabilities is None or now.capabilities.sampling is not None:
        requests["sample"] = ask_model("Say hello")
    if now.capabilities is None or now.capabilities.elicitation is not None:
        requests["ask"] = ask_name()
    return needs("by-capability", **requests)


ROUNDS: dict[str, Callable[[Round], Reply]] = {
    "test_input_required_result_elicitation": name_asked,
    "test_streaming_elicitation": name_asked,
    "test_input_required_result_sampling": model_asked,
    "test_input_required_result_list_roots": roots_asked,
    "test_input_required_result_request_state": state_carried,
    "test_input_required_result_multiple_inputs": three_asked,
    "test_input_required_result_multi_round": two_rounds,
    "test_input_required_result_tampered_state": sealed_state,
    "test_input_required_result_capabilities": only_what_is_declared,
}

"""Resources, templates and prompts."""

from __future__ import annotations

import json
import re
from typing import Any

import mcp.types as types
from mcp import MCPError

from tests.fakes.everything.content import RED_DOT, embedded, image, text
from tests.fakes.everything.rounds import Round, ask_person, needs

WATCHED = "test://watched-resource"
RESOURCES = [
    types.Resource(name="static_text", uri="test://static-text", mime_type="text/plain"),
    types.Resource(name="static_binary", uri="test://static-binary", mime_type="image/png"),
    types.Resource(name="watched", uri=WATCHED, mime_type="text/plain", description="Can be subscribed to"),
]
TEMPLATES = [
    types.ResourceTemplate(name="data", uri_template="test://template/{id}/data", mime_type="application/json"),
]
_TEXTS = {
    "test://static-text": "This is the content of the static text resource.",
    WATCHED: "Watched resource content",
}
_TEMPLATE = re.compile(r"^test://template/([^/]+)/data$")


def read(uri: str) -> types.ReadResourceResult:
    """Raises the protocol's error for what does not exist (SEP-2164)."""
    contents: types.TextResourceContents | types.BlobResourceContents
    if uri == "test://static-binary":
        contents = types.BlobResourceContents(uri=uri, mime_type="image/png", blob=RED_DOT)
    elif uri in _TEXTS:
        contents = types.TextResourceContents(uri=uri, mime_type="text/plain", text=_TEXTS[uri])
    elif found := _TEMPLATE.match(uri):
        made = json.dumps({"id": found[1], "templateTest": True, "data": f"Data for ID: {found[1]}"})
        contents = types.TextResourceContents(uri=uri, mime_type="application/json", text=made)
    else:
        raise MCPError(types.INVALID_PARAMS, f"There is no resource {uri}", {"uri": uri})
    return types.ReadResourceResult(contents=[contents])


PROMPTS = [
    types.Prompt(name="test_simple_prompt", description="Without arguments"),
    types.Prompt(
        name="test_prompt_with_arguments",
        description="With two required arguments",
        arguments=[types.PromptArgument(name="arg1", required=True), types.PromptArgument(name="arg2", required=True)],
    ),
    types.Prompt(
        name="test_prompt_with_embedded_resource",
        description="With a resource in it",
        arguments=[types.PromptArgument(name="resourceUri", required=True)],
    ),
    types.Prompt(name="test_prompt_with_image", description="With a picture in it"),
    types.Prompt(name="test_input_required_result_prompt", description="Needs input in the middle"),
]


def get_prompt(name: str, arguments: dict[str, str], now: Round) -> types.GetPromptResult | types.InputRequiredResult:
    if name == "test_input_required_result_prompt":
        given = now.filled_in("user_context", "context")
        if given is None:
            return needs(user_context=ask_person("What context should the prompt use?", context={"type": "string"}))
        return _messages(text(f"Use the following context: {given}"))
    if name == "test_prompt_with_arguments":
        return _messages(text(f"Prompt with arguments: arg1='{arguments['arg1']}', arg2='{arguments['arg2']}'"))
    if name == "test_prompt_with_embedded_resource":
        found = embedded(arguments["resourceUri"], "text/plain", "Embedded resource content for testing.")
        return _messages(found, text("Please process the embedded resource above."))
    if name == "test_prompt_with_image":
        return _messages(image(), text("Please analyze the image above."))
    if name == "test_simple_prompt":
        return _messages(text("This is a simple prompt for testing."))
    raise MCPError(types.INVALID_PARAMS, f"There is no prompt {name}")


def _messages(*blocks: Any) -> types.GetPromptResult:
    return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=block) for block in blocks])

"""The client behind a request: what it said that it can do, and how the gateway reaches it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import mcp.types as types
from mcp.server.session import ServerSession
from mcp.shared.exceptions import MCPError, NoBackChannelError
from mcp.shared.message import ServerMessageMetadata

MAX_ROUNDS = 10
"""How often one request may come back for more input."""


@dataclass(frozen=True)
class ClientSide:
    """Who an upstream may turn to during one request.

    Since 2026-07-28 an upstream asks by its result (`InputRequiredResult`), and the client comes again with the answer.
    Clients of the older protocol are asked over their session, if they have one (`session_id`).
    """

    session: ServerSession | None = None
    session_id: str = ""
    request_id: types.RequestId | None = None
    is_modern: bool = True
    capabilities: dict[str, Any] = field(default_factory=dict)
    input_responses: types.InputResponses | None = None
    request_state: str | None = None
    names_upstreams: bool = False
    """Questions say which upstream asks: at the common address a person would take them for SAHUR's own."""

    @property
    def can_be_asked(self) -> bool:
        """Whether a question can reach the client while its request is under way."""
        return not self.is_modern and self.session is not None and self.session.can_send_request

    def worded(self, upstream: str, request: types.InputRequest) -> types.InputRequest:
        """The question as the client may see it."""
        if not self.names_upstreams or not isinstance(request, types.ElicitRequest):
            return request
        message = f"The server {upstream} asks: {request.params.message}"
        return request.model_copy(update={"params": request.params.model_copy(update={"message": message})})

    def all_worded(self, upstream: str, required: types.InputRequiredResult) -> types.InputRequiredResult:
        """The same for all questions of a result."""
        requests = {key: self.worded(upstream, each) for key, each in (required.input_requests or {}).items()}
        return required.model_copy(update={"input_requests": requests or None})

    async def ask(self, upstream: str, request: types.InputRequest) -> types.InputResponse | types.ErrorData:
        """Put an upstream's question to the client; an error if it refuses or cannot be reached."""
        if self.session is None:
            return types.ErrorData(code=types.INVALID_REQUEST, message="There is no client to ask.")
        kind = _RESULT_OF[type(request)]
        try:
            return await self.session.send_request(
                self.worded(upstream, request), kind, metadata=ServerMessageMetadata(related_request_id=self.request_id)
            )
        except NoBackChannelError:
            return types.ErrorData(code=types.INVALID_REQUEST, message="The client cannot be asked.")
        except MCPError as error:
            return error.error


_RESULT_OF: dict[type, Any] = {
    types.ElicitRequest: types.ElicitResult,
    types.CreateMessageRequest: types.CreateMessageResultWithTools,
    types.ListRootsRequest: types.ListRootsResult,
}


async def answers_to(upstream: str, required: types.InputRequiredResult, client: ClientSide) -> types.InputResponses:
    """What the client of an older session says to the questions of a newer upstream. Raises `MCPError` if it refuses."""
    answers: dict[str, Any] = {}
    for key, request in (required.input_requests or {}).items():
        answer = await client.ask(upstream, request)
        if isinstance(answer, types.ErrorData):
            raise MCPError(code=answer.code, message=answer.message, data=answer.data)
        answers[key] = answer
    return answers

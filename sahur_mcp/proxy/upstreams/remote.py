"""A remote upstream: requests on their way to it, over the session that all share or a link of the client's own.

Here lie its limits: how long a request may take, how many run side by side, when it is left alone, what is repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

import anyio
import mcp.types as types
from mcp import MCPError
from mcp.client.session import ClientSession
from mcp.types import CONNECTION_CLOSED, REQUEST_TIMEOUT
from pydantic import ValidationError

from sahur_core.errors import UpstreamUnavailable
from sahur_core.redaction.redactor import Redactor
from sahur_core.tools.policy import arguments_hash
from sahur_mcp.config import UpstreamConfig
from sahur_mcp.proxy.clients.client_side import MAX_ROUNDS, answers_to
from sahur_mcp.proxy.clients.downstreams import Downstream
from sahur_mcp.proxy.transports.http_answers import NO_SESSION
from sahur_mcp.proxy.transports.http_losses import Loss, loss_of
from sahur_mcp.proxy.transports.streams import META_CLIENT
from sahur_mcp.proxy.upstreams.breaker import Breaker
from sahur_mcp.proxy.upstreams.links import Link
from sahur_mcp.proxy.upstreams.news import News
from sahur_mcp.proxy.upstreams.offers import Offer
from sahur_mcp.proxy.upstreams.shared_session import NotConnected, SharedSession
from sahur_mcp.proxy.upstreams.upstream import Inquiry, UpstreamRefusal, UpstreamStatus

logger = logging.getLogger(__name__)

BUSY_SECONDS = 10.0
"""How long a call waits for one of the upstream's places before it is told that it is busy."""
MAX_LINKS = 32
"""Sessions of clients with one upstream: for a local server each is a process."""
# What the SDK says of a connection that is gone, with a code that many servers use for whatever goes wrong with them.
_GONE = re.compile(r"Connection closed|SSE stream (failed|ended)")
_TERMINATED = "Session terminated"
"""What the SDK says where a server answers HTTP 404."""

T = TypeVar("T")


class Send(Protocol):
    """Sends one request over a session, with what the client answered to an earlier result."""

    def __call__(
        self, session: ClientSession, *, responses: types.InputResponses | None, state: str | None
    ) -> Awaitable[Any]: ...


class RemoteUpstream:
    """An MCP server of somebody else, over stdio or streamable HTTP."""

    is_trusted = False

    def __init__(
        self,
        name: str,
        config: UpstreamConfig,
        *,
        breaker: Breaker | None = None,
        on_news: Callable[[News], None] = lambda _news: None,
        redactor: Callable[[], Redactor] | None = None,
    ) -> None:
        self.name = name
        self.config = config
        self.rules = config.rules
        self._breaker = breaker or Breaker()
        self._on_news = on_news
        self._redactor = redactor or partial(Redactor, self.secrets)
        self._slots = asyncio.Semaphore(config.rules.max_concurrency)
        self._shared = SharedSession(name, config, on_news)
        self._links: dict[str, Link] = {}
        self._last_lost: ClientSession | None = None
        self.under_way = 0

    @property
    def offer(self) -> Offer:
        return self._shared.offer

    @property
    def tools(self) -> Mapping[str, types.Tool]:
        return self.offer.tools

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.config.secrets

    @property
    def status(self) -> UpstreamStatus:
        return UpstreamStatus(
            kind="stdio" if self.config.command else "http",
            state=self._shared.state,
            tools=len(self.offer.tools),
            resources=len(self.offer.resources) + len(self.offer.templates),
            prompts=len(self.offer.prompts),
            protocol=self._shared.protocol,
            breaker=self._breaker.state,
            problem=self._shared.problem,
            last_failure=self._breaker.last_failure,
            last_failed_at=self._breaker.last_failed_at,
            changed=self._shared.changed_tools,
        )

    def succeed(self, before: RemoteUpstream) -> None:
        """Take over the subscriptions of the upstream that had the name before. To be called before `start`."""
        self._shared.watcher.succeed(before._shared.watcher)

    @property
    def problem_so_far(self) -> str:
        """What is wrong already while it is still being connected; empty if nothing is known."""
        return self._shared.problem_so_far

    async def start(self) -> None:
        await self._shared.start()

    async def wait_until_tried(self, seconds: float) -> None:
        """Wait until the first connection stands or has failed, at most `seconds`."""
        await self._shared.wait_until_tried(seconds)

    async def stop(self) -> None:
        """Close all sessions, so that child processes end in order."""
        await asyncio.gather(self._shared.stop(), *(link.close() for link in self._links.values()))

    def cache_key(self, tool: str, arguments: dict[str, Any], /) -> str:
        """We cannot know what a foreign server's answers depend on: only the operator says that they may be kept."""
        return f"{tool}|{arguments_hash(arguments)}" if self.rules.cache_seconds else ""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], inquiry: Inquiry
    ) -> types.CallToolResult | types.InputRequiredResult:
        async def send(session: ClientSession, *, responses: types.InputResponses | None, state: str | None) -> Any:
            return await session.call_tool(
                name,
                arguments,
                self.rules.timeout_seconds,
                inquiry.progress,
                input_responses=responses,
                request_state=state,
                meta=_meta(inquiry),
                allow_input_required=True,
            )

        return await self._exchange(name, inquiry, send)  # type: ignore[no-any-return]

    async def read_resource(self, uri: str, inquiry: Inquiry) -> types.ReadResourceResult | types.InputRequiredResult:
        async def send(session: ClientSession, *, responses: types.InputResponses | None, state: str | None) -> Any:
            return await session.read_resource(
                uri, input_responses=responses, request_state=state, meta=_meta(inquiry), allow_input_required=True
            )

        return await self._exchange(uri[:200], inquiry, send)  # type: ignore[no-any-return]

    async def get_prompt(
        self, name: str, arguments: dict[str, str] | None, inquiry: Inquiry
    ) -> types.GetPromptResult | types.InputRequiredResult:
        async def send(session: ClientSession, *, responses: types.InputResponses | None, state: str | None) -> Any:
            return await session.get_prompt(
                name, arguments, input_responses=responses, request_state=state, meta=_meta(inquiry), allow_input_required=True
            )

        return await self._exchange(name, inquiry, send)  # type: ignore[no-any-return]

    async def complete(self, params: types.CompleteRequestParams, inquiry: Inquiry) -> types.CompleteResult:
        async def send(
            session: ClientSession,
            *,
            responses: types.InputResponses | None,  # noqa: ARG001 (a completion asks nothing back)
            state: str | None,  # noqa: ARG001
        ) -> Any:
            argument = {"name": params.argument.name, "value": params.argument.value}
            return await session.complete(params.ref, argument, params.context.arguments if params.context else None)

        return await self._exchange("completion", inquiry, send)  # type: ignore[no-any-return]

    async def watch(self, uri: str, downstream: Downstream | None = None) -> None:
        """Be told of changes of a resource, as `News`. Raises `UpstreamUnavailable`, and `UpstreamRefusal` on a link."""
        if downstream is not None and self.rules.session == "client":
            await self._tell_link(downstream, types.SubscribeRequest(params=types.SubscribeRequestParams(uri=uri)))
        else:
            await self._shared.watcher.watch(uri)

    async def unwatch(self, uri: str, downstream: Downstream | None = None) -> None:
        if downstream is None or self.rules.session != "client":
            await self._shared.watcher.unwatch(uri)
        elif downstream.id in self._links:
            await self._tell_link(downstream, types.UnsubscribeRequest(params=types.UnsubscribeRequestParams(uri=uri)))

    async def set_log_level(self, downstream: Downstream, level: types.LoggingLevel) -> None:
        if self.rules.session == "client":
            await self._tell_link(downstream, types.SetLevelRequest(params=types.SetLevelRequestParams(level=level)))

    async def _tell_link(self, downstream: Downstream, request: types.ClientRequest) -> None:
        session = await (await self.link(downstream)).session()
        try:
            await session.send_request(request, types.EmptyResult)
        except MCPError as error:
            raise UpstreamRefusal(self.name, error.code, error.message[:2000], error.data) from error

    async def link(self, downstream: Downstream) -> Link:
        """The connection that serves this client alone. Raises `UpstreamUnavailable`."""
        link = self._links.pop(downstream.id, None)
        is_new = link is None or not link.is_usable
        if link is None or is_new:
            link = Link(self.name, self.config, downstream, self._on_news, self._redactor)
            downstream.endings[f"the link to {self.name}"] = partial(self._unlink, downstream.id)
        # At the end of the row: the first one is the one that was not used for longest. In it before anything is waited
        # for, so that another request of the same client finds it.
        self._links[downstream.id] = link
        if is_new:
            link.open()
            await self._make_room()
        await link.session()
        return link

    async def _make_room(self) -> None:
        """Close the links that nobody used for longest, if there are too many. Their clients get new ones when they return."""
        while len(self._links) > MAX_LINKS:
            idle = [key for key, link in self._links.items() if not link.is_in_use]
            if not idle:
                await self._unlink(next(reversed(self._links)))
                raise self._unavailable(f"has {MAX_LINKS} sessions of clients in use")
            await self._unlink(idle[0])

    async def _unlink(self, downstream_id: str) -> None:
        link = self._links.pop(downstream_id, None)
        if link is not None:
            await link.close()

    async def _exchange(self, what: str, inquiry: Inquiry, send: Send) -> Any:
        """Ask, and bring the questions that come back to a client that can only be asked in the midst of its request."""
        self.under_way += 1
        try:
            return await self._exchange_rounds(what, inquiry, send)
        finally:
            self.under_way -= 1

    async def _exchange_rounds(self, what: str, inquiry: Inquiry, send: Send) -> Any:
        responses, state = inquiry.client.input_responses, inquiry.client.request_state
        for _ in range(MAX_ROUNDS):
            result = await self._with_retry(what, inquiry, partial(send, responses=responses, state=state))
            if not isinstance(result, types.InputRequiredResult) or inquiry.client.is_modern:
                return result
            if not inquiry.client.can_be_asked:
                raise UpstreamRefusal(
                    self.name, types.INVALID_REQUEST, f"{self.name} asks for input that this client cannot give."
                )
            responses, state = await answers_to(self.name, result, inquiry.client), result.request_state
        raise UpstreamRefusal(self.name, types.INVALID_REQUEST, f"it asked for more input {MAX_ROUNDS} times")

    async def _with_retry(self, what: str, inquiry: Inquiry, send: Callable[[ClientSession], Awaitable[T]]) -> T:
        try:
            return await self._once(what, inquiry, send)
        except _ConnectionLostError as error:
            if not inquiry.is_read and error.may_have_taken_effect:
                raise UpstreamUnavailable(
                    f"The connection to {self.name} broke during the call.",
                    next_step="Nobody knows whether the call took effect. Look before you repeat it.",
                ) from error
        try:
            return await self._once(what, inquiry, send)
        except _ConnectionLostError as error:
            raise UpstreamUnavailable(f"The connection to {self.name} broke, twice.", next_step="Try again later.") from error

    async def _once(self, what: str, inquiry: Inquiry, send: Callable[[ClientSession], Awaitable[T]]) -> T:
        if not self._breaker.admits():
            raise self._unavailable("is left alone for some seconds after several errors in a row")
        has_outcome = False
        line: Link | SharedSession = self._shared
        session: ClientSession | None = None
        try:
            async with self._slot():
                line = await self._line(inquiry)
                session = await line.session()
                result = await send(session)
            self._breaker.succeeded()
            has_outcome = True
            return result
        except MCPError as error:
            has_outcome = True
            raise self._judge(error, what, line, session) from error
        except ValidationError as error:
            has_outcome = True
            self._breaker.succeeded()
            raise UpstreamRefusal(self.name, types.INTERNAL_ERROR, "its answer is not of the protocol") from error
        except (anyio.ClosedResourceError, anyio.BrokenResourceError) as error:
            has_outcome = True
            raise self._lost(line, session) from error
        except NotConnected as error:
            has_outcome = True
            self._breaker.failed(f"It is not connected: {error}")
            raise self._unavailable(f"is not connected ({error})") from error
        finally:
            if not has_outcome:
                self._breaker.abandoned()

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """One of the upstream's places: a slow server holds up those who ask it, for a bounded time, and nobody else."""
        try:
            async with asyncio.timeout(min(BUSY_SECONDS, self.rules.timeout_seconds)):
                await self._slots.acquire()
        except TimeoutError:
            raise self._unavailable(f"is busy: {self.rules.max_concurrency} calls are under way") from None
        try:
            yield
        finally:
            self._slots.release()

    async def _line(self, inquiry: Inquiry) -> Link | SharedSession:
        if inquiry.downstream is not None and self.rules.session == "client":
            return await self.link(inquiry.downstream)
        return self._shared

    def _judge(self, error: MCPError, what: str, line: Link | SharedSession, session: ClientSession | None) -> Exception:
        """What an error of the protocol means; only those of the transport count against the upstream."""
        if error.code == REQUEST_TIMEOUT:
            self._breaker.failed(f"It did not answer {what} in {self.rules.timeout_seconds:g} s.")
            if self.config.command and self._breaker.state == "open":
                # A child that hangs is not trusted to come to by itself: it is started again.
                line.mark_broken()
            return self._unavailable(f"did not answer {what} in {self.rules.timeout_seconds:g} s")
        loss = loss_of(error.error)
        if loss is Loss.NO_ANSWER:
            # Of this one request: the session, and whoever else is on it, goes on.
            self._breaker.failed(f"The connection broke while it worked on {what}.")
            return _ConnectionLostError(self.name, may_have_taken_effect=True)
        if loss is Loss.NOT_SENT or error.message == _TERMINATED:
            return self._lost(line, session, may_have_taken_effect=False)
        if NO_SESSION.search(error.message) or (error.code == CONNECTION_CLOSED and _GONE.match(error.message)):
            return self._lost(line, session)
        self._breaker.succeeded()
        return UpstreamRefusal(self.name, error.code, error.message[:2000], error.data)

    def _lost(
        self, line: Link | SharedSession, session: ClientSession | None, *, may_have_taken_effect: bool = True
    ) -> Exception:
        if session is None or session is not self._last_lost:
            # Once for all the calls that were under way on it.
            self._breaker.failed("The connection to it broke.")
            self._last_lost = session
        line.mark_broken()
        return _ConnectionLostError(self.name, may_have_taken_effect=may_have_taken_effect)

    def _unavailable(self, what: str) -> UpstreamUnavailable:
        return UpstreamUnavailable(f"The upstream {self.name} {what}.", next_step="Go on without it, or try again later.")


class _ConnectionLostError(Exception):
    """The transport broke; whether the request reached the other side is unknown, unless it said that it did not."""

    def __init__(self, upstream: str, *, may_have_taken_effect: bool) -> None:
        super().__init__(upstream)
        self.may_have_taken_effect = may_have_taken_effect


def _meta(inquiry: Inquiry) -> types.RequestParamsMeta:
    """Our metadata, and for the transport what the client said that it can do."""
    meta = dict(inquiry.meta)
    if inquiry.client.capabilities:
        meta[META_CLIENT] = inquiry.client.capabilities
    return types.RequestParamsMeta(**meta)  # type: ignore[typeddict-item, no-any-return]

"""Why an upstream cannot be reached, in words that say what to do.

The SDK tells little of what happens below it: an HTTP status becomes "Server returned an error response", a child that
died "Connection closed". So a connection collects `Evidence` on its way, and `problem_of` reads it.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2
from mcp import MCPError
from mcp.types import CONNECTION_CLOSED, PARSE_ERROR, REQUEST_TIMEOUT
from pydantic import ValidationError

from sahur_core.redaction.redactor import Redactor
from sahur_mcp.config import UpstreamConfig
from sahur_mcp.proxy.transports.child_output import ChildOutput

MAX_PROBLEM_CHARS = 600
SHOWN_LINES = 5
MAX_NOISE_CHARS = 120
_NOT_FOUND = frozenset({errno.ENOENT, errno.ENOTDIR})
_CANNOT_START = (*_NOT_FOUND, errno.EACCES, errno.ENOEXEC, errno.E2BIG, errno.ELOOP)


@dataclass
class Evidence:
    """What one connection showed of itself below the SDK. Make a new one for each attempt to connect."""

    upstream: str = ""
    status: int = 0
    """Of the last HTTP response."""
    content_type: str = ""
    redirect_host: str = ""
    wants_sign_in: bool = False
    """The server names an authorization server (RFC 9728): it may take only a token that it issued itself."""
    noise: str = ""
    """The first thing from the other side that was no message of the protocol."""
    output: ChildOutput | None = field(default=None, repr=False)

    async def saw_response(self, response: httpx2.Response) -> None:
        """For `event_hooks={"response": [evidence.saw_response]}` of the HTTP client."""
        self.status = response.status_code
        self.content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        self.redirect_host = urlsplit(response.headers.get("location", "")).hostname or "" if response.is_redirect else ""
        self.wants_sign_in = "resource_metadata" in response.headers.get("www-authenticate", "")

    def saw_noise(self, error: Exception) -> None:
        """For what the transport could not understand: it hands it over as an exception."""
        if not self.noise:
            errors = error.errors() if isinstance(error, ValidationError) else []
            said = errors[0]["input"] if errors else error
            text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
            self.noise = text.strip()[:MAX_NOISE_CHARS]


def problem_of(error: BaseException, config: UpstreamConfig, evidence: Evidence | None = None) -> str:
    """What `error` means that broke a connection or kept it from being made: one or two sentences without secrets."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    seen = evidence or Evidence()
    said = _of_command(error, config, seen) if config.command else _of_address(error, config, seen)
    return Redactor(config.secrets).text(said or _in_its_own_words(error))[:MAX_PROBLEM_CHARS]


def _in_its_own_words(error: BaseException) -> str:
    if isinstance(error, MCPError):
        return f"It answered with an error: {error.message[:300]} (code {error.code})."
    return f"{type(error).__name__}: {error}"[:300] if str(error) else type(error).__name__


# --- Over HTTP --------------------------------------------------------------------------------------------------------


def _of_address(error: BaseException, config: UpstreamConfig, seen: Evidence) -> str:
    if isinstance(error, TimeoutError):
        error = MCPError(code=REQUEST_TIMEOUT, message="")
    if isinstance(error, httpx2.HTTPError):
        return problem_of_transport(error, config.url)
    if not isinstance(error, MCPError):
        return ""
    host = _host(config.url)
    if seen.status >= 300:
        return _of_status(seen, config)
    if error.code == REQUEST_TIMEOUT:
        return f"{host} accepted the connection and did not answer in time. It may be overloaded; try again later."
    if seen.content_type and seen.content_type not in ("application/json", "text/event-stream"):
        return f'{host} answered with a page ({seen.content_type}), not as an MCP server. Check the path in "url".'
    if error.code == PARSE_ERROR:
        return f'{host} answered with JSON that is not MCP. Check the path in "url".'
    if error.code == CONNECTION_CLOSED:
        return f"{host} closed the connection before it had answered."
    return ""


def problem_of_transport(error: httpx2.HTTPError, url: str, setting: str = '"url"') -> str:
    """Why no answer came from `url`, which `setting` names: one or two sentences; empty if nothing better than the error's
    own words can be said."""
    host, causes = _host(url), list(_causes(error))
    certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        return f"The certificate of {host} is not trusted: {certificate.verify_message}. Check the host name in {setting}."
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"{host} does not speak TLS as expected. Check whether {setting} should begin with http://."
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"The host {host.partition(':')[0]} is not known. Check the name in {setting}, and the DNS of this machine."
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return f"Nothing listens at {host} (connection refused). Start the server, or correct the port in {setting}."
    if isinstance(error, httpx2.ConnectTimeout):
        return f"{host} does not answer to connections. Check the network and its firewalls."
    if isinstance(error, httpx2.TimeoutException):
        return f"{host} accepted the connection and did not answer in time. It may hang; see its log."
    if isinstance(error, httpx2.ConnectError):
        return f"{host} cannot be reached: {causes[-1]}."
    if isinstance(error, httpx2.NetworkError | httpx2.RemoteProtocolError):
        return f"{host} broke the connection off. See its log."
    return ""


def _host(url: str) -> str:
    """Host and port, as in the address; nothing else of it, which may hold a secret."""
    address = httpx2.URL(url)
    return f"{address.host}:{address.port or (443 if address.scheme == 'https' else 80)}"


def _of_status(seen: Evidence, config: UpstreamConfig) -> str:
    """HTTP statuses as MCP servers use them
    (https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#error-handling)."""
    status = seen.status
    if status == 401:
        has_credentials = any(name.lower() == "authorization" for name in config.headers)
        advice = (
            'It does not accept the credentials in "headers" (401). Renew the token.'
            if has_credentials
            else 'It wants credentials (401). Give it "headers": {"Authorization": "Bearer ${…}"}.'
        )
        return advice + (" If it takes only its own sign-in (OAuth), use its stdio variant." if seen.wants_sign_in else "")
    if status < 400:
        return f'It redirects to {seen.redirect_host or "elsewhere"}, which is not followed. Write the final address into "url".'
    known = {
        403: "It knows the credentials, but they are not allowed to do this (403). Give the token the scopes that it asks for.",
        404: 'There is nothing at this address (404). Check the path in "url": many servers answer at /mcp.',
        405: 'What answers at this address is no MCP server (405). Check the path in "url".',
        421: "It does not know the host name it was called by (421). Allow the name in its settings.",
        429: "It asks us to slow down (429). Lower the entry's concurrency, or wait.",
    }
    if status >= 500:
        return f"It fails with status {status}. Try again later; its own log says why."
    return known.get(status, f"It answered with status {status}, which is not MCP. Check the address and the headers.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that led to it, members of groups included."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else []


# --- Over stdio -------------------------------------------------------------------------------------------------------


def _not_found(command: str, reason: str) -> str:
    """That there is no such command. What follows a program may be a secret, so it is not repeated."""
    program, _, arguments = command.strip().partition(" ")
    if arguments:
        return f'The command {program} … cannot be started: {reason}. Write what follows {program} into "args".'
    return f"The command {program} cannot be started: {reason}. Install it, or write its whole path."


def _of_command(error: BaseException, config: UpstreamConfig, seen: Evidence) -> str:
    lines = seen.output.last_lines if seen.output is not None else []
    for number in _CANNOT_START:
        # How `child.py` says that it could not start the command.
        if f"{config.command}: {os.strerror(number)}" in lines:
            if number in _NOT_FOUND:
                return _not_found(config.command, os.strerror(number))
            return f"The command {config.command} cannot be started: {os.strerror(number)}. Check its rights and its format."
    if isinstance(error, FileNotFoundError | NotADirectoryError) and config.cwd:
        return f'The folder {config.cwd}, which is "cwd" of the entry, does not exist. Correct it.'
    code = REQUEST_TIMEOUT if isinstance(error, TimeoutError) else error.code if isinstance(error, MCPError) else 0
    if code not in (CONNECTION_CLOSED, REQUEST_TIMEOUT):
        return ""
    last = f" Its last words: {' | '.join(lines[-SHOWN_LINES:])}" if lines else " It said nothing."
    if code == CONNECTION_CLOSED:
        return f"The command {config.command} ended.{last}"
    if seen.noise:
        return (
            f'The command {config.command} writes to its standard output what is not MCP: "{seen.noise}". '
            "Check that its arguments choose the stdio transport."
        )
    return f"The command {config.command} runs and does not answer.{last}"

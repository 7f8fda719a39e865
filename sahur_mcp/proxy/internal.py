"""The Django side, as the gateway may ask it (docs/architecture.md, internal endpoints)."""

from __future__ import annotations

from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from sahur_core.errors import Conflict, GatewayUnavailable, InputError, NotFound, NotPermitted, SahurError
from sahur_core.trace import traceparent
from sahur_mcp.proxy.clients.callers import Caller
from sahur_mcp.proxy.records.kept import KeptResult

TIMEOUT = httpx2.Timeout(5.0, connect=2.0)
LARGE_TIMEOUT = httpx2.Timeout(30.0, connect=2.0)
"""For receipts with whole results: given up too early, the same large one would be sent again for ever."""

_REFUSALS: dict[int, type[SahurError]] = {400: InputError, 403: NotPermitted, 404: NotFound, 409: Conflict, 413: InputError}


class Answer(BaseModel):
    """Answers may gain fields; those we do not know are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


AnswerT = TypeVar("AnswerT", bound=Answer)


class Grant(Answer):
    granted: bool
    reason: str = ""
    effect_key: str = ""


class Introspection(Answer):
    active: bool
    team_ids: list[int] = []
    user: str = ""
    role: str = ""
    tools: list[str] = ["*"]
    token: str = ""
    team_keys: dict[str, int] = {}
    """Ids by key, where there are several teams."""


class RepositoryEntry(Answer):
    id: str
    team: int
    name: str
    source: str = ""
    test_command: str = ""


class _Problem(Answer):
    detail: str = ""
    next_step: str = ""
    field: str = ""
    errors: list[dict[str, str]] = []

    @property
    def words(self) -> str:
        wrong = "; ".join(f"{each.get('field', '')}: {each.get('detail', '')}" for each in self.errors)
        return f"{self.detail} {wrong}".strip()


class _Refused(Answer):
    id: str
    reason: str = ""


class _Stored(Answer):
    stored: int
    refused: list[_Refused] = []


class _Kept(Answer):
    team: int
    run: str = ""
    tool: str
    result: str


class _Repositories(Answer):
    repositories: list[RepositoryEntry]


class InternalApi:
    """One HTTP client for all of `/internal/`.

    Every method raises `GatewayUnavailable` when the server does not answer as agreed, and `InputError` when it refuses
    what it was sent (HTTP 400, 409, 413 and 422).
    """

    def __init__(self, server_url: str, token: str) -> None:
        self._server_url = server_url
        self._client = httpx2.AsyncClient(timeout=TIMEOUT, headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def introspect(self, token: str) -> Introspection:
        return _parse(Introspection, await self._ask("POST", "tokens/introspect/", json={"token": token}))

    async def ask_grant(self, caller: Caller, *, tool: str, arguments: dict[str, Any], arguments_hash: str) -> Grant:
        """Ask whether this attempt, or the bearer of this API token, may make exactly this call now."""
        bearer = {"run": caller.run, "attempt": caller.attempt} if caller.run else {"token": caller.token, "team": caller.team}
        body = bearer | {"tool": tool, "arguments": arguments, "arguments_hash": arguments_hash}
        return _parse(Grant, await self._ask("POST", "grants/", json=body))

    async def store_receipts(self, lines: list[bytes]) -> dict[str, str]:
        """Hand over receipts, each as one JSON object; those that are stored already are ignored by the server.

        Gives the ids that the server refused for good, with its reasons.
        """
        body = b'{"receipts":[' + b",".join(lines) + b"]}"
        answer = await self._ask(
            "POST", "receipts/", content=body, headers={"Content-Type": "application/json"}, timeout=LARGE_TIMEOUT
        )
        return {refused.id: refused.reason for refused in _parse(_Stored, answer).refused}

    async def kept_result(self, receipt_id: str, team: int, run: str) -> KeptResult | None:
        """The whole result under a receipt of this team and, if `run` is not empty, of this run; None if there is none."""
        params = {"team": str(team)} | ({"run": run} if run else {})
        try:
            body = await self._ask("GET", f"receipts/{receipt_id}/", params=params, timeout=LARGE_TIMEOUT)
        except NotFound:
            return None
        kept = _parse(_Kept, body)
        return KeptResult(kept.team, kept.run, kept.tool, kept.result)

    async def repositories(self, *, ids: list[str] | None = None, teams: list[int] | None = None) -> list[RepositoryEntry]:
        """Repositories with one of these ids, or of one of these teams."""
        params = {"ids": ",".join(ids)} if ids is not None else {"teams": ",".join(str(team) for team in teams or [])}
        return _parse(_Repositories, await self._ask("GET", "repositories/", params=params)).repositories

    async def ask_in_words(self, method: str, path: str, **options: Any) -> bytes:
        """An answer whose refusal is for the caller: raises `InputError`, `NotPermitted`, `NotFound` or `Conflict` in the
        server's own words (problem details, RFC 9457), and `GatewayUnavailable`."""
        response = await self._send(method, path, **options)
        refusal = _REFUSALS.get(response.status_code)
        if refusal is not None and response.headers.get("Content-Type", "").startswith("application/problem+json"):
            problem = _parse(_Problem, response.content)
            if refusal is InputError:
                raise InputError(problem.words, next_step=problem.next_step, field=problem.field)
            raise refusal(problem.words, next_step=problem.next_step)
        if not response.is_success:
            raise GatewayUnavailable(f"The SAHUR server answered /internal/{path} with status {response.status_code}.")
        return response.content

    async def _ask(self, method: str, path: str, **options: Any) -> bytes:
        response = await self._send(method, path, **options)
        if response.status_code in (400, 409, 413, 422):
            raise InputError(f"The SAHUR server refused /internal/{path} with status {response.status_code}.")
        if response.status_code == 404:
            raise NotFound(f"The SAHUR server has nothing under /internal/{path}.")
        if not response.is_success:
            raise GatewayUnavailable(f"The SAHUR server answered /internal/{path} with status {response.status_code}.")
        return response.content

    async def _send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {"traceparent": traceparent()} | options.pop("headers", {})
        try:
            return await self._client.request(method, f"{self._server_url}/internal/{path}", headers=headers, **options)
        except httpx2.HTTPError as error:
            raise GatewayUnavailable(f"The SAHUR server did not answer /internal/{path} ({type(error).__name__}).") from error


def _parse(model: type[AnswerT], body: bytes) -> AnswerT:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise GatewayUnavailable(f"The SAHUR server's answer is not as agreed: {error.error_count()} errors.") from error

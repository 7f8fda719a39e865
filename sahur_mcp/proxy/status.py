"""What the gateway tells the server of itself: read from what the supervisors know, nothing is asked of an upstream."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sahur_core import __version__
from sahur_core.tools.gateway_status import GatewayStatus, ToolState, UpstreamPolicy, UpstreamState
from sahur_mcp.proxy.catalog import Catalog
from sahur_mcp.proxy.records.receipts import ReceiptRecorder
from sahur_mcp.proxy.upstreams.upstream import Upstream, permission_for

MAX_TEXT = 300
"""Characters of a tool's first line, and of a failure."""


class StatusDoor:
    """`GET /status`, for the server alone: with the token by which the gateway itself signs in there.

    `?tools=true` lists the tools too, each with its risk and what the policy makes of it.
    """

    def __init__(
        self, token: str, catalog: Catalog, recorder: ReceiptRecorder, configuration: Callable[[], dict[str, str]]
    ) -> None:
        self._token = token
        self._catalog = catalog
        self._recorder = recorder
        self._configuration = configuration

    async def answer(self, request: Request) -> Response:
        """401 for everybody else."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        # Without a token set, nobody gets in.
        is_known = bool(self._token) and hmac.compare_digest(given.strip().encode(), self._token.encode())
        if scheme.lower() != "bearer" or not is_known:
            return JSONResponse({"code": "not_authenticated"}, 401, {"WWW-Authenticate": 'Bearer realm="sahur-internal"'})
        told = self.tell(with_tools=request.query_params.get("tools") == "true")
        return Response(told.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})

    def tell(self, *, with_tools: bool) -> GatewayStatus:
        """The gateway as it is now."""
        receipts, configuration = self._recorder.health(), self._configuration()
        upstreams = sorted(self._catalog.upstreams.values(), key=lambda each: each.name)
        return GatewayStatus.model_validate(
            {
                "version": __version__,
                "loaded_at": configuration["loaded_at"],
                "configuration_problem": configuration["problem"],
                "receipts_problem": receipts["problem"],
                "waiting_batches": receipts["waiting_batches"],
                "waiting_bytes": receipts["waiting_bytes"],
                "upstreams": tuple(self._upstream(each, with_tools=with_tools) for each in upstreams),
            }
        )

    def _upstream(self, upstream: Upstream, *, with_tools: bool) -> UpstreamState:
        status, redactor = upstream.status, self._catalog.redactor()
        return UpstreamState(
            name=upstream.name,
            kind=status.kind,
            state=status.state,
            breaker=status.breaker,
            problem=redactor.text(status.problem),
            last_failure=redactor.text(status.last_failure)[:MAX_TEXT],
            last_failed_at=datetime.fromisoformat(status.last_failed_at) if status.last_failed_at else None,
            protocol=status.protocol,
            tool_count=status.tools,
            resource_count=status.resources,
            prompt_count=status.prompts,
            under_way=upstream.under_way,
            policy=UpstreamPolicy.model_validate(upstream.rules.model_dump(mode="json")),
            tools=_tools(upstream, status.changed) if with_tools else (),
        )


def _tools(upstream: Upstream, changed: tuple[str, ...]) -> tuple[ToolState, ...]:
    found = []
    for tool in sorted(upstream.tools.values(), key=lambda each: each.name):
        risk, permission = permission_for(upstream, tool)
        first_line = (tool.description or "").strip().partition("\n")[0][:MAX_TEXT]
        found.append(
            ToolState(
                name=tool.name,
                description=first_line,
                risk=risk.value,
                permission=permission.value,
                has_changed=tool.name in changed,
            )
        )
    return tuple(found)

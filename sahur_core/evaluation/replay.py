"""A tool box that answers with what earlier calls brought, and says so where there was no such call."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sahur_core.evaluation.case import RecordedCall, Recording
from sahur_core.issues import ToolResultStatus
from sahur_core.protocols import ToolOutcome, ToolSpec

NOT_RECORDED = (
    "Not recorded: this is a replay, and the recorded run did not make this call. That says nothing about the case: it is no "
    "sign that there is nothing to be found. Go on with what was recorded."
)


class ReplayToolBox:
    """Recorded results by tool and arguments (`ToolBox`).

    A call is the recorded one if tool and arguments are the same; an argument that is null is one that was not given,
    and the run's own repository and commit are the same as none. No other call is near enough to be answered with it.
    """

    def __init__(self, recording: Recording, own_tools: Sequence[ToolSpec] = ()) -> None:
        """`own_tools` describe our own servers as they are now; they are offered where the recording holds no list."""
        self._recording = recording
        self._tools = list(recording.tools) or _tools_of(recording, own_tools)
        self._calls: dict[str, RecordedCall] = {}
        for call in recording.calls:
            self._calls.setdefault(self._key(call.tool, call.arguments), call)
        self.asked = 0
        self.unrecorded: list[str] = []
        """Names of the tools whose calls could not be answered."""

    @property
    def coverage(self) -> float | None:
        """Part of the calls that could be answered; None if there was no call."""
        return (self.asked - len(self.unrecorded)) / self.asked if self.asked else None

    async def list_tools(self) -> Sequence[ToolSpec]:
        return self._tools

    def unavailable(self) -> Mapping[str, str]:
        return {}

    async def call(self, tool: str, arguments: dict[str, Any], *, tool_call_id: str) -> ToolOutcome:  # noqa: ARG002
        self.asked += 1
        known = self._calls.get(self._key(tool, arguments))
        if known is None:
            self.unrecorded.append(tool)
            return ToolOutcome(status=ToolResultStatus.ERROR, text=NOT_RECORDED)
        return ToolOutcome(status=known.status, text=known.text, receipt_id=known.receipt_id, duration_ms=known.duration_ms)

    def _key(self, tool: str, arguments: dict[str, Any]) -> str:
        repository = self._recording.repository
        own = {"repository": repository.id, "commit": repository.commit} if repository else {}
        given = {name: value for name, value in arguments.items() if value is not None and own.get(name) != value}
        return f"{tool} {json.dumps(given, sort_keys=True, ensure_ascii=False)}"


def _tools_of(recording: Recording, own_tools: Sequence[ToolSpec]) -> list[ToolSpec]:
    """Our own tools of the servers that the run could ask, and of each other tool its name: its schema was not kept."""
    names = list(dict.fromkeys(call.tool for call in recording.calls))
    servers = {name.partition("__")[0] for name in names} | ({"code"} if recording.repository else set())
    own = [spec for spec in own_tools if spec.name.partition("__")[0] in servers]
    known = {spec.name for spec in own}
    others = [
        ToolSpec(
            name=name,
            description="A tool of another server; only its recorded calls can be answered.",
            input_schema={"type": "object", "properties": {}, "additionalProperties": True},
            read_only=True,
        )
        for name in names
        if name not in known
    ]
    return own + others

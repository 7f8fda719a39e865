"""What the messages say, as facts: the report, the results of tools, the evidence recorded so far."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from sahur_core.code.traces.parse import parse_traces
from sahur_core.context.framing import NO_REPOSITORY, framed_parts
from sahur_core.context.history import plain_text
from sahur_core.context.results import parse_result
from sahur_core.linked.shown import trace_in
from sahur_core.llm.offline.failure import Failure, read_failure

_RECORDED = re.compile(r"Recorded as \[(\d+)\]")
_STATUS = re.compile(r"^status: (\w+)$", re.MULTILINE)
_CALL_ID = re.compile(r"^.*?tool_call_id: (\S+)$", re.MULTILINE)
OWN_SERVERS = frozenset({"code", "issues", "runbooks", "receipts", "catalog"})
_NUMBERED = re.compile(r"^evidence (\d+)$")


@dataclass(frozen=True)
class Result:
    """A tool's result in the conversation. `data` is empty for prose and for failures."""

    call_id: str
    tool: str
    args: dict[str, Any]
    status: str
    data: dict[str, Any]
    text: str
    server: str = ""
    """Whose tool it is, as in `server__tool`."""

    @property
    def is_foreign(self) -> bool:
        """Whether a server that is not ours answered, and something: what the report links to, for the most part."""
        return self.status == "ok" and bool(self.server) and self.server not in OWN_SERVERS

    @property
    def is_ok(self) -> bool:
        return self.status == "ok" and bool(self.data)


@dataclass(frozen=True)
class Recorded:
    """Evidence that was accepted, with the arguments it was recorded with."""

    number: int
    args: dict[str, Any]


@dataclass
class Dossier:
    """All that the offline model knows."""

    failure: Failure
    results: list[Result] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Canonical forms of all calls made so far, whatever came of them."""
    said: list[str] = field(default_factory=list)
    """What people said and answered."""
    just_said: list[str] = field(default_factory=list)
    """What of it came after the model's last message."""
    frames: list[tuple[str, str]] = field(default_factory=list)
    """All framed parts of person-side messages as (source, text)."""
    last_text: str = ""
    has_repository: bool = True
    """Whether the report came with code that may be read, as the opening of the conversation says."""

    def ok(self, tool: str) -> list[Result]:
        """Usable results of a tool, named without its upstream."""
        return [result for result in self.results if result.tool == tool and result.is_ok]

    def has_asked(self, name: str, args: dict[str, Any]) -> bool:
        return canonical(name, args) in self.asked

    @property
    def numbered_evidence(self) -> dict[int, str]:
        """Evidence as the last message lists it."""
        return {int(match.group(1)): text for source, text in self.frames if (match := _NUMBERED.match(source))}


def canonical(name: str, args: dict[str, Any]) -> str:
    """A call as text; the arguments that a workflow fills in by itself do not count."""
    kept = {key: value for key, value in args.items() if key not in ("repository",)}
    return f"{name} {json.dumps(kept, sort_keys=True)}"


def read_dossier(messages: Sequence[BaseMessage]) -> Dossier:
    """Read the conversation once, from its start to its end."""
    calls: dict[str, tuple[str, dict[str, Any]]] = {}
    title = body = ""
    dossier = Dossier(failure=Failure("", ""))
    for message in messages:
        if isinstance(message, AIMessage):
            dossier.just_said = []
            for call in message.tool_calls:
                calls[str(call["id"])] = (call["name"], dict(call["args"]))
                dossier.asked.append(canonical(call["name"], call["args"]))
        elif isinstance(message, ToolMessage):
            _take_result(dossier, message, calls.get(message.tool_call_id, ("", {})))
        elif isinstance(message, HumanMessage):
            parts = framed_parts(plain_text(message))
            dossier.frames += parts
            dossier.last_text = plain_text(message)
            dossier.has_repository = dossier.has_repository and NO_REPOSITORY not in _unframed(dossier.last_text, parts)
            for source, text in parts:
                if source == "title of the report":
                    title = title or text
                elif source == "body of the report":
                    body = body or text
                elif source.startswith(("message of ", "answer of ")):
                    dossier.said.append(text)
                    dossier.just_said.append(text)
    # What people add may be the traceback that the report lacks. Otherwise it tells where to look, but is no symptom.
    tracebacks = [said for said in dossier.said if parse_traces(said)]
    dossier.failure = read_failure(title, "\n".join([body, *tracebacks]))
    if not dossier.failure.frames:
        # As what people add: the report may leave the traceback to what it links to.
        linked = [trace for result in dossier.results if result.is_foreign and (trace := trace_in(result.text))]
        dossier.failure = read_failure(title, "\n".join([body, *tracebacks, *linked]))
    dossier.failure = replace(dossier.failure, shown=tuple(_failing_lines(dossier)))
    return dossier


def _failing_lines(dossier: Dossier) -> list[str]:
    """The lines that the frames point to, as far as they were read: most languages' traces do not print them."""
    points = {
        (str(frame["path"]), int(frame["line"])) for result in dossier.ok("locate") for frame in result.data.get("frames", [])
    }
    rows = [
        (result.data.get("path", ""), row)
        for tool in ("read", "blame")
        for result in dossier.ok(tool)
        for row in result.data.get("lines", [])
    ]
    return list(dict.fromkeys(str(row["text"]).strip() for path, row in rows if (path, int(row["line"])) in points))


def _unframed(text: str, parts: list[tuple[str, str]]) -> str:
    """What the workflow itself says: a report may hold any sentence."""
    for _, framed in parts:
        text = text.replace(framed, "")
    return text


def _take_result(dossier: Dossier, message: ToolMessage, call: tuple[str, dict[str, Any]]) -> None:
    name, args = call
    text = plain_text(message)
    if name == "record_evidence":
        if match := _RECORDED.search(text):
            dossier.recorded.append(Recorded(int(match.group(1)), args))
        return
    status = _STATUS.search(text)
    call_id = _CALL_ID.search(text)
    parts = framed_parts(text)
    shown = parts[0][1] if parts else ""
    dossier.results.append(
        Result(
            call_id=call_id.group(1) if call_id else message.tool_call_id,
            tool=name.rpartition("__")[2],
            args=args,
            status=status.group(1) if status else "",
            data=parse_result(shown) or {},
            text=shown or text,
            server=name.rpartition("__")[0],
        )
    )

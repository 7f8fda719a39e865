"""Tools that the workflow itself offers to the model: they touch the run, not the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from sahur_core.context.framing import frame_untrusted
from sahur_core.evidence.ledger import excerpt_of, why_unproven
from sahur_core.issues import Evidence, InputKind, InputRequest
from sahur_core.tools.policy import Permission
from sahur_core.tools.registry import ToolRegistry
from sahur_core.tools.search import one_line
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.hypotheses import StateHypothesis, of_model, tell
from sahur_core.workflows.investigate.ids import evidence_id, input_request_id
from sahur_core.workflows.investigate.steps import list_tools

NOT_RECORDED = "Not recorded"


class RecordEvidence(BaseModel):
    """Record a fact that the answer will cite. It is checked against the result of the tool call that it names."""

    statement: str = Field(description="The fact, in one sentence")
    tool_call_id: str = Field(description="The tool_call_id of the result that shows it")
    path: str = Field(default="", description="The file it is about, as the result names it")
    line: int | None = Field(default=None, description="The line it is about; the result must show it")
    commit: str = Field(default="", description="The commit it is about, at least 7 digits")
    quote: str = Field(default="", description="Text copied exactly from the result")


class AskPerson(BaseModel):
    """Ask the people who watch this run something that no tool can tell. You can go on working meanwhile."""

    question: str
    default: str = Field(description="What you will assume if nobody answers")


class SearchTools(BaseModel):
    """Find tools by what they do. What is found can be called from your next message on."""

    query: str = Field(min_length=1, max_length=500, description="What the tool should do, in a few words, or its name")
    limit: int = Field(default=8, ge=1, le=15)


class Finish(BaseModel):
    """End the investigation. You are asked for the answer next."""

    reason: str = Field(default="", description="Why you know enough, or cannot get further")


LOCAL_TOOLS: dict[str, type[BaseModel]] = {
    "record_evidence": RecordEvidence,
    "ask_person": AskPerson,
    "state_hypothesis": StateHypothesis,
    "search_tools": SearchTools,
    "finish": Finish,
}


@dataclass(frozen=True)
class LocalReply:
    """What the model is told, and the names of the tools that it has found by it."""

    text: str
    found: tuple[str, ...] = ()
    is_done: bool = True
    """False if the call could not be used as it was."""
    hypotheses: dict[str, dict[str, Any]] = field(default_factory=dict)


def call_local(ctx: InvestigationContext, tool_call_id: str, name: str, arguments: dict[str, Any]) -> LocalReply:
    """Make a local call. The same `tool_call_id` again changes nothing."""
    try:
        parsed = LOCAL_TOOLS[name].model_validate(arguments)
    except ValidationError as error:
        details = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors()[:5])
        return LocalReply(f"Not done. {details}", is_done=False)
    if isinstance(parsed, RecordEvidence):
        text = record_evidence(ctx, tool_call_id, parsed)
        return LocalReply(text, is_done=not text.startswith(NOT_RECORDED))
    if isinstance(parsed, AskPerson):
        return LocalReply(ask_person(ctx, tool_call_id, parsed))
    if isinstance(parsed, SearchTools):
        return search_tools(list_tools(ctx), parsed)
    if isinstance(parsed, StateHypothesis):
        stated = tell(ctx, of_model(ctx, parsed), key=tool_call_id)
        return LocalReply("The people who watch were told.", hypotheses=stated["hypotheses"])
    return LocalReply("The investigation ends here.")


def record_evidence(ctx: InvestigationContext, tool_call_id: str, wanted: RecordEvidence) -> str:
    """Record a fact if its tool call bears it. Its number depends on the call only, so a repeated node keeps it."""
    recorded = ctx.store.evidence()
    fact_id = evidence_id(ctx.line, tool_call_id)
    for fact in recorded:
        if fact.id == fact_id:
            return f"Recorded as [{fact.number}]."
    source = next((call for call in ctx.store.tool_calls() if call.id == wanted.tool_call_id), None)
    problem = why_unproven(source, path=wanted.path, line=wanted.line, commit=wanted.commit, quote=wanted.quote)
    if problem or source is None:
        return f"{NOT_RECORDED}: {problem}."
    fact = Evidence(
        id=fact_id,
        number=max((fact.number for fact in recorded), default=0) + 1,
        statement=wanted.statement,
        excerpt=excerpt_of(source, path=wanted.path, line=wanted.line, quote=wanted.quote),
        receipt_id=source.receipt_id,
        tool=source.tool,
        path=wanted.path,
        line=wanted.line,
        commit=wanted.commit,
    )
    ctx.store.add_evidence(fact)
    return f"Recorded as [{fact.number}]."


def ask_person(ctx: InvestigationContext, tool_call_id: str, wanted: AskPerson) -> str:
    """Open a question. Its id depends on the call only."""
    request = InputRequest(
        id=input_request_id(ctx.line, tool_call_id),
        kind=InputKind.QUESTION,
        prompt=wanted.question,
        default=wanted.default[:200],
        expires_at=expiry(ctx),
    )
    if request.id not in {known.id for known in ctx.store.input_requests()}:
        ctx.store.open_input_request(request)
    return "Asked. The answer will come as a message; go on with other work, or reply without a tool call to wait for it."


def search_tools(tools: ToolRegistry, wanted: SearchTools) -> LocalReply:
    """Look for tools. What they say of themselves is framed: others wrote it."""
    found = tools.search(wanted.query)
    if not found:
        servers = ", ".join(tools.foreign_servers) or "none but our own"
        return LocalReply(f"No tool has a word of this. Try other words. There are tools of: {servers}.")
    chosen = found[: wanted.limit]
    lines = [
        f"{spec.name} ({'reads' if tools.permission(spec.name) is Permission.ALLOW else 'asks a person'}): "
        f"{one_line(spec.description)}"
        for spec in chosen
    ]
    more = f" {len(found) - len(chosen)} more have a word of this." if len(found) > len(chosen) else ""
    text = f"You can call these from your next message on.{more}\n{frame_untrusted(chr(10).join(lines), 'tools')}"
    return LocalReply(text, tuple(spec.name for spec in chosen))


def expiry(ctx: InvestigationContext) -> datetime:
    return datetime.now(UTC) + timedelta(hours=ctx.config.input_request_hours)

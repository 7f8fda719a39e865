"""Tools that the workflow itself offers to the model: they touch the run, not the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from sahur_core.context.framing import frame_untrusted
from sahur_core.evidence.ledger import excerpt_of, why_unproven
from sahur_core.issues import Evidence, InputKind, InputRequest
from sahur_core.tools.decisions import allowed_for
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


class WithdrawRequest(BaseModel):
    """Take back a question, or a call that waits for approval, because it no longer matters or you know the answer."""

    request: str = Field(min_length=6, description="Its id, as you were told when you asked")
    because: str = Field(min_length=1, max_length=180, description="Why, for the people who were asked")


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
    "withdraw_request": WithdrawRequest,
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
    if isinstance(parsed, WithdrawRequest):
        return withdraw_request(ctx, parsed)
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
    """Open a question. Its id depends on the call only. The same words again are the same question, while it is open."""
    request = InputRequest(
        id=input_request_id(ctx.line, tool_call_id),
        kind=InputKind.QUESTION,
        prompt=wanted.question,
        default=wanted.default[:200],
        expires_at=expiry(ctx, InputKind.QUESTION),
        allowed_decisions=allowed_for(InputKind.QUESTION),
    )
    known = ctx.store.input_requests()
    for other in known:
        if other.id != request.id and not other.answered_by and other.prompt.split() == request.prompt.split():
            return f"Not asked again: your question {other.id[:8]} is still open."
    if request.id not in {other.id for other in known}:
        ctx.store.open_input_request(request)
    return (
        f"Asked. The id of your question is {request.id[:8]}. The answer will come as a message; go on with other work, or "
        f"reply without a tool call to wait for it. Your default holds after {hours(ctx, InputKind.QUESTION):g} hours."
    )


def withdraw_request(ctx: InvestigationContext, wanted: WithdrawRequest) -> LocalReply:
    """Close a question or an approval that is open. What people decide about the budget is not the model's to take back."""
    for known in ctx.store.input_requests():
        if known.kind is InputKind.BUDGET or not known.id.startswith(wanted.request.strip().lower()):
            continue
        if ctx.store.supersede_input_request(known.id, wanted.because):
            return LocalReply("Withdrawn.")
        return LocalReply("It is closed already: its outcome was told to you, or will be.", is_done=False)
    return LocalReply("There is no request with this id. You were told the id when you asked.", is_done=False)


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


def expiry(ctx: InvestigationContext, kind: InputKind) -> datetime:
    """Until when people may decide."""
    return datetime.now(UTC) + timedelta(hours=hours(ctx, kind))


def hours(ctx: InvestigationContext, kind: InputKind) -> float:
    """How long a request of this kind waits."""
    config = ctx.config
    of_kind = {InputKind.APPROVAL: config.approval_hours, InputKind.BUDGET: config.budget_request_hours}.get(kind)
    return config.input_request_hours if of_kind is None else of_kind

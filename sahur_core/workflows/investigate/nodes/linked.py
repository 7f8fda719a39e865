"""What the report links to, read side by side with everything else that is gathered: one call per link and superstep.

Reading is planned in `triage` and made by as many `read_linked` as there are calls. If the report brings no stack trace and
what it links to does, or a linked change says which files it touches, `locate_linked` ranks once more with that.
"""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.runtime import Runtime

from sahur_core.code.traces.mentions import Window
from sahur_core.code.traces.parse import parse_traces
from sahur_core.events import NoticeRaised
from sahur_core.issues import Report, RepositoryRef, ToolCall, ToolResultStatus
from sahur_core.linked.links import LinkKind, Vendor, read_links
from sahur_core.linked.shown import changed_files, merged_as, trace_in
from sahur_core.linked.sources import plan_reads
from sahur_core.linked.window import needed_to_rank, window_of
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.state import State, Update
from sahur_core.workflows.investigate.steps import call, list_tools, new_call_id, step, summary_of

MAX_SUM_CHARS = 36_000
"""What the model is shown of all linked results together."""
MAX_SECONDS = 20.0
"""How long one linked thing may keep the run waiting for its first hypothesis."""
MAX_BODY_CHARS = 180_000
CHANGES = frozenset({f"{Vendor.GITHUB} {LinkKind.PULL_REQUEST}", f"{Vendor.GITLAB} {LinkKind.PULL_REQUEST}"})
TRACES = frozenset(f"{vendor} {kind}" for vendor in (Vendor.SENTRY, Vendor.SLACK) for kind in LinkKind)
TELLING = CHANGES | TRACES
"""What may point to places in the code: changed files, a stack trace."""
LOCATE = "code__locate"
LATEST = "read_latest_changes"
"""Planned beside `read_recent_changes`, for where the window that the report tells shows nothing."""


class LinkedRead(TypedDict):
    """A planned call: what `read_linked` is sent, and what the state keeps of it."""

    call_id: str
    tool: str
    arguments: dict[str, Any]
    name: str
    """Of what is linked, for people."""
    kind: str
    position: int
    max_chars: int


def plan_linked(
    ctx: InvestigationContext, report: Report, repository: RepositoryRef | None, position: int
) -> tuple[list[LinkedRead], list[str]]:
    """The calls that read what the report links to, numbered from `position` on, and a line for each that cannot be read.

    People are told of these, once.
    """
    links = read_links(f"{report.title}\n{report.body}", repository.remote if repository else "")
    planned = plan_reads(links, list_tools(ctx), repository)
    if planned.missing:
        ctx.events.emit(
            NoticeRaised(
                level="warning",
                message=f"Not all that the report links to could be fetched. {'. '.join(planned.missing)}.",
                next_step="Name what matters of it in a message, or have an admin add a tool server for it.",
            ),
            key="linked",
        )
    reads = [
        LinkedRead(
            call_id=new_call_id(),
            tool=read.tool,
            arguments=read.arguments,
            name=read.link.name,
            kind=f"{read.link.vendor} {read.link.kind}",
            position=position + number,
            max_chars=MAX_SUM_CHARS // len(planned.reads),
        )
        for number, read in enumerate(planned.reads)
    ]
    return reads, planned.missing


def follow_ups(linked: list[LinkedRead], planned: list[str], report: Report, repository: RepositoryRef | None) -> list[str]:
    """Calls that are made only if earlier ones leave something open, so that their ids are planned, too.

    `locate_linked`, where what is linked may point to places that the report alone does not; `read_latest_changes`, where
    the report tells a window, which may show nothing.
    """
    may_tell = any(read["kind"] in TELLING for read in linked)
    further = ["locate_linked"] if may_tell and "locate_fault" in planned and not has_trace(report) else []
    if repository and "read_recent_changes" in planned and window_of(report, repository) != Window():
        further.append(LATEST)
    return further


def has_trace(report: Report) -> bool:
    return bool(parse_traces(f"{report.title}\n{report.body}"))


def read_linked(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Read one linked thing: the state that this node is sent holds only that one."""
    ctx = runtime.context
    [read] = state["linked"]
    with step(ctx, read["position"], f"Reading the linked {read['name']}") as current:
        limits = {"max_chars": read["max_chars"], "seconds": MAX_SECONDS}
        made = call(ctx, current, read["call_id"], read["tool"], read["arguments"], **limits)
        current.summary = summary_of(made)
    return {}


def unread(ctx: InvestigationContext, state: State) -> list[str]:
    """What the report links to and nobody has read, for the answer: it must not seem to know it."""
    calls = {made.id: made for made in ctx.store.tool_calls()}
    failed = [
        f"{read['name']}: {summary_of(made) or made.status.value}"
        for read in state.get("linked", [])
        if (made := calls.get(read["call_id"])) and made.status is not ToolResultStatus.OK
    ]
    return [f"The report links to what was not read. {line}" for line in dict.fromkeys([*state.get("not_read", []), *failed])]


def locate_linked(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Rank once more with the stack traces and changed files that linked things have shown; nothing if they show none."""
    ctx = runtime.context
    report, repository = ctx.store.report(), ctx.store.prepare_repository()
    shown = _shown(ctx, state)
    if repository is None or not shown:
        return {}
    arguments = {
        "repository": repository.id,
        "commit": repository.commit,
        "report": f"{report.body[:MAX_BODY_CHARS]}\n\n{shown}",
        "title": report.title[:1000],
        **needed_to_rank(report, repository),
    }
    with step(ctx, 1 + len(state["gathering"]) + len(state["linked"]), "Ranking again with what is linked") as current:
        made = call(ctx, current, state["gathering"]["locate_linked"], LOCATE, arguments)
        current.summary = summary_of(made)
    return {}


def _shown(ctx: InvestigationContext, state: State) -> str:
    """What linked results say of places in the code, in the words of a report."""
    calls = {made.id: made for made in ctx.store.tool_calls()}
    parts = []
    for read in state["linked"]:
        made = calls.get(read["call_id"])
        if made and made.status is ToolResultStatus.OK and read["kind"] in TELLING:
            parts.append(_places(made) if read["kind"] in CHANGES else trace_in(made.text))
    return "\n\n".join(dict.fromkeys(part for part in parts if part))


def _places(made: ToolCall) -> str:
    """What a linked change touches, and as which commit it was merged, told as what may have brought the failure in."""
    files, merged = changed_files(made.text), merged_as(made.text)
    touched = f"It is suspected that the linked change of {', '.join(files)} broke it." if files else ""
    return "\n".join(part for part in (touched, f"It was introduced by commit {merged}." if merged else "") if part)

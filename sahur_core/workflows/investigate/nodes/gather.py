"""Stage `gather_context`: a first reading, then what the tools know about the report, side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from sahur_core.context.history import to_row
from sahur_core.context.results import parse_result
from sahur_core.errors import CallInterrupted
from sahur_core.issues import Report, RepositoryRef, Stage, ToolCall, ToolResultStatus
from sahur_core.linked.window import changes_to_read, needed_to_rank
from sahur_core.tools.registry import ToolRegistry
from sahur_core.workflows.investigate import prompts
from sahur_core.workflows.investigate.answer import Triage
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.conversation import result_message, say
from sahur_core.workflows.investigate.hypotheses import of_localization, of_triage, tell
from sahur_core.workflows.investigate.limits import are_calls_spent, stopping_rung
from sahur_core.workflows.investigate.nodes.linked import LATEST, follow_ups, plan_linked
from sahur_core.workflows.investigate.state import State, Update
from sahur_core.workflows.investigate.steps import (
    Step,
    after_interruption,
    ask_for,
    call,
    list_tools,
    new_call_id,
    spent,
    step,
    summary_of,
)
from sahur_core.workflows.investigate.titles import title_of

RECENT_COMMITS = 15
SEARCHED_MATCHES = 15


class Node(Protocol):
    def __call__(self, state: State, runtime: Runtime[InvestigationContext]) -> Update: ...


TOOLS = {"locate_fault": "code__locate", "read_recent_changes": "code__log", "search_terms": "code__search"}
"""Which tool each gather node needs."""


def triage(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Prepare the repository, read the report once, and plan what to gather."""
    ctx = runtime.context
    with step(ctx, 1, "Reading the report") as current:
        report = ctx.store.report()
        stopped = stopping_rung(ctx)
        first = FirstReading(Triage(summary="")) if stopped else first_reading(ctx, state, current, report)
        reading = first.form
        current.summary = reading.summary
    suspicion = of_triage(reading.hypothesis)
    told = tell(ctx, suspicion, key="triage") if suspicion else {}
    # Only now: a repository that is cloned for the first time may take minutes, and people wait for a word.
    repository = ctx.store.prepare_repository()
    terms = [term.strip() for term in reading.search_terms if len(term.strip()) > 2 and term in f"{report.title}\n{report.body}"]
    tools = list_tools(ctx)
    planned = [node for node, tool in TOOLS.items() if repository and tool in tools and (node != "search_terms" or terms)]
    linked, not_read = plan_linked(ctx, report, repository, 2 + len(planned))
    if are_calls_spent(ctx):
        planned, linked = [], []
    earlier = ctx.store.earlier_answer()
    return {
        "position": 1,
        "gathering": {node: new_call_id() for node in [*planned, *follow_ups(linked, planned, report, repository)]},
        "linked": [dict(each) for each in linked],
        "not_read": not_read,
        "search_terms": terms[:5],
        **told,
        "transcript": say(
            ctx,
            [
                prompts.opening(report, repository, reading.summary),
                *([prompts.earlier_answer(earlier)] if earlier else []),
                *([prompts.not_read(not_read)] if not_read else []),
                *first.said,
            ],
        ),
        **first.update,
    }


@dataclass(frozen=True)
class FirstReading:
    """What the fast model makes of the report, what people had said by then, and the channels that this moves."""

    form: Triage
    said: list[str] = field(default_factory=list)
    update: Update = field(default_factory=dict)


def first_reading(ctx: InvestigationContext, state: State, current: Step, report: Report) -> FirstReading:
    """Ask the fast model; once more, with what was said meanwhile, if a person wants that used now."""
    while True:
        # Handed out again at this step: to a further call, and to an attempt that repeats the node.
        said = [prompts.person_says(message) for message in ctx.store.take_in_messages(1)]
        told = [prompts.report_for_triage(report), *said]
        try:
            messages = [SystemMessage(prompts.TRIAGE), *(HumanMessage(text) for text in told)]
            form, completion = ask_for(ctx, current, "fast", messages, Triage)
        except CallInterrupted:
            state = {**state, "usage": after_interruption(state)["usage"]}
            continue
        return FirstReading(form, said, spent(state, completion))


def locate_fault(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Rank files, functions and commits by what the report names, and tell at once what comes first."""
    ctx = runtime.context
    update = _gather(state, ctx, "locate_fault")
    made = next((made for made in ctx.store.tool_calls() if made.id == state["gathering"]["locate_fault"]), None)
    found = parse_result(made.text) if made and made.status is ToolResultStatus.OK else None
    first = of_localization(found) if found else None
    return {**update, **tell(ctx, first, key="localization")} if first else update


def read_recent_changes(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """What changed between the versions or in the time that the report names, else lately, whatever it names."""
    ctx = runtime.context
    update = _gather(state, ctx, "read_recent_changes")
    made = next((made for made in ctx.store.tool_calls() if made.id == state["gathering"]["read_recent_changes"]), None)
    if made and made.status is not ToolResultStatus.OK and LATEST in state["gathering"]:
        # Versions that the repository does not know, or a time in which nothing changed.
        return _gather(state, ctx, LATEST)
    return update


def search_terms(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Where the report's most telling text stands in the code."""
    return _gather(state, runtime.context, "search_terms")


def gather_context(state: State, runtime: Runtime[InvestigationContext]) -> Update:
    """Put what was gathered into the conversation, as calls that the model can cite like its own."""
    store = runtime.context.store
    by_id = {made.id: made for made in store.tool_calls()}
    planned = [*(read["call_id"] for read in state.get("linked", [])), *state["gathering"].values()]
    gathered = [by_id[call_id] for call_id in planned if call_id in by_id]
    messages: list[BaseMessage] = []
    if gathered:
        messages.append(
            AIMessage("I look at what the tools know about this report.", tool_calls=[_as_call(made) for made in gathered])
        )
        messages += [result_message(made) for made in gathered]
    return {
        "finished_stage": Stage.GATHER_CONTEXT.value,
        "position": 1 + len(planned),
        "transcript": store.add_transcript([to_row(message) for message in messages]),
    }


GATHER_NODES: dict[str, Node] = {
    "locate_fault": locate_fault,
    "read_recent_changes": read_recent_changes,
    "search_terms": search_terms,
}


def _gather(state: State, ctx: InvestigationContext, node: str) -> Update:
    report = ctx.store.report()
    repository = ctx.store.prepare_repository()
    if repository is None:
        return {}
    tool, arguments = _call_of(node, state, report, repository, list_tools(ctx))
    position = 2 + list(state["gathering"]).index(node)
    with step(ctx, position, title_of(tool, arguments)) as current:
        made = call(ctx, current, state["gathering"][node], tool, arguments)
        current.summary = summary_of(made)
    return {}


def _call_of(
    node: str, state: State, report: Report, repository: RepositoryRef, tools: ToolRegistry
) -> tuple[str, dict[str, Any]]:
    at = {"repository": repository.id, "commit": repository.commit}
    if node == "locate_fault":
        told = {"report": report.body or report.title, "title": report.title[:1000]}
        return TOOLS[node], {**at, **told, **needed_to_rank(report, repository)}
    if node == "read_recent_changes":
        return changes_to_read(report, repository, may_compare="code__changes" in tools, limit=RECENT_COMMITS)
    if node == LATEST:
        return TOOLS["read_recent_changes"], {**at, "limit": RECENT_COMMITS}
    return TOOLS[node], {**at, "query": state["search_terms"][0], "limit": SEARCHED_MATCHES}


def _as_call(made: ToolCall) -> dict[str, Any]:
    """The call as the model would have made it; the report is not repeated, it stands above."""
    arguments = {key: value for key, value in made.arguments.items() if key not in ("report", "title")}
    return {"name": made.tool, "args": arguments, "id": made.id, "type": "tool_call"}

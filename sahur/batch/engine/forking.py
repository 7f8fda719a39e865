"""The first checkpoint of a run that goes on from another one: the other's, with the ids of the new run's own rows.

Everything here follows from the run's row, so an attempt that is lost in the middle is repeated by the next one: rows
first, then the checkpoint, under its old id in the new thread.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import StateSnapshot

from sahur.batch.engine.saver import FencedSaver
from sahur.issues import lines, mapping, models
from sahur.issues.services import forks, runs
from sahur_core.context.history import to_messages
from sahur_core.errors import Conflict
from sahur_core.issues import ForkKind, Hypothesis, InputKind, Stage, Usage
from sahur_core.workflows.investigate.ids import evidence_id, input_request_id

Graph = CompiledStateGraph[Any, Any, Any, Any]


def line_of(run: models.Run) -> str:
    """What the ids of the run's rows depend on (`sahur_core.workflows.investigate.ids`)."""
    return str(run.id) if run.fork_kind else ""


def is_first(snapshot: StateSnapshot) -> bool:
    """Whether nothing has been done yet after the checkpoint that was taken over."""
    return snapshot.metadata is not None and snapshot.metadata.get("source") == "fork"


def begin(graph: Graph, config: RunnableConfig, claim: runs.Claim) -> None:
    """Lay the run's first checkpoint if it goes on from another one and has none yet. Raises `AttemptFenced`."""
    run = models.Run.objects.select_related("forked_from", "issue__team").get(id=claim.run.id)
    if not run.fork_checkpoint:
        return
    snapshot = graph.get_state(config)
    if snapshot.created_at is None:
        _lay(cast(FencedSaver, graph.checkpointer), config, run, claim.attempt)
        snapshot = graph.get_state(config)
    if run.fork_kind == ForkKind.BRANCH and is_first(snapshot) and snapshot.values["finished_stage"] != Stage.GATHER_CONTEXT:
        # What was said with the branch is heard before anything is concluded.
        back = {"finished_stage": Stage.GATHER_CONTEXT.value}
        graph.update_state(config, back, as_node=Stage.GATHER_CONTEXT.value)


def _lay(saver: FencedSaver, config: RunnableConfig, run: models.Run, attempt: int) -> None:
    source, found = _find(saver, run)
    values = dict(found.checkpoint["channel_values"])
    copied = _copied(run, source, values)
    forks.copy_findings(run, copied, attempt)
    checkpoint = {**found.checkpoint, "channel_values": {**values, **_of_own(run, copied, values)}}
    configurable = {**config["configurable"], "checkpoint_ns": ""}
    metadata = {**found.metadata, "source": "fork"}
    saver.put({"configurable": configurable}, checkpoint, metadata, found.checkpoint["channel_versions"])  # type: ignore[arg-type]


def _find(saver: FencedSaver, run: models.Run) -> tuple[models.Run, CheckpointTuple]:
    """The checkpoint in the thread of the nearest origin that has it. Copies keep its id, so the nearest has rows of its own."""
    for origin in lines.origins(run):
        named = {"thread_id": str(origin.id), "checkpoint_ns": "", "checkpoint_id": run.fork_checkpoint}
        found = saver.get_tuple({"configurable": named})
        if found is not None:
            return origin, found
    raise Conflict("The place where this run would go on is gone.", next_step="Start another run.")


def _copied(run: models.Run, source: models.Run, values: dict[str, Any]) -> forks.Copied:
    """What belongs to the state. All of a resumed run's findings do; of a branch, those that its calls brought."""
    transcript: list[str] = values.get("transcript", [])
    rows = models.Message.objects.filter(run=source).in_bulk([UUID(row_id) for row_id in transcript])
    conversation = to_messages([mapping.transcript_message(rows[UUID(row_id)]) for row_id in transcript])
    asked = _calls_in(conversation)
    mine, theirs = line_of(run), line_of(source)
    evidence = {evidence_id(theirs, call): evidence_id(mine, call) for call in asked}
    inputs = {input_request_id(theirs, call): input_request_id(mine, call) for call in asked}
    told = values.get("told_inputs", [])
    made = asked | set(values.get("gathering", {}).values()) | {f"call_{request}" for request in told}
    if run.fork_kind == ForkKind.RESUME:
        evidence = _and_all_others(run, models.Evidence.objects.filter(run=source), evidence)
        # What was decided about another run's budget, or about its joining another one, says nothing about this one.
        of_its_own = [InputKind.BUDGET.value, InputKind.JOIN.value]
        asked_for = models.InputRequest.objects.filter(run=source).exclude(kind__in=of_its_own)
        inputs = _and_all_others(run, asked_for, inputs)
    existing = models.ToolCall.objects.filter(run=source).values_list("id", flat=True)
    known = {str(row_id).split("/", 1)[1] for row_id in existing}
    return forks.Copied(
        source=source,
        transcript=transcript,
        tool_calls=known if run.fork_kind == ForkKind.RESUME else known & made,
        evidence=evidence,
        inputs=inputs,
        told_inputs=told,
        hypotheses=[Hypothesis.model_validate(each) for each in values.get("hypotheses", {}).values()],
        finished_stage=values.get("finished_stage", ""),
        position=values.get("position", 0),
    )


def _and_all_others(run: models.Run, rows: Any, named: dict[str, str]) -> dict[str, str]:
    ids = [str(row_id) for row_id in rows.values_list("id", flat=True)]
    return {row_id: named.get(row_id) or forks.copied_id(run.id, row_id) for row_id in ids}


def _calls_in(conversation: list[BaseMessage]) -> set[str]:
    """The ids of all calls that the model, or gathering in its name, asked for."""
    return {str(call["id"]) for message in conversation if isinstance(message, AIMessage) for call in message.tool_calls}


def _of_own(run: models.Run, copied: forks.Copied, values: dict[str, Any]) -> dict[str, Any]:
    """The channels that name rows, or what this run has spent: a person asked to go on, so it has a budget of its own."""
    own: dict[str, Any] = {
        "transcript": [forks.copied_id(run.id, row_id) for row_id in copied.transcript],
        "answer": forks.copied_id(run.id, values["answer"]) if values.get("answer") else "",
        "told_inputs": [copied.inputs.get(request) or forks.copied_id(run.id, request) for request in copied.told_inputs],
        "usage": Usage(model=values.get("usage", {}).get("model", "")).model_dump(),
        "model_calls": 0,
        "idle_turns": 0,
        "refused": 0,
        "budget": {},
    }
    return {name: value for name, value in own.items() if name in values}

"""The real workflow, store and checkpoints in this process, with a model that follows a script and one tool."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from langchain_core.messages import AIMessage, BaseMessage
from langgraph.graph.state import CompiledStateGraph
from pydantic import BaseModel

from sahur.batch.bootstrap import checkpointer
from sahur.batch.engine.attempt import Attempt
from sahur.batch.engine.forking import line_of
from sahur.batch.engine.stage import run_stage
from sahur.batch.engine.store import AttemptStore
from sahur.issues import models
from sahur_core.config import InvestigateConfig
from sahur_core.issues import Stage, ToolResultStatus, Usage
from sahur_core.llm.client import Completion
from sahur_core.protocols import ToolOutcome, ToolSpec
from sahur_core.workflows.investigate import InvestigationContext, build_graph

TOOL = "code__read"
LINE = "rate = row['rate']"
ANSWERS: dict[str, dict[str, Any]] = {
    "Triage": {"summary": "A key is missing."},
    "Answer": {
        "verdict": "likely",
        "summary": "The key is missing.",
        "root_cause": "Nobody sets it.",
        "claims": [{"statement": "The line reads it.", "evidence": [1]}],
        "next_step": "Set it.",
    },
    "Review": {"verdict": "likely"},
}

Script = Callable[[str], "str | tuple[str, dict[str, Any]]"]


class Models:
    """Speaks as the script says, which is given the whole conversation as text. `heard` keeps all conversations."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.heard: list[str] = []

    async def complete(self, _role: str, messages: Sequence[BaseMessage], **_: Any) -> Completion:
        told = "\n".join(str(message.content) for message in messages)
        self.heard.append(told)
        said = await asyncio.to_thread(self._speak, told)
        if said == "hang":
            await asyncio.sleep(60)
        calls = [] if isinstance(said, str) else [{"name": said[0], "args": said[1], "id": "x", "type": "tool_call"}]
        return self._answer(AIMessage(said if isinstance(said, str) else "", tool_calls=calls))

    def _speak(self, told: str) -> str | tuple[str, dict[str, Any]]:
        """A script may do what people do meanwhile, in a thread whose connection nobody else would close."""
        try:
            return self.script(told)
        finally:
            connection.close()

    async def structured(self, _role: str, messages: Sequence[BaseMessage], schema: type[BaseModel], **_: Any) -> Any:
        self.heard.append(f"{schema.__name__}\n" + "\n".join(str(message.content) for message in messages))
        return schema.model_validate(ANSWERS[schema.__name__]), self._answer(AIMessage(schema.__name__))

    @staticmethod
    def _answer(message: AIMessage) -> Completion:
        usage = Usage(model="scripted", model_calls=1, input_tokens=10, output_tokens=1, cost_usd=0.01)
        return Completion(message, usage, 1)


class Tools:
    """One tool, which shows a line."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    async def list_tools(self) -> Sequence[ToolSpec]:
        schema = {"type": "object", "properties": {"path": {"type": "string"}}}
        return [ToolSpec(name=TOOL, description="Read a file.", input_schema=schema, read_only=True, is_own=True)]

    def unavailable(self) -> dict[str, str]:
        return {}

    async def call(self, tool: str, arguments: dict[str, Any], *, tool_call_id: str) -> ToolOutcome:
        self.calls.append(arguments)
        return ToolOutcome(status=ToolResultStatus.OK, text=f"1 {LINE}", receipt_id=str(uuid.uuid4()))


class Bench:
    """What `run_stage` works with, and the stages one after the other."""

    def __init__(self, script: Script, config: InvestigateConfig | None = None) -> None:
        self.models, self.tools = Models(script), Tools()
        self.config = config or InvestigateConfig()

    def model_name(self) -> str:
        return "scripted"

    def graph(self) -> CompiledStateGraph[Any, Any, Any, Any]:
        return build_graph(checkpointer())

    @contextmanager
    def investigation(self, attempt: Attempt) -> Iterator[InvestigationContext]:
        yield InvestigationContext(
            store=AttemptStore(attempt),
            events=attempt,
            toolbox=self.tools,
            waiter=attempt,
            models=self.models,  # type: ignore[arg-type]
            config=self.config,
            line=line_of(attempt.claim.run),
        )

    def drive(self, run: models.Run, until: Stage = Stage.PUBLISH) -> models.Run:
        """The stages from the one that the run is at, as the chain does them."""
        while True:
            run.refresh_from_db()
            stage = Stage(run.stage)
            run_stage(run.id, stage, self, owner="test")
            before, stages = stage, list(Stage)
            run.refresh_from_db()
            if run.status != "queued" or (before is until and stages.index(Stage(run.stage)) > stages.index(until)):
                return run


def detective(told: str) -> tuple[str, dict[str, Any]]:
    """Reads, records what it saw, ends."""
    if "Recorded as" in told:
        return "finish", {"reason": "Enough."}
    if LINE not in told:
        return TOOL, {"path": "till.py"}
    call_id = told.rsplit("tool_call_id: ", 1)[1].split()[0]
    return "record_evidence", {"statement": "It reads the rate.", "tool_call_id": call_id, "quote": LINE}

"""Do one stage of a run: claim it, drive the graph up to the stage's last node, finish it in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol, cast
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, InternalError
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from sahur.batch import chain
from sahur.batch.engine import forking
from sahur.batch.engine.attempt import Attempt
from sahur.batch.engine.saver import thread_config
from sahur.batch.engine.shutdown import is_shutting_down
from sahur.batch.patience import DATABASE_AWAY, patient
from sahur.issues import models
from sahur.issues.services import runs
from sahur_core.errors import AttemptFenced, CallInterrupted, DeadlineExceeded, RunStopped, SahurError, ShuttingDown
from sahur_core.issues import Stage
from sahur_core.trace import trace
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.state import State, Update, has_budget, initial_state
from sahur_core.workflows.investigate.steps import after_interruption

log = logging.getLogger(__name__)

RECURSION_LIMIT = 10_000
"""Supersteps of LangGraph; the workflow's own budgets end a run long before."""
STORAGE_FAULTS = (*DATABASE_AWAY, InternalError, psycopg.InternalError)
"""After these the run may be tried again as it is (`InternalError` is also a transaction that stood still for too long).
What the database refuses, such as `DataError`, it would refuse each time."""


class Assembly(Protocol):
    """What the stage works with; `sahur.batch.bootstrap` puts it together."""

    def model_name(self) -> str: ...

    def graph(self) -> CompiledStateGraph[Any, Any, Any, Any]: ...

    def investigation(self, attempt: Attempt) -> AbstractContextManager[InvestigationContext]: ...


def run_stage(run_id: UUID, stage: Stage, assembly: Assembly, *, owner: str) -> bool:
    """Whether the chain may go on to the next stage. A duplicate or stale hint does nothing."""
    claim = patient(
        lambda: runs.claim(
            run_id,
            stage,
            owner=owner,
            lease_seconds=settings.RUN_LEASE_SECONDS,
            team_limit=settings.RUN_TEAM_CONCURRENCY,
            model=assembly.model_name(),
        )
    )
    if claim is None:
        return _is_past(run_id, stage)
    with trace(claim.run.trace_id):
        log.info("%s run %s: %s, attempt %s", claim.run.issue.key, claim.run.number, stage, claim.attempt)
        return _work(claim, assembly) == runs.Outcome.NEXT


def _is_past(run_id: UUID, stage: Stage) -> bool:
    """A finished stage lets the chain go on: its next link may be the only one left."""
    current = models.Run.objects.filter(id=run_id).values_list("stage", flat=True).first()
    stages = list(Stage)
    return current is not None and stages.index(Stage(current)) > stages.index(stage)


def _work(claim: runs.Claim, assembly: Assembly) -> runs.Outcome | None:
    """Drive and finish; None if the attempt ended early. The boundary at which every fault becomes the run's last event."""
    attempt = Attempt(
        claim,
        lease_seconds=settings.RUN_LEASE_SECONDS,
        stage_seconds=settings.RUN_STAGE_SECONDS,
        is_shutting_down=is_shutting_down,
    )
    try:
        with attempt:
            return _drive_and_finish(attempt, assembly)
    except AttemptFenced as error:
        log.warning("run %s: %s", claim.run.id, error.message)
    except RunStopped:
        _leave(lambda: runs.cancel(claim))
    except ShuttingDown:
        _leave(lambda: runs.requeue(claim, claim.stage))
        chain.send(_fresh(claim))
    except DeadlineExceeded:
        minutes = settings.RUN_STAGE_SECONDS / 60
        spent = DeadlineExceeded(
            f"The stage took longer than {minutes:.0f} minutes.", next_step="Narrow the report down and start another run."
        )
        _leave(lambda: runs.fail(claim, spent))
    except STORAGE_FAULTS:
        log.exception("run %s: the database failed", claim.run.id)
        _give_back(claim)
    except SahurError as error:
        log.warning("run %s failed in %s: %s", claim.run.id, claim.stage, error)
        reason = error
        _leave(lambda: runs.fail(claim, reason))
    except Exception:
        log.exception("run %s: unexpected error in %s", claim.run.id, claim.stage)
        fault = SahurError(
            "SAHUR itself failed in this stage.",
            next_step=f"Start another run; the worker's log has the error under trace {claim.run.trace_id or '-'}.",
        )
        _leave(lambda: runs.fail(claim, fault))
    return None


def _drive_and_finish(attempt: Attempt, assembly: Assembly) -> runs.Outcome | None:
    claim = attempt.claim
    with assembly.investigation(attempt) as context:
        graph = assembly.graph()
        config: RunnableConfig = {**thread_config(claim.run.id, claim.attempt), "recursion_limit": RECURSION_LIMIT}
        while True:
            try:
                state = patient(partial(_drive, graph, config, context, attempt))
            except CallInterrupted:
                return _go_back(graph, config, claim, after_interruption(cast(State, graph.get_state(config).values)))
            attempt.flush()
            attempt.check()
            is_finished = state["finished_stage"] == claim.stage
            if is_finished:
                can_go_back = has_budget(state, context.config)
                outcome = patient(partial(runs.finish_stage, claim, can_go_back=can_go_back, told=state["told_inputs"]))
            else:
                outcome = patient(partial(runs.finish_waiting, claim, state["told_inputs"]))
            if outcome is not runs.Outcome.AGAIN:
                return outcome
            if is_finished:
                return _go_back(graph, config, claim, {})


def _drive(
    graph: CompiledStateGraph[Any, Any, Any, Any], config: RunnableConfig, context: InvestigationContext, attempt: Attempt
) -> State:
    """Go on from the checkpoint until the stage's node is done or only a person can help; the state that was saved then."""
    stage = attempt.claim.stage
    snapshot = graph.get_state(config)
    if attempt.claim.run.fork_kind and (snapshot.created_at is None or forking.is_first(snapshot)):
        forking.begin(graph, config, attempt.claim)
        snapshot = graph.get_state(config)
    state = cast(State, snapshot.values)
    given: Any = None
    if snapshot.created_at is None:
        given = initial_state()
    elif state.get("finished_stage") == stage:  # nothing is in it yet if the worker died right after the first checkpoint
        return state
    elif snapshot.interrupts:
        if not runs.has_news(attempt.claim.run.id, state["told_inputs"]):
            return state
        given = Command(resume=True)
    # With "values" each superstep gives the whole state, so nothing has to be read back from the database.
    streamed = graph.stream(
        given, config, context=context, stream_mode="values", interrupt_after=[stage.value], durability="sync"
    )
    for values in streamed:
        attempt.pause_between_steps()
        state = cast(State, values)
    return state


def _go_back(
    graph: CompiledStateGraph[Any, Any, Any, Any], config: RunnableConfig, claim: runs.Claim, update: Update
) -> runs.Outcome | None:
    """Somebody said something while the answer was made: the model gets to hear it. Repeating this is harmless."""
    back = {**update, "finished_stage": Stage.GATHER_CONTEXT.value}
    graph.update_state(config, back, as_node=Stage.GATHER_CONTEXT.value)
    runs.requeue(claim, Stage.ANALYZE)
    chain.send(_fresh(claim))
    return None


def _leave(end: Callable[[], None]) -> None:
    """End an attempt that was cut short; somebody else may have ended it first."""
    try:
        patient(end)
    except AttemptFenced as error:
        log.warning("%s", error.message)


def _give_back(claim: runs.Claim) -> None:
    """The database failed for too long. It is not the run's fault (a full disk, a long fail-over), so no crash is counted.

    If not even this can be stored, the lease runs out and the reaper takes the run back.
    """
    try:
        runs.requeue(claim, claim.stage)
    except AttemptFenced as error:
        log.warning("%s", error.message)
    except (DatabaseError, InterfaceError) as error:
        log.warning("run %s: left to the reaper: %s", claim.run.id, error)


def _fresh(claim: runs.Claim) -> models.Run:
    return models.Run.objects.select_related("issue").get(id=claim.run.id)

"""The only assembly point: settings become the graph, the models and the tools of an attempt."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from langgraph.graph.state import CompiledStateGraph
from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from sahur.batch.engine.attempt import Attempt
from sahur.batch.engine.forking import line_of
from sahur.batch.engine.loop import event_loop
from sahur.batch.engine.saver import FencedSaver, check_if_idle
from sahur.batch.engine.store import AttemptStore
from sahur.batch.model_rests import CacheBoard
from sahur.batch.model_settings import models_for
from sahur.batch.patience import patient
from sahur.batch.tokens import AttemptToken
from sahur.issues import models, spending
from sahur.issues.redaction import known_secrets
from sahur.issues.services import prices
from sahur_core.config import Budget, InvestigateConfig, Price, SafetyConfig
from sahur_core.events import NoticeRaised
from sahur_core.llm.client import ModelClient
from sahur_core.llm.offline.model import OFFLINE
from sahur_core.llm.rests import Rests
from sahur_core.tools.gateway import GatewayToolBox
from sahur_core.workflows.investigate.context import InvestigationContext
from sahur_core.workflows.investigate.graph import build_graph

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def checkpointer() -> FencedSaver:
    """The saver of this process. First used after the fork, so that no connection is shared."""
    pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
        settings.DATABASE_URL,
        min_size=0,
        max_size=8,
        timeout=15,
        open=True,
        check=check_if_idle,
        kwargs={
            "autocommit": True,
            "prepare_threshold": 0,
            "row_factory": dict_row,
            "connect_timeout": 5,
            "options": settings.DATABASE_SESSION,
        },
        configure=_bound_transactions,
    )
    return FencedSaver(pool)


def _bound_transactions(connection: Connection[DictRow]) -> None:
    """The saver sends its statements as a pipeline, in which a process that stands still does not count as idle."""
    if connection.info.server_version >= 170_000:
        connection.execute("select set_config('transaction_timeout', %s, false)", (str(int(settings.RUN_LEASE_SECONDS * 1000)),))


@lru_cache(maxsize=1)
def graph() -> CompiledStateGraph[Any, Any, Any, Any]:
    return build_graph(checkpointer())


@lru_cache(maxsize=16)
def config(wanted_model: str = "") -> InvestigateConfig:
    fast, deep = models_for(wanted_model)
    return InvestigateConfig(
        fast=fast,
        deep=deep,
        max_steps=settings.MAX_STEPS,
        max_tools=settings.MAX_TOOLS,
        input_request_hours=settings.INPUT_REQUEST_HOURS,
        approval_hours=settings.APPROVAL_HOURS,
        budget_request_hours=settings.BUDGET_REQUEST_HOURS,
    )


def _safety(run: models.Run) -> SafetyConfig:
    """What must not be told, and where links of this run may lead: to SAHUR, and to the repository that it reads."""
    repository = run.issue.repository
    source = repository.source.removesuffix(".git") if repository else ""
    places = (settings.PUBLIC_URL, *([source] if source.startswith("https://") else []))
    return SafetyConfig(known_secrets=known_secrets(), own_places=places, link_hosts=tuple(settings.LINK_HOSTS))


def _budgets(run: models.Run) -> dict[str, Budget]:
    """The limits of the run and of its team's day. What is reckoned for the offline model are no tokens that anybody pays."""
    limits = patient(lambda: spending.limits_of(run.issue.team_id))
    own = config(run.wanted_model)
    is_free = own.deep.name == own.fast.name == OFFLINE
    return {"budget": limits.run.model_copy(update={"tokens": None}) if is_free else limits.run, "day_budget": limits.day}


def model_name() -> str:
    """What this worker investigates with, as the run's row tells it: the door that filed it may be configured otherwise."""
    return settings.MODEL or OFFLINE


@lru_cache(maxsize=16)
def model_client(wanted_model: str = "") -> ModelClient:
    return ModelClient(config(wanted_model), prices=_prices, rests=_rests())


@lru_cache(maxsize=1)
def _rests() -> Rests:
    return Rests(board=CacheBoard())


def _prices() -> Mapping[str, Price]:
    """The edited prices. A parallel node's thread gives its connection back; the stage's, the main one, keeps it."""
    try:
        return patient(prices.current)
    finally:
        if threading.current_thread() is not threading.main_thread():
            close_old_connections()


@contextmanager
def investigation(attempt: Attempt) -> Iterator[InvestigationContext]:
    """What the nodes reach the world with. The gateway's connection is given up at the end."""
    run = attempt.claim.run
    toolbox = GatewayToolBox(settings.MCP_URL, AttemptToken(attempt.claim), trace_id=run.trace_id)
    try:
        models_of_run = model_client(run.wanted_model)
        for problem in models_of_run.problems():
            attempt.emit(
                NoticeRaised(level="warning", message=f"A fallback cannot be used. {problem}"), key=f"notice {problem}"[:200]
            )
        yield InvestigationContext(
            store=AttemptStore(attempt),
            events=attempt,
            toolbox=toolbox,
            waiter=attempt,
            models=models_of_run,
            line=line_of(run),
            config=config(run.wanted_model).model_copy(update={"safety": _safety(run), **_budgets(run)}),
        )
    finally:
        # Not through the attempt: its waits are refused once it is interrupted. Nobody waits for it: a gateway that
        # hangs must not hold up what ends the attempt.
        asyncio.run_coroutine_threadsafe(toolbox.close(), event_loop())

"""Checkpoints are written by the owner of the run alone, and shrink to the ends of its stages when it has ended."""

from __future__ import annotations

import operator
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypedDict

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from langgraph.checkpoint.base import id as checkpoint_ids
from langgraph.graph import END, START, StateGraph

from sahur.batch.bootstrap import checkpointer
from sahur.batch.checkpoints import finished_stage, head, prune, stage_ends
from sahur.batch.engine.saver import thread_config
from sahur.issues import models
from sahur.issues.services import runs
from sahur_core.errors import AttemptFenced
from sahur_core.issues import Stage

pytestmark = pytest.mark.django_db(transaction=True)


class State(TypedDict):
    finished_stage: str
    transcript: Annotated[list[str], operator.add]


@pytest.fixture
def graph(settings):
    # The saver's pool follows the settings' address, which names another database than the tests' own.
    settings.DATABASE_URL = settings.DATABASE_URL.replace("/sahur?", f"/{connection.settings_dict['NAME']}?")
    checkpointer.cache_clear()
    checkpointer().setup()
    building = StateGraph(State)
    for number, name in enumerate("abcdef"):
        stage = {"c": "gather_context", "f": "analyze"}.get(name)
        building.add_node(
            name, lambda _, name=name, stage=stage: {"transcript": [name]} | ({"finished_stage": stage} if stage else {})
        )
        building.add_edge("abcdef"[number - 1] if number else START, name)
    building.add_edge("f", END)
    yield building.compile(checkpointer=checkpointer())
    checkpointer().pool.close()
    checkpointer.cache_clear()


START_STATE = {"finished_stage": "", "transcript": []}


def claimed(issue):
    run = runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")
    return claim(run)


def claim(run):
    got = runs.claim(run.id, Stage.GATHER_CONTEXT, owner="test", lease_seconds=30, team_limit=10)
    assert got is not None
    return got


def config_of(got):
    return thread_config(got.run.id, got.attempt)


def lose(got):
    models.RunLease.objects.filter(run=got.run).update(lease_until=timezone.now() - timedelta(seconds=1))
    runs.recover(got.run.id, 3, head(got.run.id))


def count(table, run_id):
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table} where thread_id = %s", [str(run_id)])
        return int(cursor.fetchone()[0])


def test_only_the_ends_of_stages_stay(graph, issue):
    got, other = claimed(issue), claimed(issue)
    for each in (got, other):
        graph.invoke(START_STATE, config_of(each), durability="sync")
    before = count("checkpoints", other.run.id)
    prune(got.run.id)
    prune(got.run.id)
    kept = [state.values.get("finished_stage") for state in graph.get_state_history(config_of(got))]
    assert kept[0] == "analyze"
    assert "gather_context" in kept
    assert len(kept) < before == count("checkpoints", other.run.id)
    assert count("checkpoint_blobs", got.run.id) < count("checkpoint_blobs", other.run.id)


def test_the_last_state_is_whole(graph, issue):
    got = claimed(issue)
    graph.invoke(START_STATE, config_of(got), durability="sync")
    prune(got.run.id)
    assert graph.get_state(config_of(got)).values["transcript"] == list("abcdef")


def test_the_ends_of_stages_are_found_and_a_step_back_to_one_is_none(graph, issue):
    got = claimed(issue)
    graph.invoke(START_STATE, config_of(got), durability="sync", interrupt_after=["c"])
    assert stage_ends(got.run.id) == {Stage.GATHER_CONTEXT: head(got.run.id)}
    graph.invoke(None, config_of(got), durability="sync")
    ends = stage_ends(got.run.id)
    assert set(ends) == {Stage.GATHER_CONTEXT, Stage.ANALYZE}
    graph.update_state(config_of(got), {"finished_stage": "gather_context"}, as_node="c")
    assert stage_ends(got.run.id) == ends
    prune(got.run.id)
    assert stage_ends(got.run.id) == ends
    assert finished_stage(got.run.id, ends[Stage.ANALYZE]) == "analyze"


def test_an_attempt_that_lost_its_run_writes_no_checkpoint(graph, issue):
    lost = claimed(issue)
    graph.invoke(START_STATE, config_of(lost), durability="sync", interrupt_after=["b"])
    lose(lost)
    owner = claim(lost.run)
    before, writes = head(lost.run.id), count("checkpoint_writes", lost.run.id)
    with pytest.raises(AttemptFenced):
        graph.invoke(None, config_of(lost), durability="sync")
    assert head(lost.run.id) == before
    assert count("checkpoint_writes", lost.run.id) == writes
    assert graph.invoke(None, config_of(owner), durability="sync")["transcript"] == list("abcdef")


def test_the_head_moves_with_each_step(graph, issue):
    got = claimed(issue)
    assert head(got.run.id) == ""
    graph.invoke(START_STATE, config_of(got), durability="sync", interrupt_after=["a"])
    first = head(got.run.id)
    graph.invoke(None, config_of(got), durability="sync", interrupt_after=["b"])
    assert "" < first < head(got.run.id)


def test_a_host_whose_clock_is_behind_continues_from_its_own_checkpoints(graph, issue, monkeypatch):
    """Ids of checkpoints are times; the head must be the last one written, not the one with the latest clock."""
    got = claimed(issue)
    config = thread_config(got.run.id, got.attempt)
    graph.invoke(START_STATE, config, interrupt_after=["c"], durability="sync")
    monkeypatch.setattr(checkpoint_ids, "_last_v6_timestamp", None)  # as in a process of another host
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1), tick=True):
        graph.invoke(None, config, durability="sync")
        assert graph.get_state(config).values["finished_stage"] == "analyze"

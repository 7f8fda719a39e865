"""Checkpoints of an ended run shrink to the ends of its stages, and the run's last state stays readable."""

from __future__ import annotations

import operator
import uuid
from typing import Annotated, TypedDict

import pytest
from django.db import connection
from langgraph.graph import END, START, StateGraph

from sahur.batch.bootstrap import checkpointer
from sahur.batch.checkpoints import prune

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
    checkpointer().conn.close()
    checkpointer.cache_clear()


def count(table: str, run: uuid.UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table} where thread_id = %s", [str(run)])
        return int(cursor.fetchone()[0])


def test_only_the_ends_of_stages_stay(graph):
    run, other = uuid.uuid4(), uuid.uuid4()
    for thread in (run, other):
        graph.invoke({"finished_stage": "", "transcript": []}, {"configurable": {"thread_id": str(thread)}}, durability="sync")
    before = count("checkpoints", other)
    prune(run)
    prune(run)
    kept = [state.values.get("finished_stage") for state in graph.get_state_history({"configurable": {"thread_id": str(run)}})]
    assert kept[0] == "analyze"
    assert "gather_context" in kept
    assert len(kept) < before == count("checkpoints", other)
    assert count("checkpoint_blobs", run) < count("checkpoint_blobs", other)


def test_the_last_state_is_whole(graph):
    run = uuid.uuid4()
    config = {"configurable": {"thread_id": str(run)}}
    graph.invoke({"finished_stage": "", "transcript": []}, config, durability="sync")
    prune(run)
    assert graph.get_state(config).values["transcript"] == list("abcdef")

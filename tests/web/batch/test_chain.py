"""The chain carries only the run's id, from the run's stage on, later stages first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sahur.batch import chain
from sahur_core.issues import Stage

pytestmark = pytest.mark.django_db


def test_a_new_run_gets_all_four_stages_in_order(run):
    links = chain.signature(run).tasks
    assert [link.task.rsplit(".", 1)[1] for link in links] == [stage.value for stage in Stage]
    assert all(tuple(link.args) == (str(run.id),) and link.immutable for link in links)


def test_a_run_goes_on_at_its_stage(run):
    run.stage = Stage.PROPOSE_SOLUTION.value
    assert [link.task.rsplit(".", 1)[1] for link in chain.signature(run).tasks] == ["propose_solution", "publish"]


def test_later_stages_are_served_first(run):
    priorities = [link.options["priority"] for link in chain.signature(run).tasks]
    assert priorities == sorted(priorities, reverse=True)


def test_people_recognize_the_run_in_flower(run):
    assert chain.signature(run).tasks[1].options["argsrepr"] == "(SAH-1 run 1 analyze)"


def test_a_broker_that_is_away_costs_only_the_hint():
    """In a process of its own: Celery remembers the broker that it once had."""
    program = """
import django
django.setup()
from sahur.celery import send_hint
print(send_hint("sahur.batch.tasks.publish", "x", queue="batch"))
"""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "sahur.settings", "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
    assert "the reaper will" in done.stderr

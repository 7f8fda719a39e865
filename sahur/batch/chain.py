"""The order of the stages as one Celery chain. Its messages are hints; the run's row says where it stands."""

from __future__ import annotations

from functools import partial

from celery import chain
from django.db import transaction

from sahur.celery import app, publish
from sahur.issues import models
from sahur_core.issues import Stage

PRIORITY = {Stage.GATHER_CONTEXT: 9, Stage.ANALYZE: 6, Stage.PROPOSE_SOLUTION: 3, Stage.PUBLISH: 0}
"""0 is served first: a run that is nearly done goes before one that has not begun."""


def signature(run: models.Run) -> chain:
    """The stages that are still to be done, from the run's stage on. `run.issue` is at hand."""
    stages = list(Stage)
    remaining = stages[stages.index(Stage(run.stage)) :]
    label = f"{run.issue.key} run {run.number}"
    links = [
        app.signature(
            f"sahur.batch.tasks.{stage}",
            args=(str(run.id),),
            immutable=True,
            queue="batch",
            # A run that was interrupted or answered goes before new ones.
            priority=PRIORITY[stage] if stage != run.stage or not run.started_at else max(PRIORITY[stage] - 3, 0),
            argsrepr=f"({label} {stage})",
        )
        for stage in remaining
    ]
    return chain(*links)


def send(run: models.Run) -> bool:
    """Send the chain now; False if the broker did not take it (the reaper sends it again)."""
    return publish(signature(run))


def send_after_commit(run: models.Run) -> None:
    transaction.on_commit(partial(send, run), robust=True)

"""One task per stage, and the tasks of the other queues. Each takes only an id, and may run twice.

Every Celery process loads this module, also Flower and the one that only posts to Slack. What is heavy (LangGraph, the
model and gateway clients, the index) is therefore imported where it is used; a worker of stages loads it before it forks,
so that its children share the memory.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from billiard.exceptions import WorkerLostError
from celery import Task
from celery.signals import task_failure, worker_init
from django.conf import settings

from sahur.batch import effects
from sahur.batch.presence import PresenceStep
from sahur.batch.recovery import recover
from sahur.celery import app, send_hint
from sahur.issues.services import runs
from sahur_core.issues import Stage

app.steps["consumer"].add(PresenceStep)

STAGE_TASKS = {f"sahur.batch.tasks.{stage}" for stage in Stage}


@worker_init.connect
def load_engine(sender: Any, **_: object) -> None:
    """Import what the stages need, in the parent of the pool, if this worker serves them."""
    if "batch" in sender.app.amqp.queues.consume_from:
        import sahur.batch.bootstrap
        import sahur.batch.engine.stage  # noqa: F401


def _do(task: Task[Any, Any], run_id: str, stage: Stage) -> None:
    from sahur.batch import bootstrap
    from sahur.batch.engine.stage import run_stage

    if not run_stage(UUID(run_id), stage, bootstrap, owner=str(task.request.id)):
        # Ends the chain. `Ignore` would, too, but Flower would show the task as started for ever.
        task.request.chain = None


# A hard limit above the stage's own deadline, for code that hangs without giving way.
LIMIT = int(settings.RUN_STAGE_SECONDS) + 120
# Above the longest fetch and the longest indexing.
INDEX_LIMIT = 2 * 3600


@app.task(name="sahur.batch.tasks.gather_context", bind=True, time_limit=LIMIT)
def gather_context(self: Task[Any, Any], run_id: str) -> None:
    _do(self, run_id, Stage.GATHER_CONTEXT)


@app.task(name="sahur.batch.tasks.analyze", bind=True, time_limit=LIMIT)
def analyze(self: Task[Any, Any], run_id: str) -> None:
    _do(self, run_id, Stage.ANALYZE)


@app.task(name="sahur.batch.tasks.propose_solution", bind=True, time_limit=LIMIT)
def propose_solution(self: Task[Any, Any], run_id: str) -> None:
    _do(self, run_id, Stage.PROPOSE_SOLUTION)


@app.task(name="sahur.batch.tasks.publish", bind=True, time_limit=LIMIT)
def publish(self: Task[Any, Any], run_id: str) -> None:
    _do(self, run_id, Stage.PUBLISH)


@task_failure.connect
def hasten_recovery(sender: Task[Any, Any], task_id: str, exception: BaseException, args: tuple[Any, ...], **_: object) -> None:
    """A pool child died under a run: have its lease ended now. Sent on, since this parent must not touch the database."""
    if isinstance(exception, WorkerLostError) and sender.name in STAGE_TASKS:
        send_hint("sahur.batch.tasks.recover_run", f"{args[0]}/{task_id}", queue="effects")


@app.task(name="sahur.batch.tasks.recover_run")
def recover_run(run_and_owner: str) -> None:
    """Take the run back from an owner that is known to be dead."""
    run_id, _, owner = run_and_owner.partition("/")
    runs.expire_lease(UUID(run_id), owner)
    recover(UUID(run_id))


@app.task(name="sahur.batch.tasks.deliver_effect")
def deliver_effect(effect_id: str) -> None:
    effects.deliver(UUID(effect_id))


@app.task(name="sahur.batch.tasks.prepare_repository", time_limit=INDEX_LIMIT)
def prepare_repository(checkout_id: str) -> None:
    from sahur.batch.indexing import prepare_checkout

    prepare_checkout(UUID(checkout_id))


@app.task(name="sahur.batch.tasks.remove_repository", time_limit=INDEX_LIMIT)
def remove_repository(removal_id: str) -> None:
    from sahur.batch import indexing

    indexing.remove_repository(UUID(removal_id))

"""One task per stage, and the tasks of the other queues. Each takes only an id, and may run twice.

Every Celery process loads this module, also Flower and the one that only posts to Slack. What is heavy (LangGraph, the
model and gateway clients, the index) is therefore imported where it is used; a worker of stages loads it before it forks,
so that its children share the memory.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from billiard.exceptions import WorkerLostError
from celery import Task
from celery.signals import task_failure, worker_init
from django.conf import settings

from sahur.batch import effects
from sahur.batch.patience import DATABASE_AWAY, patient
from sahur.batch.recovery import recover
from sahur.celery import app, send_hint
from sahur.issues import models
from sahur.issues.services import checkouts, runs
from sahur_core.errors import InputError, RepositoryError, SahurError
from sahur_core.issues import Stage
from sahur_core.trace import trace

log = logging.getLogger(__name__)
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


@app.task(name="sahur.batch.tasks.prepare_repository", time_limit=3600)
def prepare_repository(checkout_id: str) -> None:
    """Clone or update, resolve, index. A kill leaves the row pending; the waiting run asks again.

    The database may be away for a while: work of minutes is not thrown away for that.
    """
    checkout = models.Checkout.objects.select_related("repository").filter(id=checkout_id).first()
    if checkout is None or checkout.state != models.CheckoutState.PENDING:
        return
    from sahur_core.code.prepare import prepare

    repository = checkout.repository
    directory = Path(settings.REPOSITORY_DIR) / str(repository.id)
    with trace():
        try:
            commit = prepare(
                repository.source,
                directory,
                checkout.revision or repository.default_branch,
                lambda text: patient(partial(checkouts.report_progress, checkout.id, text)),
                private_hosts=settings.REPOSITORY_PRIVATE_HOSTS,
            )
        except (RepositoryError, InputError) as error:
            log.warning("repository %s cannot be prepared: %s", repository.name, error)
            _settle(partial(checkouts.fail, checkout.id, error))
        except DATABASE_AWAY as error:
            log.warning("repository %s is left to be prepared again: %s", repository.name, error)
        except Exception:
            log.exception("repository %s cannot be prepared", repository.name)
            fault = SahurError("The indexer itself failed on this repository.", next_step="See the indexer's log.")
            _settle(partial(checkouts.fail, checkout.id, fault))
        else:
            _settle(partial(checkouts.finish, checkout.id, commit))


def _settle(end: Callable[[], None]) -> None:
    """Store how the preparation ended. If the database stays away the row stays pending, and is asked for again."""
    try:
        patient(end)
    except DATABASE_AWAY as error:
        log.warning("what became of a repository could not be stored: %s", error)

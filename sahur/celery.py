"""The Celery app, and how to send a hint. Tasks live in `sahur.batch.tasks`.

PostgreSQL is the truth: a message only says "look at this row". It may be lost or doubled, so sending one never waits
for the broker and never raises.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from celery import Celery
from celery.signals import task_postrun
from django.db import close_old_connections
from kombu import pools
from kombu.exceptions import OperationalError

if TYPE_CHECKING:
    from celery.canvas import Signature

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sahur.settings")

app = Celery("sahur")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["sahur.batch"])

log = logging.getLogger(__name__)


@task_postrun.connect
def give_connection_back(**_: object) -> None:
    """To the pool of the process, which checks it before the next task has it (`CELERY_DB_REUSE_MAX`)."""
    close_old_connections()


HINT_TIMEOUTS = {
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
    "retry_on_timeout": False,
    # Without it, a connection that is refused is tried again for seconds.
    "max_retries": 0,
}


AWAY_SECONDS = 3.0
"""So long after a hint that was not taken this process sends none: a request must not wait for each of its hints."""
_away_until = 0.0


def publish(signature: Signature) -> bool:
    """Send a signature as a hint; False if the broker did not take it at once (the reaper sends it again)."""
    global _away_until
    if time.monotonic() < _away_until:
        log.info("hint %s was not sent, the reaper will: the broker was away a moment ago", signature.task)
        return False
    connection = app.connection_for_write()
    connection.transport_options = {**(connection.transport_options or {}), **HINT_TIMEOUTS}
    try:
        with pools.producers[connection].acquire(block=True, timeout=1) as producer:
            signature.apply_async(producer=producer, retry=False)
    except (OperationalError, OSError) as error:
        _away_until = time.monotonic() + AWAY_SECONDS
        log.warning("hint %s was not sent, the reaper will: %s", signature.task, error)
        return False
    return True


def send_hint(task: str, row_id: str, *, queue: str, argsrepr: str = "", priority: int = 0) -> bool:
    """Send a hint for one row to the task of that name. Of `priority` 0 to 9 the lower ones are taken first."""
    return publish(app.signature(task, args=(row_id,), queue=queue, argsrepr=argsrepr or f"({row_id})", priority=priority))

"""A bare chain of four Celery tasks that do nothing, over the same Valkey: what the queue alone costs.

The module is also the app of its worker (`celery -A tests.benchmarks.engine.celery_chain worker`); Celery itself reads
`CELERY_BROKER_URL`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from functools import lru_cache
from pathlib import Path

import redis
from celery import Celery, chain

from tests.benchmarks.engine.graph import EVENTS
from tests.benchmarks.engine.measuring import Times
from tests.e2e.system import ROOT

app = Celery("bare", set_as_current=False)
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1, task_default_queue="bare", worker_hijack_root_logger=False)


@lru_cache(maxsize=1)
def mailbox() -> redis.Redis:
    return redis.Redis.from_url(app.conf.broker_url or os.environ["CELERY_BROKER_URL"], socket_timeout=90)


@app.task(name="bare.link")
def link(run: str, position: int) -> None:
    """Tells only its beginning and the end of the chain."""
    if position in (0, len(EVENTS) - 1):
        mailbox().lpush(f"told:{run}", position)


class CeleryChain:
    name = "Celery, bare chain of 4"

    def __init__(self, broker_url: str, folder: Path) -> None:
        app.conf.broker_url = broker_url
        options = ["-c", "2", "-Q", "bare", "-n", f"bare-{uuid.uuid4().hex[:8]}@%h", "--without-gossip", "--without-mingle"]
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "tests.benchmarks.engine.celery_chain",
            "worker",
            "-l",
            "WARNING",
            *options,
        ]
        with (folder / "bare.log").open("ab") as log:
            self._worker = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "CELERY_BROKER_URL": broker_url},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.run_once(0)

    @property
    def pid(self) -> int:
        return self._worker.pid

    def run_once(self, client: int) -> Times:
        run = uuid.uuid4().hex
        started = time.perf_counter()
        chain(*(link.si(run, position) for position in range(len(EVENTS)))).apply_async()
        moments = []
        for _ in range(2):
            assert mailbox().blpop([f"told:{run}"], timeout=60), "the chain did not come to its end"
            moments.append(time.perf_counter() - started)
        return Times(*moments)

    def close(self) -> None:
        self._worker.terminate()
        self._worker.wait(30)

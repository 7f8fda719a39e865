"""The Celery app of a real worker that runs the benchmark's graph: `celery -A tests.benchmarks.engine.worker worker …`.

Everything else of the worker is as in production. With `SAHUR_BENCHMARK_PROFILE` (a folder) each pool child leaves a
profile of its main thread there.
"""

from __future__ import annotations

import cProfile
import os
from pathlib import Path
from typing import Any

from celery.signals import worker_init, worker_process_init, worker_process_shutdown

from sahur.celery import app

__all__ = ["app"]

FOLDER = os.environ.get("SAHUR_BENCHMARK_PROFILE", "")
profile = cProfile.Profile()


@worker_init.connect
def exchange_graph(**_: Any) -> None:
    from sahur.batch import bootstrap
    from tests.benchmarks.engine.investigation import graph_of_worker

    bootstrap.graph = graph_of_worker


@worker_process_init.connect
def begin_profile(**_: Any) -> None:
    if FOLDER:
        profile.enable()


@worker_process_shutdown.connect
def end_profile(**_: Any) -> None:
    if FOLDER:
        profile.disable()
        profile.dump_stats(Path(FOLDER) / f"child-{os.getpid()}.prof")

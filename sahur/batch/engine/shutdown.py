"""How a pool child learns that its worker shuts down: Celery tells only the parent process."""

from __future__ import annotations

import multiprocessing

from celery.signals import worker_shutting_down

# Made before the fork, so that parent and children share it.
_is_shutting_down = multiprocessing.get_context("fork").Event()


@worker_shutting_down.connect
def _announce(**_: object) -> None:
    _is_shutting_down.set()


def is_shutting_down() -> bool:
    return _is_shutting_down.is_set()

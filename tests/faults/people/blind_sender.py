"""Celery's app with senders that never look whether a post is there already: `celery -A tests.faults.people.blind_sender`."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_init

from sahur.celery import app

__all__ = ["app"]


@worker_init.connect
def _forget_to_look(**_: Any) -> None:
    from sahur.slack import delivery

    delivery.find = lambda effect: None

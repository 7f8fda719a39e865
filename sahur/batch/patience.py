"""Bridge a short absence of the database: a restart of it must not cost a run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")
DATABASE_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""What Django and LangGraph's saver raise while the database cannot be reached."""
PATIENCE_SECONDS = 20.0
"""How long an attempt bridges it; its lease runs out soon after."""


def patient(work: Callable[[], T], seconds: float = PATIENCE_SECONDS) -> T:
    """Do it, again while the database is away, for so many seconds. The work must bear repetition."""
    give_up = time.monotonic() + seconds
    while True:
        try:
            return work()
        except DATABASE_AWAY:
            connection.close()
            if time.monotonic() > give_up:
                raise
            time.sleep(0.25)

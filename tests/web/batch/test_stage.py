"""What becomes of a run whose stage cannot be done: tried again only where that can help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DataError, InternalError, OperationalError

from sahur.batch.engine.stage import run_stage
from sahur_core.issues import RunStatus, Stage

pytestmark = pytest.mark.django_db(transaction=True)


class Failing:
    """Puts nothing together: it fails as told."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def model_name(self) -> str:
        return "offline"

    def graph(self) -> Any:
        raise self._failure

    @contextmanager
    def investigation(self, _attempt: object) -> Iterator[Any]:
        yield None


@pytest.mark.parametrize(
    ("failure", "becomes"),
    [
        (OperationalError("the disk is full"), RunStatus.QUEUED),
        (InternalError("the transaction stood still"), RunStatus.QUEUED),
        (DataError("this can never be stored"), RunStatus.FAILED),
    ],
)
def test_what_the_database_will_always_refuse_ends_the_run(run, failure, becomes):
    assert not run_stage(run.id, Stage.GATHER_CONTEXT, Failing(failure), owner="test")
    run.refresh_from_db()
    assert (run.status, bool(run.failure)) == (becomes, becomes == RunStatus.FAILED)

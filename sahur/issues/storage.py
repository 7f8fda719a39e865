"""What it means for the sender that the database took nothing. The doors say it, each in its own form."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError
from psycopg.errors import DiskFull

from sahur_core.errors import DatabaseUnavailable, StorageError, StorageFull

STORAGE_FAILURES = (OperationalError, InterfaceError)
"""Not `DataError` and its like: what the database refuses, it refuses again."""


def storage_error(failure: Exception) -> StorageError:
    """The error to tell for one of `STORAGE_FAILURES`."""
    if isinstance(failure.__cause__, DiskFull):
        return StorageFull(
            "SAHUR cannot store anything: the disk of its database is full.",
            next_step="What you sent was not stored: keep it, and tell whoever runs SAHUR. Runs go on when there is space.",
        )
    return DatabaseUnavailable(
        "SAHUR's database does not answer.", next_step="Try again in some seconds; what you sent was not stored."
    )

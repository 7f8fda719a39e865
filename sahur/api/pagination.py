"""Keyset pages: a page continues after a row, not after a count, so rows that come meanwhile shift nothing."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from sahur_core.errors import InputError

Place = tuple[datetime, UUID]


def encode(place: Place) -> str:
    """The cursor of the page that starts after this row."""
    at, row_id = place
    return base64.urlsafe_b64encode(f"{at.astimezone(UTC).isoformat()} {row_id}".encode()).decode().rstrip("=")


def decode(cursor: str) -> Place | None:
    """The place a cursor means, None for the first page. Raises `InputError` for what is not a cursor of ours."""
    if not cursor:
        return None
    try:
        at, _, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise _not_ours()
        # PostgreSQL refuses what only another zone's clock brings into the years from 1 to 9999.
        return moment.astimezone(UTC), UUID(row_id)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise _not_ours() from error


def _not_ours() -> InputError:
    return InputError("This is not a cursor of this list.", field="cursor", next_step="Start again without a cursor.")

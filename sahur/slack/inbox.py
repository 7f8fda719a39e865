"""What keeps Slack's three seconds in a burst: only so many events are taken before their answer, further ones are kept.

Taking a report is some forty statements, keeping an event is one. A kept event is an effect (`slack.event`), which goes the
same way through Bolt as one that is taken at once; its listeners are idempotent by the event's id, whatever comes twice.
Commands, buttons and forms are never kept: their answer says what became of them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sahur.issues.services import slack_inbox

AT_ONCE = 4
"""Events that one process takes at the same time before their answer: enough for every day, and not yet a queue."""

_places = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def place() -> Iterator[bool]:
    """Whether there is room to take an event before its answer; it is taken up for as long as the block lasts."""
    is_free = _places.acquire(blocking=False)
    try:
        yield is_free
    finally:
        if is_free:
            _places.release()


def keep(content_type: str, raw: bytes) -> bool:
    """Keep an event for later; False for what is none. The signature was checked. Raises `DatabaseError`."""
    body = _event(content_type, raw)
    if body is None:
        return False
    slack_inbox.keep(body)
    return True


def _event(content_type: str, raw: bytes) -> dict[str, Any] | None:
    if not content_type.startswith("application/json"):
        return None
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    is_event = isinstance(body, dict) and body.get("type") == "event_callback" and isinstance(body.get("event"), dict)
    return body if is_event and isinstance(body.get("event_id"), str) and body["event_id"] else None

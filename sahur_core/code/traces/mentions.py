"""What a report names beside stack traces: paths, commits, pull requests, versions, moments, and since when it is broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Window:
    """When the cause came into the code, as far as a report tells. Everything is None or empty if it tells nothing.

    `after` and `before` are aware moments (UTC if the report names no zone): the cause is later than the one and not later
    than the other. Versions are as written, without a leading v. `said` are the report's own words.
    """

    after: datetime | None = None
    before: datetime | None = None
    good_version: str | None = None
    bad_version: str | None = None
    said: str = ""


def read_window(text: str, reported_at: datetime | None) -> Window:
    """The window that a report tells. Relative times need `reported_at`, an aware moment; without it they are left out."""
    return Window()

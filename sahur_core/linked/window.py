"""When the cause came in, as the report tells it: what of the history is worth reading for it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from sahur_core.code.traces.mentions import Window, read_window
from sahur_core.issues import Report, RepositoryRef

Call = tuple[str, dict[str, Any]]


def window_of(report: Report, repository: RepositoryRef) -> Window:
    """The window that a report tells; versions of other products are none of it."""
    return read_window(f"{report.title}\n{report.body}", report.reported_at, repository.name)


def needs_day(report: Report, repository: RepositoryRef) -> bool:
    """Whether the report says when in words that mean something only on the day of the report ("since yesterday")."""
    text = f"{report.title}\n{report.body}"
    return window_of(report, repository) != read_window(text, None, repository.name)


def changes_to_read(report: Report, repository: RepositoryRef, *, may_compare: bool, limit: int) -> Call:
    """What changed between the versions that the report names, or in the time that it names, or else lately."""
    window = window_of(report, repository)
    if may_compare and window.good_version:
        head = window.bad_version or repository.commit
        return "code__changes", {"repository": repository.id, "base": window.good_version, "head": head, "limit": limit}
    moments = {"since": window.after, "until": window.before}
    told = {name: moment.astimezone(UTC).isoformat(timespec="seconds") for name, moment in moments.items() if moment}
    return "code__log", {"repository": repository.id, "commit": repository.commit, **told, "limit": limit}

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


def needed_to_rank(report: Report, repository: RepositoryRef) -> dict[str, str]:
    """Arguments that a ranking needs to read the window as it is meant: the day that "since yesterday" hangs on, and the
    name that versions stand behind.
    """
    text, window = f"{report.title}\n{report.body}", window_of(report, repository)
    needed = {}
    if window != read_window(text, None, repository.name):
        needed["reported_at"] = report.reported_at.isoformat()
    if window != read_window(text, report.reported_at):
        needed["project"] = repository.name
    return needed


def changes_to_read(report: Report, repository: RepositoryRef, *, may_compare: bool, limit: int) -> Call:
    """What changed between the versions that the report names, or in the time that it names, or else lately."""
    window = window_of(report, repository)
    if may_compare and window.good_version:
        head = window.bad_version or repository.commit
        return "code__changes", {"repository": repository.id, "base": window.good_version, "head": head, "limit": limit}
    moments = {"since": window.after, "until": window.before}
    told = {name: moment.astimezone(UTC).isoformat(timespec="seconds") for name, moment in moments.items() if moment}
    return "code__log", {"repository": repository.id, "commit": repository.commit, **told, "limit": limit}

"""What of a report is still to be read from Slack, as its effect keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sahur.slack.reading import File, file_from


@dataclass(frozen=True)
class Source:
    """`ts` is the message that is the report already, `until` the last one of its thread that belongs to it; empty: all."""

    ts: str
    until: str = ""
    reads_thread: bool = False
    own_users: tuple[str, ...] = ()
    """Under which SAHUR speaks there; `own_app` is the same where only the app's id is known."""
    own_app: str = ""
    files: tuple[File, ...] = ()

    @property
    def what(self) -> str:
        """For people."""
        if not self.reads_thread:
            return "its files"
        return "its thread and its files" if self.files else "its thread"

    @property
    def is_empty(self) -> bool:
        return not self.reads_thread and not self.files

    def holds(self, ts: str) -> bool:
        """Whether a message of the thread is part of the report."""
        return self.reads_thread and (not self.until or ts <= self.until)

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "own_users": list(self.own_users), "files": [file.as_data() for file in self.files]}


def source_from(data: dict[str, Any]) -> Source:
    """What `Source.as_data` has stored."""
    files = tuple(file_from(file) for file in data["files"])
    return Source(data["ts"], data["until"], data["reads_thread"], tuple(data["own_users"]), data["own_app"], files)

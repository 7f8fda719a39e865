"""In which threads of Slack an issue is told."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sahur.issues import models


@dataclass(frozen=True)
class Place:
    """A thread in Slack, and who spoke there. `root_ts` is empty where our own message is yet to begin it."""

    workspace_id: str
    channel_id: str
    root_ts: str
    user_id: str = ""

    def as_reference(self) -> dict[str, str]:
        """As the issue keeps where it came from."""
        return {"team": self.workspace_id, "channel": self.channel_id, "thread_ts": self.root_ts, "user": self.user_id}


def open_thread(issue: models.Issue, place: Place) -> models.SlackThread:
    """Tell the issue there, too. Raises `IntegrityError` if the thread tells another one."""
    return models.SlackThread.objects.create(
        issue=issue,
        workspace_id=place.workspace_id,
        channel_id=place.channel_id,
        root_ts=place.root_ts,
        user_id=place.user_id,
    )


def threads_of(issue_id: UUID) -> list[models.SlackThread]:
    """The oldest first: where it was reported."""
    return list(models.SlackThread.objects.filter(issue_id=issue_id).order_by("created_at", "id"))

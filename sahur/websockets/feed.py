"""The newest state of issues for sockets that show lists: whole summaries, only where they changed.

A summary says the same however often it is sent, so nothing needs to be numbered: the last one counts.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sahur.issues.summaries import newest_summaries, summaries_of
from sahur.websockets.database import in_database

Summary = dict[str, Any]

FIRST_PAGE = 50
MAX_REMEMBERED = 1_000
MAX_HINTED = 500


@dataclass(eq=False)
class IssueFeed:
    """What one socket shows: the issues of its teams, or a single one."""

    team_ids: frozenset[int]
    issue_id: UUID | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _sent: OrderedDict[UUID, Summary] = field(default_factory=OrderedDict)
    _waiting: dict[UUID, Summary] = field(default_factory=dict)

    def wants(self, issue_id: UUID, team_id: int) -> bool:
        return team_id in self.team_ids and self.issue_id in (None, issue_id)

    def offer(self, issue_id: UUID, summary: Summary) -> None:
        """Keep a summary to be sent unless it is what was sent last."""
        if self._sent.get(issue_id) == summary:
            return
        self._sent[issue_id] = summary
        self._sent.move_to_end(issue_id)
        if len(self._sent) > MAX_REMEMBERED:
            self._sent.popitem(last=False)
        self._waiting[issue_id] = summary
        self.news.set()

    def take(self) -> list[Summary]:
        """What is waiting to be sent; only the last state of each issue."""
        self.news.clear()
        taken = list(self._waiting.values())
        self._waiting.clear()
        return taken


class IssueReader:
    """Reads issues once for all feeds of the process."""

    def __init__(self) -> None:
        self._feeds: set[IssueFeed] = set()
        self._fresh: set[IssueFeed] = set()
        self._hinted: set[UUID] = set()
        self.news = asyncio.Event()

    def add(self, feed: IssueFeed) -> None:
        self._feeds.add(feed)
        self._fresh.add(feed)
        self.news.set()

    def discard(self, feed: IssueFeed) -> None:
        self._feeds.discard(feed)
        self._fresh.discard(feed)

    def has_feeds(self) -> bool:
        return bool(self._feeds)

    def hint(self, issue_id: UUID, team_id: int) -> None:
        """Above the limit a hint is dropped: the next full read finds what is on the first page."""
        if len(self._hinted) < MAX_HINTED and any(feed.wants(issue_id, team_id) for feed in self._feeds):
            self._hinted.add(issue_id)
            self.news.set()

    async def read(self, *, is_full: bool) -> None:
        """Offer what was hinted; new feeds, and with `is_full` all feeds, get their first page.

        Raises Django's database errors; what was hinted is then kept for the next time.
        """
        self.news.clear()
        feeds = set(self._feeds) if is_full else set(self._fresh)
        issue_ids = self._hinted | {feed.issue_id for feed in feeds if feed.issue_id}
        team_ids = {team_id for feed in feeds if feed.issue_id is None for team_id in feed.team_ids}
        if not issue_ids and not team_ids:
            return
        self._hinted = set()
        try:
            found = await in_database(_read, issue_ids, team_ids)
        except BaseException:
            self._hinted |= issue_ids
            self.news.set()
            raise
        self._fresh -= feeds
        for issue_id, team_id, summary in found:
            for feed in self._feeds:
                if feed.wants(issue_id, team_id):
                    feed.offer(issue_id, summary)


def _read(issue_ids: set[UUID], team_ids: set[int]) -> list[tuple[UUID, int, Summary]]:
    found = summaries_of(issue_ids) + newest_summaries(team_ids, FIRST_PAGE)
    return list({issue_id: (issue_id, team_id, summary) for issue_id, team_id, summary in found}.values())

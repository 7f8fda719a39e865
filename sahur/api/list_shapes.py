"""What the list of issues answers beside the issues' own shapes."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from sahur.api.shapes import IssueSummary, Problem, Shape


class ListedIssue(IssueSummary):
    seen_at: datetime = Field(description="Up to when you have seen it: it is unread while `news_at` is later")


class IssuePage(Shape):
    results: list[ListedIssue] = Field(description="Where one by one was looked at, maybe fewer than `limit`, even none")
    next: str | None = Field(description="Goes into `cursor` for the next page; null on the last")


class SeenIssue(Shape):
    key: str
    seen_at: datetime


class SeenIssues(Shape):
    results: list[SeenIssue]


class CloseResult(Shape):
    key: str
    problem: Problem | None = Field(description="Why it could not be closed; null: it is closed")


class CloseResults(Shape):
    results: list[CloseResult] = Field(description="In the order of the keys, each once")


class SavedView(Shape):
    """A search of the list under a name of one's own."""

    id: str
    name: str
    query: str = Field(description="Of the list's address, without the question mark")
    created_at: datetime


class SavedViews(Shape):
    results: list[SavedView]

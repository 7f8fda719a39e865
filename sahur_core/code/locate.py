"""Fault localization: report in, ranked files, functions and commits out, each with its reasons."""

from __future__ import annotations

from datetime import datetime

from sahur_core.code.index import CodeIndex
from sahur_core.code.records import Location
from sahur_core.code.repository import Repository


def locate(
    repository: Repository,
    index: CodeIndex,
    report_text: str,
    title: str = "",
    limit: int = 10,
    reported_at: datetime | None = None,
) -> Location:
    """Rank what the report points to at the index's commit. Never raises for odd text: an empty report locates nothing."""
    raise NotImplementedError

"""A receipt as the gateway sends it and the server stores it: the record of one tool call (docs/architecture.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from sahur_core.issues import ToolResultStatus

MAX_COUNT = 2**31 - 1
"""The largest number of the database's `integer`."""
MAX_RESULT_CHARS = 2_000_000
"""What is longer than this in a result is not even searched for secrets, but left out; all the rest is kept."""


class Receipt(BaseModel):
    """Who called what with which arguments, and what came back. Everything in it was redacted before.

    Fields that a newer gateway may add are ignored; those that an older one does not send have their default.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: UUID
    team: int
    run: UUID | None = None
    attempt: int | None = Field(default=None, ge=0, le=MAX_COUNT)
    caller: str = Field(max_length=200)
    upstream: str = Field(max_length=64)
    tool: str = Field(max_length=200)
    arguments: dict[str, Any] = {}
    status: ToolResultStatus
    result: str = ""
    """Whole; of a page of another receipt only which page it was."""
    result_hash: str = Field(default="", max_length=64)
    """SHA-256 (hex) of the redacted result that the caller could get."""
    result_bytes: int = Field(default=0, ge=0, le=MAX_COUNT)
    redactions: int = Field(default=0, ge=0, le=MAX_COUNT)
    is_cached: bool = False
    is_read: bool | None = None
    """Whether the call could change nothing, by the gateway's judgment; None where that is not known."""
    repeats: UUID | None = None
    """The receipt whose call was made again."""
    duration_ms: int = Field(default=0, ge=0, le=MAX_COUNT)
    trace_id: str = Field(default="", max_length=32)
    called_at: datetime

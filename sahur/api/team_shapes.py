"""What the REST door answers about teams, their members, new people, and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from sahur.api.shapes import RoleName, Shape


class Team(Shape):
    """A team of yours."""

    id: int
    key: str = Field(description="Starts the keys of its issues")
    name: str
    role: RoleName = Field(description="Yours in it")
    members: int
    created_at: datetime


class TeamPage(Shape):
    results: list[Team]
    next: str | None
    may_create: bool = Field(description="Whether you may create teams")


class Member(Shape):
    """A person in a team."""

    id: int
    username: str
    name: str
    role: RoleName
    is_active: bool = Field(description="Whether the account lets the person in")


class MemberPage(Shape):
    results: list[Member] = Field(description="Admins first, then by user name")
    next: str | None
    may_create_people: bool = Field(description="Whether you may create people, not only add those who are known here")


class NewPerson(Shape):
    """Who was created. The one-time password is in this answer and nowhere else."""

    id: int
    username: str
    name: str
    team: str = Field(description="Key of the team that the person is in; empty: none")
    one_time_password: str


class AuditEntry(Shape):
    """Who did what to what."""

    id: str
    at: datetime
    team: str = Field(description="Its key; empty: about no team, or one that is gone")
    actor: str = Field(description="The name at that time")
    username: str = Field(description="Of the person; empty for machines, and for entries from before it was kept")
    action: str = Field(description="`noun.past_tense`")
    target: str
    detail: dict[str, Any]
    trace_id: str


class AuditPage(Shape):
    results: list[AuditEntry]
    next: str | None = Field(description="Goes into `cursor` for the next page; null on the last")

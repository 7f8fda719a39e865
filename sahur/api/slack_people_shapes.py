"""What the REST door takes and answers about the people of Slack. No e-mail is among it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from rest_framework import serializers

from sahur.api.shapes import Shape


class SlackLinkTicket(serializers.Serializer[Any]):
    ticket = serializers.CharField(max_length=2_000, help_text="What `/sahur link` gave to the person in Slack.")


class SlackPeopleQuery(serializers.Serializer[Any]):
    q = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default="", help_text="Part of a name, or a whole id of Slack."
    )
    cursor = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="`next` of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=100, required=False, default=50)


class SlackLinkPreview(Shape):
    """Whom a ticket would link to your account, so that nobody links a stranger."""

    workspace: str = Field(description="Slack's id of it")
    workspace_name: str = Field(description="Empty: not known")
    user: str = Field(description="Slack's id of the person")
    name: str = Field(description="What Slack calls the person")
    standing: Literal["free", "yours", "taken"] = Field(description="taken: linked to another account")
    role: Literal["", "viewer", "responder", "admin"] = Field(
        description="What the person may do in Slack then, in the team that the workspace reports to; empty: nothing"
    )


class SlackPerson(Shape):
    """Somebody in a workspace of Slack."""

    id: str
    workspace: str = Field(description="Slack's id of it")
    workspace_name: str = Field(description="Empty: not known")
    user: str = Field(description="Slack's id of the person")
    name: str = Field(description="What Slack calls the person; empty: not known (yet)")
    account: str = Field(description="User name of the account here that is the same person; empty: none")
    account_name: str
    linked_by: str = Field(description="`email`, or who linked them or took the link away; empty: nobody")
    linked_at: datetime | None


class SlackLinks(Shape):
    """Who you are in Slack."""

    results: list[SlackPerson]


class SlackPeople(Shape):
    results: list[SlackPerson]
    next: str | None = Field(description="Goes into `cursor` for the next page; null on the last")

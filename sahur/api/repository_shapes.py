"""What the REST door answers about repositories. Nothing here ever shows a credential."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from sahur.api.shapes import Shape

CheckoutStateName = Literal["pending", "cloning", "indexing", "ready", "failed"]


class Checkout(Shape):
    """A revision of a repository as the indexer of one host has it."""

    revision: str = Field(description="As asked for; empty: the default branch")
    host: str = Field(description="Empty where one volume serves all")
    commit: str = Field(description="What can be read; empty before the first time")
    state: CheckoutStateName
    is_asked_for: bool = Field(description="The remote is to be looked at, or is being looked at")
    error: str = Field(description="Of the last try; a commit that is ready can be read all the same")
    next_step: str
    progress: str = Field(description="What is being done, in words")
    percent: int | None = Field(description="Of the part of the work that `state` names")
    files_done: int | None
    files_total: int | None
    size_bytes: int | None = Field(description="Of the repository's clone and indexes on this host")
    requested_at: datetime
    checked_at: datetime | None = Field(description="When the remote was last looked at with success")
    ready_at: datetime | None = Field(description="Since when the commit can be read")


class RepositoryCredential(Shape):
    """That there is a credential, and how it fares; what it says is never told."""

    kind: Literal["https", "ssh"]
    set_by: str
    set_at: datetime
    worked_at: datetime | None
    failed_at: datetime | None
    failure: str = Field(description="What came of the last try; empty: it let us in")


class RepositoryWebhook(Shape):
    """Where the repository's host posts its pushes to. The secret was shown when it was made."""

    url: str
    set_at: datetime
    used_at: datetime | None = Field(description="The last push that came with the right secret")


class NewRepositoryWebhook(RepositoryWebhook):
    secret: str


class Repository(Shape):
    id: str
    team: str = Field(description="Its key")
    name: str
    source: str
    default_branch: str = Field(description="Empty: what the remote says")
    poll_seconds: int = Field(description="0: only runs, people and webhooks ask the remote")
    test_command: str = Field(description="Runs in the sandbox to test a proposed patch; empty: none does")
    created_at: datetime
    credential: RepositoryCredential | None
    webhook: RepositoryWebhook | None
    checkouts: list[Checkout] = Field(description="The default branch first")


class RepositoryPage(Shape):
    results: list[Repository]
    next: str | None

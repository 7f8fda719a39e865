"""What one person keeps for reading: marks of what was seen, and saved views."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from sahur.accounts.models import User
from sahur.issues import models, reading
from sahur_core.errors import Conflict, InputError

MAX_VIEWS = 50
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before anything happened to any issue."""


def mark_seen(user_id: int, issue_ids: Collection[UUID], until: datetime | None = None) -> None:
    """Mark the issues as seen up to `until`, up to now without it. A mark never goes back: another tab may have seen more."""
    now = timezone.now()
    at = min(until, now) if until else now
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into issues_readmark (user_id, issue_id, seen_at)
            select %s, issue_id, %s from unnest(%s::uuid[]) as shown (issue_id) order by issue_id
            on conflict (user_id, issue_id) do update set seen_at = greatest(issues_readmark.seen_at, excluded.seen_at)
            """,
            [user_id, at, list(issue_ids)],
        )


def mark_unseen(user_id: int, issue_ids: Collection[UUID]) -> None:
    """All of the issues is news again."""
    marks = [models.ReadMark(user_id=user_id, issue_id=each, seen_at=NEVER) for each in sorted(issue_ids)]
    models.ReadMark.objects.bulk_create(marks, update_conflicts=True, unique_fields=["user", "issue"], update_fields=["seen_at"])


@transaction.atomic
def add_view(user_id: int, name: str, query: str) -> tuple[models.SavedView, bool]:
    """The view, and whether it is new: the same name and query again give the same one.

    Raises `Conflict` where the name has another query, and `InputError` for one view too many.
    """
    # Whoever saves two at once waits here, so that neither slips past the limit.
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    known = models.SavedView.objects.filter(user_id=user_id, name=name).first()
    if known is not None and known.query == query:
        return known, False
    if known is not None:
        raise _taken(name)
    if len(reading.list_views(user_id)) >= MAX_VIEWS:
        raise InputError(f"You have {MAX_VIEWS} saved views, which is the limit.", next_step="Delete one first.", field="name")
    return models.SavedView.objects.create(user_id=user_id, name=name, query=query), True


def change_view(view: models.SavedView, *, name: str | None = None, query: str | None = None) -> models.SavedView:
    """Give it another name or query; what is None stays. Raises `Conflict` for a name that another view has."""
    changes = {field: value for field, value in (("name", name), ("query", query)) if value is not None}
    try:
        with transaction.atomic():
            models.SavedView.objects.filter(id=view.id).update(**changes)
    except IntegrityError as error:
        raise _taken(name or view.name) from error
    view.refresh_from_db()
    return view


def delete_view(view: models.SavedView) -> None:
    models.SavedView.objects.filter(id=view.id).delete()


def _taken(name: str) -> Conflict:
    return Conflict(f"You have a view named {name} already.", next_step="Choose another name, or change that view.")

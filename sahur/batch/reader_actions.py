"""What a person may ask of the list: mark as seen, close several, keep views. Each may be asked twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sahur.accounts.actor import Actor
from sahur.accounts.models import MemberRole
from sahur.batch import actions
from sahur.issues import models, reading
from sahur.issues.services import reading as marks
from sahur_core.errors import NotFound, NotPermitted, SahurError
from sahur_core.issues import IssueOutcome


def mark_seen(
    actor: Actor, keys: Sequence[str], *, is_seen: bool = True, until: datetime | None = None
) -> list[tuple[str, datetime]]:
    """Each key with the moment up to which the actor has seen its issue now. `until`: of what was shown; later news stay.

    Raises `NotFound`, with nothing marked, if there is no such issue or it belongs to a foreign team.
    """
    user_id = person(actor)
    wanted = list(dict.fromkeys(key.upper() for key in keys))
    found = {row.key: row for row in models.Issue.objects.filter(key__in=wanted).only("id", "key", "team_id")}
    for key in wanted:
        # In the same words: nobody learns which keys other teams have.
        if key not in found or found[key].team_id not in actor.roles:
            raise NotFound(f"There is no issue {key}, or it belongs to a team you are not in.")
        actor.require(found[key].team_id, MemberRole.VIEWER)
    ids = [found[key].id for key in wanted]
    if is_seen:
        marks.mark_seen(user_id, ids, until)
    else:
        marks.mark_unseen(user_id, ids)
    seen = reading.seen_by(user_id, ids)
    return [(key, seen[found[key].id]) for key in wanted]


def close_issues(
    actor: Actor, keys: Sequence[str], resolution: str, outcome: IssueOutcome | None = None
) -> Iterator[tuple[str, SahurError | None]]:
    """Close each issue in a transaction of its own; its key, and what was wrong with it.

    Closed ones stay closed whatever becomes of the others, and closing them again the same way changes nothing. Who closes
    an issue has seen that it is closed.
    """
    for key in dict.fromkeys(key.upper() for key in keys):
        try:
            closed = actions.close_issue(actor, key, resolution, outcome)
        except SahurError as problem:
            yield key, problem
            continue
        if actor.user_id is not None:
            marks.mark_seen(actor.user_id, [closed.id], closed.updated_at)
        yield key, None


def save_view(actor: Actor, name: str, query: str) -> tuple[models.SavedView, bool]:
    """The actor's own view, and whether it is new. Raises `Conflict` and `InputError`."""
    return marks.add_view(person(actor), name, query)


def change_view(actor: Actor, view_id: UUID, *, name: str | None, query: str | None) -> models.SavedView:
    """Raises `NotFound` and `Conflict`."""
    return marks.change_view(reading.get_view(person(actor), view_id), name=name, query=query)


def delete_view(actor: Actor, view_id: UUID) -> None:
    """Raises `NotFound`."""
    marks.delete_view(reading.get_view(person(actor), view_id))


def person(actor: Actor) -> int:
    """The user behind the actor; what is kept for reading is kept for a person."""
    if actor.user_id is None:
        raise NotPermitted("Only a person keeps marks and views.", next_step="Sign in, or use an API token.")
    return actor.user_id

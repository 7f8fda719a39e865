"""The people of Slack's workspaces: their names, and which account here is the same person."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sahur.accounts.actor import roles_of
from sahur.accounts.models import MemberRole, User
from sahur.issues import events, models
from sahur.issues.services import effects, reports, slack_authors, slack_workspaces
from sahur_core.context.framing import as_name
from sahur_core.issues import Source
from sahur_core.tools.storable import storable

ASK_AGAIN_AFTER = timedelta(days=1)
"""People change their names."""
STORED_WITHIN = timedelta(seconds=2)
"""What they are just doing is stored under their id by then, so that the answer finds it."""
IDS_OF_PEOPLE = ("U", "W")
"""Other apps have ids of their own."""
SECOND_LOOK = timedelta(seconds=15)
"""By then whatever was being stored, as their name became known, is there to be named, too."""
BY_EMAIL = "email"
"""`SlackUser.linked_by` of a link that nobody made by hand."""


def guest_name(user_id: str, name: str) -> str:
    """How people are called here who have no account: with a word that tells them from those who have one."""
    return f"{name or user_id} via Slack"


def shown_name(person: models.SlackUser) -> str:
    """How this person is called here."""
    if person.account is None:
        return guest_name(person.user_id, person.name)
    return person.account.get_full_name() or person.account.get_username()


def find(workspace_id: str, user_id: str) -> models.SlackUser | None:
    """What is known of somebody, with the account."""
    return models.SlackUser.objects.select_related("account").filter(workspace_id=workspace_id, user_id=user_id).first()


def account_name(account: User) -> str:
    """An account as people know it: `rita (Rita Responder)`."""
    full_name = account.get_full_name()
    return f"{account.get_username()} ({full_name})" if full_name else account.get_username()


def role_in(workspace_id: str, team_id: int, account_id: int | None) -> MemberRole | None:
    """What somebody of the workspace may do in the team whose account this is (None: who has none); None: nothing.

    What guests may, everybody in the workspace may: who is linked to an account that may less could take the link away.
    """
    own = roles_of([account_id])[account_id].get(team_id) if account_id is not None else None
    guests = slack_workspaces.guest_role(workspace_id, team_id)
    if not guests or (own is not None and own.includes(MemberRole(guests))):
        return own
    return MemberRole(guests)


def names_of(workspace_id: str, user_ids: Collection[str]) -> dict[str, str]:
    """The names in Slack of those that are known."""
    rows = models.SlackUser.objects.filter(workspace_id=workspace_id, user_id__in=list(user_ids)).exclude(name="")
    return dict(rows.values_list("user_id", "name"))


_NAMED = re.compile(r"@([UW][A-Z0-9]{2,30})\b|^([UW][A-Z0-9]{2,30})(?=: )", re.MULTILINE)
"""Somebody who is mentioned, and who said the line that follows, as texts from Slack have them."""
_LIKE_AN_ID = re.compile(r"[UW][A-Z0-9]{2,30}")
_NOT_IN_A_MENTION = re.compile(r"[^\w .'’-]+|\.(?=\w)")
MAX_MENTION_CHARS = 40
_SURELY_AN_ID = re.compile(r"@([UW](?=[A-Z0-9]*\d)[A-Z0-9]{5,30})\b")
MOST_ASKED = 20


def with_names(workspace_id: str, text: str) -> str:
    """A text from Slack with the names of those in it who are known."""
    ids = {first or second for first, second in _NAMED.findall(text)}
    return put_names(text, names_of(workspace_id, ids)) if ids else text


def put_names(text: str, names: Mapping[str, str]) -> str:
    """The same with these names."""

    def named(match: re.Match[str]) -> str:
        user_id = match[1] or match[2]
        # In others' reports: a name that says something, or leads somewhere, says and leads nothing there.
        name = " ".join(_NOT_IN_A_MENTION.sub(" ", names.get(user_id, "")).split())[:MAX_MENTION_CHARS].strip()
        return f"{'@' if match[1] else ''}{name or user_id}"

    return _NAMED.sub(named, text)


def ask_about(workspace_id: str, authors: Collection[str], text: str) -> None:
    """Have Slack asked who the authors of a text are, and who is mentioned in it, where nobody knows."""
    ids = sorted({*authors, *_SURELY_AN_ID.findall(text)} - {""})[:MOST_ASKED]
    known = {row.user_id: row for row in models.SlackUser.objects.filter(workspace_id=workspace_id, user_id__in=ids)}
    for user_id in ids:
        ask_who(workspace_id, user_id, known.get(user_id))


def ask_who(workspace_id: str, user_id: str, known: models.SlackUser | None) -> None:
    """Have Slack asked who this is, unless it was asked within a day. May be called with each thing that they do."""
    if not user_id.startswith(IDS_OF_PEOPLE):
        return
    now = timezone.now()
    if known is not None and known.asked_at is not None and now - ASK_AGAIN_AFTER < known.asked_at <= now:
        return
    asked = {"workspace_id": workspace_id, "user_id": user_id}
    effects.plan_once("slack.person", f"{workspace_id}:{user_id}:{now:%Y-%m-%d}", asked, after=STORED_WITHIN)


def locked(workspace_id: str, user_id: str) -> models.SlackUser:
    """The row of somebody, made if there is none, locked to the end of the transaction."""
    models.SlackUser.objects.bulk_create([models.SlackUser(workspace_id=workspace_id, user_id=user_id)], ignore_conflicts=True)
    rows = models.SlackUser.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    return rows.get(workspace_id=workspace_id, user_id=user_id)


def note_profile(person: models.SlackUser, name: str, account: User | None = None) -> None:
    """Slack has just said who they are: what they are called, if it did, and by their e-mail which account is theirs.

    Call it with the row `locked`.
    """
    by_email = {"account": account, "linked_by": BY_EMAIL, "linked_at": timezone.now()} if account else {}
    _change(person, name=_fit(name) or person.name, asked_at=timezone.now(), **by_email)


def _fit(name: str) -> str:
    """A name that somebody chose, as one that is no id: those stand for their owners alone."""
    shown = as_name(str(storable(name)))
    if not _LIKE_AN_ID.fullmatch(shown):
        return shown
    return "" if _LIKE_AN_ID.fullmatch(shown.title()) else shown.title()


def set_account(person: models.SlackUser, account: User | None, by: str) -> None:
    """A person links them to an account, or to none. Call it with the row `locked`.

    `linked_by` stays when a link is taken away: it is not made again by e-mail.
    """
    _change(person, account=account, linked_by=by[:200], linked_at=timezone.now())


def tell_linked(person: models.SlackUser) -> None:
    """Have them told directly whose account they are now: who was not meant hears of it, too. Once for each link."""
    linked_at = person.linked_at.isoformat() if person.linked_at else ""
    told = {"workspace_id": person.workspace_id, "user_id": person.user_id, "linked_at": linked_at}
    effects.plan_once("slack.linked", f"{person.workspace_id}:{person.user_id}:{linked_at}", told)


def _change(person: models.SlackUser, **changes: object) -> None:
    before = shown_name(person)
    for name, value in changes.items():
        setattr(person, name, value)
    person.save(update_fields=list(changes))
    _put_name(person, before)
    if shown_name(person) != before:
        _plan_second_look(person, before)


@transaction.atomic
def name_again(workspace_id: str, user_id: str, before: str) -> None:
    """Give what still stands under the name of `before` the name of now; where there is nothing, nothing happens."""
    _put_name(locked(workspace_id, user_id), before)


def _put_name(person: models.SlackUser, before: str) -> None:
    # What was said under an account stays that account's, also when the link is taken away.
    if person.account is not None or person.name:
        slack_authors.name(person, before, shown_name(person))
    if person.name:
        _name_in_reports(person)


def _plan_second_look(person: models.SlackUser, before: str) -> None:
    """What they were just reporting or saying is not seen yet, and ends up under the name of before."""
    looked = {"workspace_id": person.workspace_id, "user_id": person.user_id, "before": before}
    what = f"{person.workspace_id}:{person.user_id}:{timezone.now().isoformat()}"
    effects.plan_once("slack.names", what, looked, after=SECOND_LOOK)


def _name_in_reports(person: models.SlackUser) -> None:
    """Reports of the last day in which they are mentioned, or quoted, under their id."""
    told = Q(body__contains=person.user_id) | Q(title__contains=person.user_id)
    where = {"source": Source.SLACK.value, "source_ref__team": person.workspace_id}
    recent = models.Issue.objects.filter(told, **where, created_at__gt=timezone.now() - ASK_AGAIN_AFTER)
    for issue in recent.select_for_update(of=("self",), no_key=True).order_by("id"):
        title, body = (put_names(text, {person.user_id: person.name}) for text in (issue.title, issue.body))
        if (title, body) != (issue.title, issue.body):
            models.Issue.objects.filter(pk=issue.pk).update(title=title[: reports.MAX_TITLE_CHARS], body=body)
            events.announce(run_id=None, issue_id=issue.pk, team_id=issue.team_id)

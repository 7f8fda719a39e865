"""Writes to users, memberships, API tokens and socket tickets; what people should be able to look up later is audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from sahur.accounts import audit
from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.models import TOOL_GLOB, ApiToken, MemberRole, Membership, SocketTicket, Team, User
from sahur.accounts.secrets import digest, new_api_key, new_one_time_password, new_ticket
from sahur_core.errors import Conflict, InputError, NotFound, NotPermitted

TICKET_LIFETIME = timedelta(seconds=30)
MAX_TOKENS_PER_USER = 50
MAX_TOOL_GLOBS = 50


@dataclass(frozen=True)
class TicketHolder:
    """Who opens a socket with a ticket. `at_most` caps the role, as the API token that asked for the ticket does.

    The socket ends with what asked for the ticket: the token, or the session.
    """

    user: User
    at_most: MemberRole | None
    token_id: UUID | None = None
    session_key: str = ""

    def actor(self) -> Actor:
        """The actor with the memberships of this moment; ask again to notice changes."""
        return actor_for(self.user, at_most=self.at_most)


@transaction.atomic
def create_user(
    username: str, *, name: str = "", email: str = "", is_admin: bool = False, by: Actor | str = "system"
) -> tuple[User, str]:
    """A new person and the one-time password, which must be replaced at the first sign-in.

    `is_admin` lets the person into Django admin with every permission. Raises `InputError` for an unusable user name and
    `Conflict` for a taken one.
    """
    password = new_one_time_password()
    user = User(
        username=username, first_name=name[:150], email=email, is_staff=is_admin, is_superuser=is_admin, must_change_password=True
    )
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise InputError(" ".join(error.messages), field="username", next_step="Choose another user name.") from error
    if User.objects.filter(username=username).exists():
        raise Conflict(f"There is a user named {username} already.", next_step="Choose another user name.")
    user.set_password(password)
    user.save()
    audit.record(by, "user.created", username, detail={"is_admin": is_admin})
    return user, password


@transaction.atomic
def reset_password(user: User, *, by: Actor | str) -> str:
    """A one-time password in place of the old one; signs the person out everywhere."""
    password = new_one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    audit.record(by, "user.password_reset", user.get_username())
    return password


@transaction.atomic
def change_password(user: User, old_password: str, new_password: str) -> None:
    """Replace a password by its owner's choice. Raises `InputError` for a wrong old or a weak new one."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.check_password(old_password):
        raise InputError(
            "The old password is not right.", field="old_password", next_step="Type the password you signed in with."
        )
    if old_password == new_password:
        raise InputError("The new password is the old one.", field="new_password", next_step="Choose another password.")
    try:
        validate_password(new_password, user)
    except ValidationError as error:
        raise InputError(" ".join(error.messages), field="new_password", next_step="Choose a longer, less common one.") from error
    user.set_password(new_password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    audit.record(user.get_full_name() or user.get_username(), "user.password_changed", user.get_username())


@transaction.atomic
def set_membership(user: User, team: Team, role: MemberRole, *, by: Actor | str) -> Membership:
    """Give a user a role in a team, or change it."""
    membership, _ = Membership.objects.update_or_create(user=user, team=team, defaults={"role": role})
    audit.record(by, "membership.set", user.get_username(), team_id=team.pk, detail={"role": role.value})
    return membership


@transaction.atomic
def create_api_token(
    user: User,
    name: str,
    *,
    role: MemberRole = MemberRole.RESPONDER,
    tools: Sequence[str] = ("*",),
    expires_at: datetime | None = None,
    by: Actor | str,
) -> tuple[ApiToken, str]:
    """A token and its key, which cannot be read again. Raises `InputError`, and `Conflict` above 50 live tokens."""
    name = name.strip()
    if not name or len(name) > 100 or "\x00" in name:
        raise InputError("A token needs a name of 1 to 100 characters.", field="name", next_step="Say what will use it.")
    if expires_at is not None and expires_at <= timezone.now():
        raise InputError("The token would have expired already.", field="expires_at", next_step="Choose a time to come.")
    check_tool_globs(tools)
    # The row of the user is the lock that keeps two requests from passing the limit together.
    User.objects.select_for_update().get(pk=user.pk)
    if ApiToken.objects.filter(user=user, revoked_at=None).count() >= MAX_TOKENS_PER_USER:
        raise Conflict(f"There are {MAX_TOKENS_PER_USER} tokens already.", next_step="Revoke one that is no longer used.")
    key, prefix = new_api_key()
    token = ApiToken.objects.create(
        user=user, name=name, prefix=prefix, digest=digest(key), role=role, tools=list(tools), expires_at=expires_at
    )
    detail = {"user": user.get_username(), "name": name, "role": role.value, "tools": list(tools)}
    audit.record(by, "api_token.created", str(token.pk), detail=detail)
    return token, key


def check_tool_globs(tools: Sequence[str]) -> None:
    """Raises `InputError` for a glob that no name of a tool can match, and for more than 50 of them."""
    if len(tools) > MAX_TOOL_GLOBS:
        raise InputError(f"More than {MAX_TOOL_GLOBS} globs.", field="tools", next_step="Use wider ones, such as code__*.")
    for glob in tools:
        if not TOOL_GLOB.match(glob):
            raise InputError(
                f"{glob[:50]!r} is not a glob of tools.", field="tools", next_step="Use names such as code__read, or code__*."
            )


@transaction.atomic
def revoke_api_token(token_id: UUID, *, owner: User | None = None, by: Actor | str) -> None:
    """End a token at once. With `owner`, only a token of that user is found. Raises `NotFound`."""
    tokens = ApiToken.objects.select_for_update().filter(pk=token_id, revoked_at=None)
    if owner is not None:
        tokens = tokens.filter(user=owner)
    token = tokens.first()
    if token is None:
        raise NotFound("There is no such live token of yours.", next_step="List your tokens to see which are left.")
    token.revoked_at = timezone.now()
    # Not an update of the query set: who is connected with it hears of it by the signal of the model.
    token.save(update_fields=["revoked_at"])
    audit.record(by, "api_token.revoked", str(token_id))


def note_token_use(token: ApiToken) -> None:
    """Remember when a token was last used, to the minute: one write a minute instead of one a request."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def issue_socket_ticket(
    user: User, *, at_most: MemberRole | None = None, token: ApiToken | None = None, session_key: str = ""
) -> tuple[str, datetime]:
    """A ticket that opens one socket within 30 seconds; the socket ends with the token or session that asked for it.

    Raises `NotPermitted` for somebody who was shut out.
    """
    if not user.is_active:
        raise NotPermitted("This account was switched off.", next_step="Ask an admin.")
    now = timezone.now()
    SocketTicket.objects.filter(expires_at__lt=now - timedelta(minutes=5)).delete()
    ticket = new_ticket()
    expires_at = now + TICKET_LIFETIME
    SocketTicket.objects.create(
        digest=digest(ticket), user=user, role=at_most or "", token=token, session_key=session_key, expires_at=expires_at
    )
    return ticket, expires_at


def take_socket_ticket(ticket: str) -> TicketHolder | None:
    """Use a ticket up. None if it is unknown, used or too old, or its user was shut out.

    One DELETE … RETURNING, so that of two sockets with the same ticket exactly one gets in.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM accounts_socketticket WHERE digest = %s"
            " RETURNING user_id, role, expires_at > now(), token_id, session_key",
            [digest(ticket)],
        )
        row = cursor.fetchone()
    if row is None or not row[2]:
        return None
    user = User.objects.filter(pk=row[0], is_active=True).first()
    return TicketHolder(user, MemberRole(row[1]) if row[1] else None, row[3], row[4]) if user else None

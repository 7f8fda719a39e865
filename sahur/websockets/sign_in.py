"""Who opens a socket: a signed-in browser of a trusted origin, or the holder of a ticket.

CORS and CSRF tokens do not protect WebSockets, the browser's `Origin` does (RFC 6455, section 10.2). It is compared as
a whole, scheme, host and port. Only browsers send it, so a request without one is let in by a ticket alone, never by a
cookie.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast
from urllib.parse import parse_qs
from uuid import UUID

from channels.exceptions import DenyConnection
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, parse_cookie

from sahur.accounts import services
from sahur.accounts.actor import Actor, actor_for, actor_of, roles_of
from sahur.accounts.models import MemberRole, User
from sahur.accounts.selectors import live_api_tokens, live_sessions

Scope = Mapping[str, Any]

PROTOCOL = "sahur.v1"
TICKET_PREFIX = "ticket."


@dataclass(frozen=True)
class SignIn:
    """How somebody came in: with a session, or with a ticket that a session or an API token asked for.

    `at_most` caps the role, as that token does.
    """

    user: User
    session_key: str = ""
    token_id: UUID | None = None
    at_most: MemberRole | None = None
    at: float = field(default_factory=time.monotonic)

    def actor(self) -> Actor:
        """The actor with the memberships of this moment."""
        return actor_for(self.user, at_most=self.at_most)


def header(scope: Scope, name: bytes) -> str:
    """The last header of this name (lower case), empty if there is none."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[-1].decode("latin-1") if values else ""


def check_origin(scope: Scope) -> None:
    """Refuse a foreign origin, and a request without origin that has no ticket (HTTP 403). Raises `DenyConnection`."""
    origin = header(scope, b"origin")
    is_welcome = origin in settings.TRUSTED_ORIGINS if origin else bool(_ticket(scope))
    if not is_welcome:
        raise DenyConnection


def sign_in(scope: Scope) -> SignIn | None:
    """Who it is, None for nobody. A ticket is used up even if the socket is refused later."""
    ticket = _ticket(scope)
    if ticket:
        holder = services.take_socket_ticket(ticket)
        if holder is None:
            return None
        return SignIn(holder.user, holder.session_key, holder.token_id, holder.at_most)
    session_key = parse_cookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, "")
    user = _user_of_session(session_key) if session_key else None
    return SignIn(user, session_key=session_key) if user else None


def is_for_somebody_else(scope: Scope, user: User) -> bool:
    """Whether the address says whose socket it is (`?as=<user name>`) and that is not who came in.

    A page that was opened by one person sends what that person typed in nobody else's name, though the browser sends the
    cookie of whoever has signed in since, in another tab.
    """
    wanted = parse_qs(scope["query_string"].decode("latin-1")).get("as")
    return wanted is not None and wanted[-1] != user.get_username()


def review(sign_ins: Sequence[SignIn]) -> list[Actor | None]:
    """Who each of them is at this moment, None who would not get in any more: four queries, whatever their number.

    A session ends with its row, and all of a person's with the password, as Django ends them; what a token let in ends
    with the token. After the time of a session everybody signs in again.
    """
    users = User.objects.filter(is_active=True).in_bulk({sign_in.user.pk for sign_in in sign_ins})
    sessions = live_sessions({sign_in.session_key for sign_in in sign_ins if sign_in.session_key})
    tokens = live_api_tokens({sign_in.token_id for sign_in in sign_ins if sign_in.token_id})
    roles = roles_of(users)
    actors: list[Actor | None] = []
    for sign_in in sign_ins:
        user = users.get(sign_in.user.pk)
        may_stay = (
            user is not None
            and user.password == sign_in.user.password
            and time.monotonic() - sign_in.at < settings.SESSION_COOKIE_AGE
            and sign_in.session_key in {"", *sessions}
            and sign_in.token_id in {None, *tokens}
        )
        actors.append(actor_of(user, roles[user.pk], at_most=sign_in.at_most) if user and may_stay else None)
    return actors


def _ticket(scope: Scope) -> str:
    offered = (protocol for protocol in scope["subprotocols"] if protocol.startswith(TICKET_PREFIX))
    return next(offered, "").removeprefix(TICKET_PREFIX)


def _user_of_session(session_key: str) -> User | None:
    store = cast(type[SessionBase], import_module(settings.SESSION_ENGINE).SessionStore)
    request = HttpRequest()
    request.session = store(session_key)
    user = get_user(request)
    return user if isinstance(user, User) and user.is_active else None

"""Who opens a socket: a signed-in browser of a trusted origin, or the holder of a ticket.

CORS and CSRF tokens do not protect WebSockets, the browser's `Origin` does (RFC 6455, section 10.2). It is compared as
a whole, scheme, host and port. Only browsers send it, so a request without one is let in by a ticket alone, never by a
cookie.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast

from channels.exceptions import DenyConnection
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, parse_cookie

from sahur.accounts import services
from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.models import MemberRole, User

Scope = Mapping[str, Any]

PROTOCOL = "sahur.v1"
TICKET_PREFIX = "ticket."


@dataclass(frozen=True)
class SignIn:
    """How somebody came in. `session_key` is empty for a ticket; `at_most` caps the role, as the ticket's token did."""

    user: User
    session_key: str = ""
    at_most: MemberRole | None = None
    at: float = field(default_factory=time.monotonic)

    def actor(self) -> Actor:
        """The actor with the memberships of this moment."""
        return actor_for(self.user, at_most=self.at_most)

    def is_valid(self) -> bool:
        """Whether the same person would still get in: the session lives, or the ticket's time is not up."""
        if self.session_key:
            user = _user_of_session(self.session_key)
            return user is not None and user.pk == self.user.pk
        is_young = time.monotonic() - self.at < settings.SESSION_COOKIE_AGE
        return is_young and User.objects.filter(pk=self.user.pk, password=self.user.password, is_active=True).exists()


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
        return SignIn(holder.user, at_most=holder.at_most) if holder else None
    session_key = parse_cookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, "")
    user = _user_of_session(session_key) if session_key else None
    return SignIn(user, session_key=session_key) if user else None


def _ticket(scope: Scope) -> str:
    offered = (protocol for protocol in scope["subprotocols"] if protocol.startswith(TICKET_PREFIX))
    return next(offered, "").removeprefix(TICKET_PREFIX)


def _user_of_session(session_key: str) -> User | None:
    store = cast(type[SessionBase], import_module(settings.SESSION_ENGINE).SessionStore)
    request = HttpRequest()
    request.session = store(session_key)
    user = get_user(request)
    return user if isinstance(user, User) and user.is_active else None

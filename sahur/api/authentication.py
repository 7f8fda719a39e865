"""Who is asking at the REST door: a session of the page, or an API token of a machine."""

from __future__ import annotations

import hmac
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from sahur.accounts import services
from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.models import ApiToken, MemberRole, User
from sahur.accounts.selectors import find_api_token
from sahur.api.errors import CSRF_NEXT_STEP, Problem

if TYPE_CHECKING:
    # DRF's views import what the settings name, and so this module.
    from rest_framework.views import APIView


def bearer(request: HttpRequest | Request) -> str | None:
    """What follows `Authorization: Bearer`, None without such a header."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


class ApiTokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer sahur_<prefix>_<secret>`. `request.auth` is then the token, which caps the role."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        key = bearer(request)
        if key is None:
            return None
        token = find_api_token(key)
        if token is None:
            raise exceptions.AuthenticationFailed("The API token is unknown, expired or revoked.")
        services.note_token_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="sahur"'


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session, with a problem of its own where the CSRF token or the origin is wrong."""

    def authenticate_header(self, request: Request) -> str:
        # With it, DRF answers 401 instead of 403 to who is not signed in.
        return 'Session realm="sahur"'

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise Problem(HTTPStatus.FORBIDDEN, "csrf_failed", str(error.detail), next_step=CSRF_NEXT_STEP) from error


class Gateway:
    """The one caller of the internal endpoints, as `request.user`."""

    is_authenticated = True
    is_active = True
    is_anonymous = False
    pk = None


class InternalAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer $SAHUR_INTERNAL_TOKEN`, compared in constant time. Without a token set, nobody gets in."""

    def authenticate(self, request: Request) -> tuple[Gateway, None]:
        expected, given = settings.INTERNAL_TOKEN.encode(), (bearer(request) or "").encode()
        if not expected or not hmac.compare_digest(expected, given):
            raise exceptions.AuthenticationFailed("This address is for the gateway only.")
        return Gateway(), None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="sahur-internal"'


class PasswordIsOwn(permissions.IsAuthenticated):
    """Signed in, and not with a one-time password, which somebody else has seen too.

    API tokens pass: they never were in other hands, and a machine's user may never sign in.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        if isinstance(request.user, User) and request.user.must_change_password and not isinstance(request.auth, ApiToken):
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "password_change_required",
                "You signed in with a one-time password.",
                next_step="Choose your own password: POST /api/auth/password/",
            )
        return True


class InPerson(PasswordIsOwn):
    """Signed in with a session: what an API token may not do, because it could so outgrow its own limits."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        if isinstance(request.auth, ApiToken):
            raise Problem(
                HTTPStatus.FORBIDDEN, "session_required", "An API token may not do this.", next_step="Sign in on the page."
            )
        return True


class WritesInPerson(InPerson):
    """Who is signed in reads, also with an API token; only a session changes anything."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in permissions.SAFE_METHODS:
            return PasswordIsOwn().has_permission(request, view)
        return super().has_permission(request, view)


def signed_in_user(request: Request) -> User:
    """The user behind a request that the permissions let through."""
    return cast("User", request.user)


def role_cap(request: Request) -> MemberRole | None:
    """The most that the request's API token allows; None for a session."""
    return MemberRole(request.auth.role) if isinstance(request.auth, ApiToken) else None


def actor_of(request: Request) -> Actor:
    """The actor of a request that the permissions let through."""
    actor = actor_for(signed_in_user(request), at_most=role_cap(request))
    return replace(actor, tools=tuple(request.auth.tools)) if isinstance(request.auth, ApiToken) else actor


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "sahur.api.authentication.ApiTokenAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "sahur_<prefix>_<secret>"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "sahur.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sahur_session"}

"""Sign-in, sign-out and passwords, for the page."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.accounts import services
from sahur.accounts.models import User
from sahur.api import representation, serializers, shapes
from sahur.api.authentication import SessionAuthentication, signed_in_user
from sahur.api.errors import Problem
from sahur.api.throttles import LoginThrottle
from sahur.api.views.base import ApiView, answer, checked


def _me(request: Request) -> Response:
    # `get_token` also sees to it that the CSRF cookie is sent along.
    django_request = request._request
    user = request.user if isinstance(request.user, User) else None
    return answer(representation.me(user, get_token(django_request)))


class MeView(ApiView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="me", responses=shapes.Me)
    def get(self, request: Request) -> Response:
        """Who is signed in, their teams, and the CSRF token for what follows."""
        return _me(request)


# DRF exempts its views from Django's CSRF check and makes its own for signed-in users only: without this decorator
# another site could sign a visitor in under the attacker's name.
@method_decorator([csrf_protect, sensitive_post_parameters()], name="dispatch")
class LoginView(ApiView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [LoginThrottle]

    @method_decorator(sensitive_variables())
    @extend_schema(operation_id="login", request=serializers.Login, responses=shapes.Me)
    def post(self, request: Request) -> Response:
        """Sign in. The session and the CSRF token are new afterwards."""
        form = checked(serializers.Login, request.data)
        user = authenticate(request._request, username=form["username"], password=form["password"])
        if not isinstance(user, User):
            # After too many of these, django-axes answers in our place (errors.lockout_response).
            raise Problem(
                HTTPStatus.BAD_REQUEST,
                "wrong_credentials",
                "The user name or the password is not right.",
                next_step="Try again, or ask an admin for a one-time password.",
            )
        login(request._request, user)
        request.user = user
        return _me(request)


class LogoutView(ApiView):
    authentication_classes = [SessionAuthentication]
    permission_classes = [AllowAny]

    @extend_schema(operation_id="logout", request=None, responses=shapes.Me)
    def post(self, request: Request) -> Response:
        """Sign out. Signing out twice is no error."""
        logout(request._request)
        request.user = request._request.user
        return _me(request)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordView(ApiView):
    authentication_classes = [SessionAuthentication]
    permission_classes = [IsAuthenticated]
    throttle_classes = [LoginThrottle]

    @method_decorator(sensitive_variables())
    @extend_schema(operation_id="changePassword", request=serializers.PasswordChange, responses=shapes.Me)
    def post(self, request: Request) -> Response:
        """Choose a new password. All other sessions of the user end; this one goes on."""
        form = checked(serializers.PasswordChange, request.data)
        user = signed_in_user(request)
        services.change_password(user, form["old_password"], form["new_password"])
        user.refresh_from_db()
        update_session_auth_hash(request._request, user)
        return _me(request)

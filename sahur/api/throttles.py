"""How often one caller may ask. The counts lie in Redis/Valkey; while that is down, requests pass and the log says so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError
from rest_framework import throttling
from rest_framework.request import Request

from sahur.api.errors import NEXT_STEP

if TYPE_CHECKING:
    # DRF's views import what the settings name, and so this module.
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class ForgivingThrottle(throttling.SimpleRateThrottle):
    """Lets requests pass while the counts cannot be read: a lost cache must not stop people from reporting."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError as error:
            logger.warning("Not throttled, Redis/Valkey does not answer: %s", error)
            return True

    def throttle_failure(self) -> bool:
        """Requests of the future do not count: the clock has jumped back, and would lock everybody out until it is there."""
        passed = [at for at in self.history if at <= self.now]
        if len(passed) == len(self.history):
            return False
        self.history = passed
        limit: int = self.num_requests  # type: ignore[attr-defined]  # the stubs leave it out
        return len(passed) < limit and bool(self.throttle_success())


class UserThrottle(ForgivingThrottle, throttling.UserRateThrottle):
    """Per signed-in user, over all sessions and tokens; per address for everybody else."""


class AnonThrottle(ForgivingThrottle, throttling.AnonRateThrottle):
    """Per address, for who is not signed in."""


class RecheckThrottle(ForgivingThrottle, throttling.UserRateThrottle):
    """Per signed-in user: each has a tool called, and a thread waits for it."""

    scope = "recheck"


class PeopleThrottle(ForgivingThrottle, throttling.UserRateThrottle):
    """Per signed-in user, of people added and created: the answer tells whether a user name exists."""

    scope = "people"


class ExportThrottle(ForgivingThrottle, throttling.UserRateThrottle):
    """Per signed-in user, of tables that are made of many rows."""

    scope = "export"


class SimilarThrottle(ForgivingThrottle, throttling.UserRateThrottle):
    """Per signed-in user: a page asks after each pause in typing, and each question reads some past reports."""

    scope = "similar"


class SlackCheckThrottle(ForgivingThrottle, throttling.UserRateThrottle):
    """Per signed-in user: each asks Slack some questions, and a thread waits for the answers."""

    scope = "slack_check"


class WebhookFaultThrottle(ForgivingThrottle, throttling.AnonRateThrottle):
    """Per address, of deliveries with a wrong secret."""

    scope = "webhook_fault"


class AgentThrottle(ForgivingThrottle):
    """Per API token, of what it changes through the gateway: an agent that goes round in circles files no thousand issues."""

    scope = "agent"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": dict(request.data).get("token")}


class LoginThrottle(ForgivingThrottle):
    """Per address, whatever user name is tried. Lock-out per user name is the work of django-axes."""

    scope = "login"

    def get_cache_key(self, request: Request | HttpRequest, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": client_address(request)}


def client_address(request: Request | HttpRequest) -> str | None:
    """`settings.AXES_CLIENT_IP_CALLABLE`: the same address that the throttles count by. None over a Unix socket."""
    return throttling.BaseThrottle().get_ident(cast("Request", request)) or None


def throttled_login(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Puts Django admin's own sign-in under the throttle of `/api/auth/login/`."""

    @wraps(view)
    def throttled(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        throttle = LoginThrottle()
        if request.method == "POST" and not throttle.allow_request(request, None):  # type: ignore[arg-type]
            response = HttpResponse(f"Too many tries. {NEXT_STEP['throttled']}\n", status=429, content_type="text/plain")
            response["Retry-After"] = str(int(throttle.wait() or 1) + 1)
            return response
        return view(request, *args, **kwargs)

    return throttled

"""What every HTTP answer gets: a trace id, a Content-Security-Policy, and no way around a one-time password."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from sahur.accounts.models import User
from sahur.api import content_security
from sahur_core.trace import parse_traceparent, trace, traceparent

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class TraceMiddleware:
    """Works under the caller's trace id (`traceparent`) or a new one, and tells it in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with trace(parse_traceparent(request.headers.get("traceparent"))) as trace_id:
            # Django logs errors of a request after its last middleware has ended (trace.TraceFilter).
            request.trace_id = trace_id  # type: ignore[attr-defined]
            response = self.get_response(request)
            response.headers["traceparent"] = traceparent(trace_id)
        return response


class ContentSecurityPolicyMiddleware:
    """The policy for answers that have none of their own; the pages of the frontend and of Flower have."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = content_security.policy(connect=content_security.socket_origins(settings.TRUSTED_ORIGINS))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # A 304 renews the headers that the browser has stored: without one, a page keeps the policy with its own hashes.
        if response.status_code != 304:
            response.headers.setdefault(content_security.HEADER, self.policy)
        return response


class OneTimePasswordMiddleware:
    """Sends who still has a one-time password from admin and Flower to the sign-in page, which asks for a new one.

    The API answers with a problem instead (`authentication.PasswordIsOwn`).
    """

    GUARDED = ("/admin/", "/flower/")
    OPEN = ("/admin/login/", "/admin/logout/", "/admin/jsi18n/")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(self.GUARDED) and not request.path.startswith(self.OPEN):
            user = request.user
            if isinstance(user, User) and user.must_change_password:
                return refuse_or_redirect(request)
        return self.get_response(request)


def refuse_or_redirect(request: HttpRequest) -> HttpResponse:
    """A page that is asked for leads to the sign-in page; anything else is refused."""
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(settings.LOGIN_URL)
    text = "You signed in with a one-time password. Choose your own first, on the sign-in page.\n"
    return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")

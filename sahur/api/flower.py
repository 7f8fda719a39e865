"""Flower for staff, through our own door: Flower itself listens on loopback and knows no users.

What passes is read-only: GET and HEAD, and the POST with which Flower's task table asks for its rows. Cookies and
authorization stay here in both directions.
"""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import quote

import httpx2
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from sahur.api import content_security

PASSED_ON = ("Accept", "Accept-Language", "Content-Type", "If-None-Match", "If-Modified-Since")
PASSED_BACK = ("Content-Type", "Cache-Control", "ETag", "Last-Modified", "Expires")
TASK_ROWS = "tasks/datatable"
# The only inline script of Flower's pages; a script that got in through a task's arguments is not of this form.
OWN_SCRIPT = re.compile(r"<script type=\"text/javascript\">\s*var autorefresh = [A-Za-z0-9.]+;\s*</script>")


@cache
def _client() -> httpx2.Client:
    return httpx2.Client(timeout=10, follow_redirects=False, trust_env=False)


@csrf_exempt  # Nothing that passes changes anything.
def proxy(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Pass a request of a staff member on to Flower."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not request.user.is_staff:
        return _say(403, "Flower is for staff only. Ask an admin.")
    if request.method not in ("GET", "HEAD") and not (request.method == "POST" and rest == TASK_ROWS):
        return _say(405, "Flower can only be read here; stop a run on its page.")
    try:
        answer = _client().request(
            request.method,
            f"{settings.FLOWER_URL.rstrip('/')}/flower/{quote(rest)}",
            params=request.META.get("QUERY_STRING", ""),
            headers={name: request.headers[name] for name in PASSED_ON if name in request.headers},
            content=request.body if request.method == "POST" else None,
        )
    except httpx2.HTTPError as error:
        return _say(502, f"Flower does not answer ({type(error).__name__}). It is started with the other processes.")
    return _pass_back(answer)


def _pass_back(answer: httpx2.Response) -> HttpResponse:
    response = HttpResponse(answer.content, status=answer.status_code)
    for name in PASSED_BACK:
        if name in answer.headers:
            response[name] = answer.headers[name]
    location = answer.headers.get("Location", "")
    if location.startswith("/flower/"):
        response["Location"] = location
    if answer.status_code == 304:
        # The browser goes on with the page it has, under the policy that came with it.
        return response
    own = "".join(OWN_SCRIPT.findall(answer.text)) if "html" in answer.headers.get("Content-Type", "") else ""
    response[content_security.HEADER] = content_security.policy(scripts=content_security.inline_script_hashes(own))
    return response


def _say(status: int, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")

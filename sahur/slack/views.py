"""Slack's Events API over HTTP. Socket Mode (`manage.py runslack`) needs none of it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from slack_bolt.adapter.django import SlackRequestHandler
from slack_sdk.signature import SignatureVerifier

from sahur.slack import app as slack

PLAIN = "text/plain; charset=utf-8"


@csrf_exempt
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Store what the event asks for, and answer; Slack waits three seconds for it. In a burst `intake` stands before this.

    The signature replaces the CSRF token: https://docs.slack.dev/authentication/verifying-requests-from-slack.
    It is checked here so that nothing unsigned is even parsed, and again by Bolt.
    """
    # Without a token, too: Slack tries the address before the app is installed anywhere.
    if not settings.SLACK_SIGNING_SECRET:
        text = "Slack is not connected here. Set SLACK_SIGNING_SECRET, and start SAHUR again.\n"
        return HttpResponse(text, status=503, content_type=PLAIN)
    if not _is_signed(request):
        return HttpResponse("The signature is wrong or older than five minutes.\n", status=401, content_type=PLAIN)
    return SlackRequestHandler(slack.app()).handle(request)


def _is_signed(request: HttpRequest) -> bool:
    try:
        return SignatureVerifier(settings.SLACK_SIGNING_SECRET).is_valid_request(request.body, dict(request.headers))
    except (ValueError, TypeError, ArithmeticError):
        # A time that is no number, or none that can be reckoned with, a signature that is not ASCII, a body that is not UTF-8.
        return False

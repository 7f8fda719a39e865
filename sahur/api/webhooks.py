"""Pushes as the hosts of repositories tell them: `POST /webhooks/git/<repository id>/`.

* GitHub: `X-Hub-Signature-256`, HMAC-SHA-256 of the body
  (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries)
* Gitea and Forgejo: the same, or `X-Gitea-Signature` without its prefix (https://docs.gitea.com/usage/webhooks)
* Bitbucket: `X-Hub-Signature`, the same HMAC
  (https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/)
* GitLab: `X-Gitlab-Token`, the secret itself (https://docs.gitlab.com/user/project/integrations/webhooks/)

The body is never parsed: a delivery only says that it is worth looking at the remote. So one that is sent again, by
whomever, does what a poll does, and any number that nobody has served yet are one.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from uuid import UUID

from django.http import HttpRequest
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api.errors import too_large
from sahur.api.parsers import WEBHOOK_BYTES
from sahur.api.throttles import WebhookFaultThrottle
from sahur.api.views.base import ApiView
from sahur.issues.services import repositories
from sahur_core.errors import NotSignedIn, SealBroken, TooManyRequests

logger = logging.getLogger(__name__)

_EVENT_HEADERS = ("X-GitHub-Event", "X-Gitea-Event", "X-Gitlab-Event", "X-Event-Key")
_PUSHES = frozenset(
    {
        *("push", "create", "delete", "repository"),
        *("Push Hook", "Tag Push Hook", "System Hook"),
        *("repo:push", "repo:refs_changed", "repo:updated"),
    }
)
_NOBODYS = secrets.token_urlsafe(32)
"""What a repository without webhook is checked against, in the same time as any other."""


class PushView(ApiView):
    """Takes deliveries; they carry their own proof, so no session, no API token and no CSRF token count here."""

    authentication_classes: list[type] = []
    permission_classes: list[type] = []
    throttle_classes: list[type] = []
    parser_classes: list[type[BaseParser]] = []
    # Not part of the API that people program against.
    schema = None

    def post(self, request: Request, repository_id: UUID) -> Response:
        """202 as soon as the update is asked for; 401 for a wrong secret and for a repository that is not there."""
        body = _body(request._request)
        if not is_genuine(request._request, body, _secret(repository_id)):
            throttle = WebhookFaultThrottle()
            if not throttle.allow_request(request, self):
                raise TooManyRequests("Too many deliveries with a wrong secret.", next_step="Set the webhook's secret anew.")
            raise NotSignedIn(
                "The signature or token of this delivery is wrong, or this repository has no webhook.",
                next_step="Make a new secret (POST /api/repositories/<id>/webhook/) and enter it at the repository's host.",
            )
        event = next((value for name in _EVENT_HEADERS if (value := request.headers.get(name))), "")
        if event not in _PUSHES:
            return Response({"status": "ignored", "event": event[:100]}, status=202)
        repositories.take_push(repository_id)
        logger.info("a push to repository %s was told", repository_id)
        return Response({"status": "queued", "event": event}, status=202)


def _secret(repository_id: UUID) -> str:
    """Empty for none. That one cannot be opened is for the operator to read, not for whoever asks here."""
    try:
        return repositories.webhook_secret(repository_id)
    except SealBroken as error:
        logger.error("the webhook of repository %s: %s", repository_id, error)
        return ""


def is_genuine(request: HttpRequest, body: bytes, secret: str) -> bool:
    """Whether the delivery proves that its sender knows the secret. Takes as long for a wrong one as for a right one."""
    key = secret or _NOBODYS
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    signature = (
        request.headers.get("X-Hub-Signature-256")
        or request.headers.get("X-Gitea-Signature")
        or request.headers.get("X-Hub-Signature")
        or ""
    )
    is_signed = hmac.compare_digest(signature.removeprefix("sha256=").encode(), digest.encode())
    is_token = hmac.compare_digest(request.headers.get("X-Gitlab-Token", "").encode(), key.encode())
    return bool(secret) and (is_signed or is_token)


def _body(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > WEBHOOK_BYTES:
        raise too_large(WEBHOOK_BYTES)
    body = request.read(WEBHOOK_BYTES + 1)
    if len(body) > WEBHOOK_BYTES:
        raise too_large(WEBHOOK_BYTES)
    return body

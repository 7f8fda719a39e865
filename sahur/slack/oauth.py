"""Installation of the app over OAuth: https://docs.slack.dev/authentication/installing-with-oauth.

An admin is sent to Slack with a state that is signed, is bound to the session, ends after ten minutes, and is taken once;
Slack sends them back with a code, which is exchanged for the workspace's tokens.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.views.decorators.http import require_GET
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth import AuthorizeUrlGenerator

from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.models import User
from sahur.batch import slack_app, slack_installing
from sahur.issues.services.slack_workspaces import Installation, Tokens
from sahur.slack.clients import TIMEOUT_SECONDS
from sahur_core.errors import Conflict, InputError, NotFound, NotPermitted, SahurError, SlackNotConnected

log = logging.getLogger(__name__)

STATE_SECONDS = 600
STATES_KEPT = 5
"""Of one session: as many tabs may install at once."""
SALT = "sahur slack installation"
SESSION_KEY = "slack_installations"
SETTINGS_PAGE = "/settings/slack/"

STATUS: dict[type[SahurError], int] = {NotPermitted: 403, NotFound: 404, Conflict: 409, InputError: 400, SlackNotConnected: 503}

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>SAHUR: Slack</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}}</style></head>
<body><h1>{}</h1><p>{}</p><p><a href="{}">To the Slack workspaces</a></p></body></html>
"""


@require_GET
def install(request: HttpRequest) -> HttpResponse:
    """Send an admin of the team `?team=` to Slack, where they allow the app into a workspace."""
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    if user.must_change_password:
        return HttpResponseRedirect(settings.LOGIN_URL)
    try:
        _require_client()
        team = slack_installing.team_to_install_for(actor_for(user), request.GET.get("team", ""))
    except SahurError as error:
        return _refusal(error)
    address = AuthorizeUrlGenerator(
        client_id=settings.SLACK_CLIENT_ID,
        scopes=list(slack_app.SCOPES),
        redirect_uri=redirect_address(),
        authorization_url=urljoin(settings.SLACK_API_URL, "/oauth/v2/authorize"),
    )
    return HttpResponseRedirect(address.generate(_new_state(request, team.key)))


@require_GET
def oauth_redirect(request: HttpRequest) -> HttpResponse:
    """Where Slack sends the admin back to: with a code, or with the word that they refused."""
    try:
        team_key = _take_state(request)
        actor = _actor(request)
        if refused := request.GET.get("error"):
            raise InputError(_refused_words(refused), next_step="Nothing was installed; start again when you like.")
        installation = _exchange(request.GET.get("code", ""))
        row = slack_installing.install_workspace(actor, team_key, installation)
    except SahurError as error:
        return _refusal(error)
    log.info("Slack workspace %s was installed for team %s", row.workspace_id, team_key)
    return HttpResponseRedirect(SETTINGS_PAGE)


def redirect_address() -> str:
    """Must be one of the app's redirect URLs, letter by letter."""
    return f"{settings.PUBLIC_URL}/slack/oauth_redirect"


def _require_client() -> None:
    if not (settings.SLACK_CLIENT_ID and settings.SLACK_CLIENT_SECRET):
        raise SlackNotConnected(
            "Workspaces cannot be installed from here yet.",
            next_step="Set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET (the app's Basic Information), and start SAHUR again.",
        )


def _new_state(request: HttpRequest, team_key: str) -> str:
    nonce = secrets.token_urlsafe(24)
    kept = request.session.get(SESSION_KEY, [])
    request.session[SESSION_KEY] = [*kept[-(STATES_KEPT - 1) :], nonce]
    return signing.dumps({"nonce": nonce, "team": team_key}, salt=SALT)


def _take_state(request: HttpRequest) -> str:
    """The key of the team that the installation was begun for. The state is used up by this. Raises `InputError`."""
    stale = InputError(
        "This installation was begun elsewhere, too long ago, or is done already.",
        next_step="Start it again from Settings, Slack workspaces, in one browser.",
    )
    try:
        state = signing.loads(request.GET.get("state", ""), salt=SALT, max_age=STATE_SECONDS)
    except signing.BadSignature:
        raise stale from None
    kept = request.session.get(SESSION_KEY, [])
    if state["nonce"] not in kept:
        raise stale
    request.session[SESSION_KEY] = [nonce for nonce in kept if nonce != state["nonce"]]
    return str(state["team"])


def _actor(request: HttpRequest) -> Actor:
    if not isinstance(request.user, User):
        raise NotPermitted("You are signed out.", next_step="Sign in, and start the installation again.")
    return actor_for(request.user)


def _refused_words(code: str) -> str:
    return "You did not allow SAHUR into the workspace." if code == "access_denied" else "Slack did not begin the installation."


def _exchange(code: str) -> Installation:
    """The tokens for Slack's code. Raises `InputError` if Slack does not take it, or has installed what we cannot use."""
    client = WebClient(base_url=settings.SLACK_API_URL, timeout=TIMEOUT_SECONDS, retry_handlers=[])
    try:
        answer = client.oauth_v2_access(
            client_id=settings.SLACK_CLIENT_ID,
            client_secret=settings.SLACK_CLIENT_SECRET,
            code=code,
            redirect_uri=redirect_address(),
        )
    except SlackApiError as error:
        raise InputError(f"Slack did not confirm the installation: {error.response.get('error')}.", next_step=_NEXT) from error
    except (SlackClientError, OSError) as error:
        raise InputError("Slack did not answer.", next_step="Start the installation again in a minute.") from error
    return _installation(answer.data if isinstance(answer.data, dict) else {})


_NEXT = "Start it again. If that does not help, compare SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and the redirect URL with the app's."


def _installation(answer: dict[str, Any]) -> Installation:
    team = answer.get("team") or {}
    if answer.get("is_enterprise_install") or not team.get("id"):
        raise InputError(
            "The app was installed for a whole organization, which SAHUR does not support.",
            next_step="Remove it in the organization's settings, and install it in each workspace that is to use it.",
        )
    return Installation(
        workspace_id=team["id"],
        name=team.get("name") or "",
        enterprise_id=(answer.get("enterprise") or {}).get("id") or "",
        app_id=answer.get("app_id") or "",
        bot_user_id=answer.get("bot_user_id") or "",
        scopes=answer.get("scope") or "",
        tokens=Tokens(answer["access_token"], answer.get("refresh_token") or "", answer.get("expires_in")),
    )


def _refusal(error: SahurError) -> HttpResponse:
    content = format_html(PAGE, error.message, error.next_step, SETTINGS_PAGE)
    return HttpResponse(content, status=next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400))

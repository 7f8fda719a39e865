"""What is missing between SAHUR and Slack, in plain words, each with the next step (`manage.py slack check`, settings page).

Asks Slack, unlike `slack_workspace`. Tokens never come into what is told.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2
import redis
from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.signature import SignatureVerifier

from sahur.accounts.actor import Actor
from sahur.accounts.models import Team
from sahur.batch import presence, slack_app
from sahur.batch.slack_scope import administered_teams
from sahur.issues import models
from sahur.issues.services import slack_workspaces
from sahur_core.errors import NotFound, SealBroken

TIMEOUT_SECONDS = 5
SOON = timedelta(hours=1)
INSTALL_AGAIN = "Install the app again: Settings, Slack workspaces."
GUIDE = "docs/slack.md, Set up, has the steps."
START_RUNSLACK = (
    "Start `python manage.py runslack`; `make run` does by itself, and Compose with `--profile slack`. "
    "If it runs, its log says why Slack does not hold the connection."
)


class Level(StrEnum):
    """`NOTE`: works, and yet somebody should know."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """`part`: what was looked at. `workspace` is empty for what holds for all."""

    part: str
    level: Level
    said: str
    next_step: str = ""
    workspace: str = ""


def check_for(actor: Actor) -> list[Finding]:
    """All that an admin may see: of workspaces those of the teams they are an admin of; staff see all.

    Raises `NotPermitted` for who is no admin anywhere.
    """
    actor.require_any_admin()
    rows = models.SlackWorkspace.objects.order_by("name")
    if not actor.is_staff:
        rows = rows.filter(team__in=administered_teams(actor))
    has_own = actor.is_staff or Team.objects.filter(key=settings.SLACK_TEAM_KEY, pk__in=administered_teams(actor)).exists()
    return [*_installation(with_reports=has_own), *_workspaces(rows)]


def check(workspace_id: str = "") -> list[Finding]:
    """Everything, or one workspace alone. Raises `NotFound` for one that was never installed."""
    rows = models.SlackWorkspace.objects.order_by("name")
    if not workspace_id:
        return [*_installation(), *_workspaces(rows)]
    rows = rows.filter(workspace_id=workspace_id)
    if not rows:
        raise NotFound(f"The app was never installed in {workspace_id}.", next_step="Settings, Slack workspaces, Add to Slack.")
    return list(_workspaces(rows))


def _ok(part: str, said: str, workspace: str = "") -> Finding:
    return Finding(part, Level.OK, said, workspace=workspace)


def _missing(part: str, said: str, next_step: str, workspace: str = "") -> Finding:
    return Finding(part, Level.MISSING, said, next_step, workspace)


# --- What holds for all ---------------------------------------------------------------------------------------------


def _installation(*, with_reports: bool = True) -> Iterator[Finding]:
    """`with_reports`: also the channels of the one workspace that a bot token in the settings connects."""
    if not (settings.SLACK_BOT_TOKEN or settings.SLACK_CLIENT_ID):
        yield _missing(
            "Settings", "There is no token, and no way to get one.", f"Set SLACK_BOT_TOKEN, or SLACK_CLIENT_ID. {GUIDE}"
        )
        return
    yield from _way_in()
    if settings.SLACK_CLIENT_ID:
        yield from _oauth()
        return
    if Team.objects.filter(key=settings.SLACK_TEAM_KEY).exists():
        yield _ok("Team", f"Reports belong to the team {settings.SLACK_TEAM_KEY}.")
    else:
        said = f"There is no team {settings.SLACK_TEAM_KEY or 'without a key'}, so reports are refused."
        yield _missing("Team", said, "Set SAHUR_SLACK_TEAM to the key of a team, or create that team.")
    yield from _token(settings.SLACK_BOT_TOKEN, with_reports=with_reports)


def _way_in() -> Iterator[Finding]:
    if settings.SLACK_APP_TOKEN:
        yield _socket_mode()
    elif settings.SLACK_SIGNING_SECRET:
        yield _events_url()
    else:
        said = "Slack has no way to tell SAHUR anything."
        yield _missing("Settings", said, "Set SLACK_SIGNING_SECRET (events over HTTP), or SLACK_APP_TOKEN (Socket Mode).")


def _socket_mode() -> Finding:
    if not settings.SLACK_APP_TOKEN.startswith("xapp-"):
        return _missing(
            "Socket Mode", "SLACK_APP_TOKEN is no token of an app.", "Basic Information, App-Level Tokens: it begins with xapp-."
        )
    try:
        _client(settings.SLACK_APP_TOKEN).apps_connections_open(app_token=settings.SLACK_APP_TOKEN)
    except SlackApiError as error:
        next_step = "Make an app-level token with connections:write, switch Socket Mode on, and set SLACK_APP_TOKEN to it."
        return _missing("Socket Mode", f"Slack does not let the app connect: {_code(error)}.", next_step)
    except (SlackClientError, OSError) as error:
        return _unreachable("Socket Mode", error)
    return _runslack()


def _runslack() -> Finding:
    """Whether one of our processes holds a connection: Slack delivers nothing without one."""
    try:
        connected = presence.slack_connections()
    except (redis.RedisError, OSError):
        said = "Slack lets the app connect. Whether `manage.py runslack` is connected is not known: Valkey does not answer."
        return Finding("Socket Mode", Level.NOTE, said, "Start SAHUR (`make run`), then check again.")
    if not connected:
        return _missing("Socket Mode", "Slack lets the app connect, but no `manage.py runslack` is connected.", START_RUNSLACK)
    where = ", ".join(sorted({each.host for each in connected}))
    times = "" if len(connected) == 1 else f" {len(connected)} times"
    return _ok("Socket Mode", f"`manage.py runslack` is connected{times}, on {where}.")


def _events_url() -> Finding:
    """Sends what Slack sends when the address is entered: https://docs.slack.dev/reference/events/url_verification."""
    address = f"{settings.PUBLIC_URL}/slack/events"
    if reason := _never_reached(settings.PUBLIC_URL):
        next_step = "Set SAHUR_PUBLIC_URL to an address that the internet reaches over https, or use Socket Mode."
        return _missing("Events URL", f"Slack cannot reach {address}: {reason}.", next_step)
    challenge = secrets.token_hex(8)
    body = json.dumps({"type": "url_verification", "challenge": challenge})
    headers = {"Content-Type": "application/json", **_signed(body)}
    try:
        with httpx2.Client(timeout=TIMEOUT_SECONDS) as client:
            answer = client.post(address, content=body, headers=headers)
    except httpx2.HTTPError as error:
        return _missing("Events URL", f"{address} does not answer: {type(error).__name__}.", "Look at the proxy, DNS and TLS.")
    if answer.status_code != 200 or challenge not in answer.text:
        said = f"{address} answers {answer.status_code} where Slack expects its challenge."
        return _missing("Events URL", said, "Let the proxy pass /slack/events to SAHUR as it is, with body and headers.")
    return _ok("Events URL", f"{address} answers, as seen from this machine.")


def _never_reached(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_private = ip_address(host).is_private
    except ValueError:
        is_private = host == "localhost" or host.endswith((".local", ".internal"))
    if is_private:
        return "it is an address of a private network"
    return "" if parts.scheme == "https" else "it is not https"


def _signed(body: str) -> dict[str, str]:
    at = str(int(time.time()))
    signature = SignatureVerifier(settings.SLACK_SIGNING_SECRET).generate_signature(timestamp=at, body=body)
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": str(signature)}


def _oauth() -> Iterator[Finding]:
    if not settings.SLACK_CLIENT_SECRET:
        yield _missing("OAuth", "SLACK_CLIENT_ID is set without its secret.", "Set SLACK_CLIENT_SECRET (Basic Information).")
    elif not settings.PUBLIC_URL.startswith("https://"):
        said = "Slack sends people back to https addresses only, so nobody can install the app."
        yield _missing("OAuth", said, "Set SAHUR_PUBLIC_URL to the https address of SAHUR.")
    else:
        yield _ok("OAuth", f"Workspaces can be installed; the redirect URL is {settings.PUBLIC_URL}/slack/oauth_redirect.")
    if settings.SLACK_BOT_TOKEN:
        said = "SLACK_BOT_TOKEN is not used beside SLACK_CLIENT_ID."
        yield Finding("OAuth", Level.NOTE, said, "Take it away, and install the app in that workspace, too.")
    if not models.SlackWorkspace.objects.exists():
        yield _missing("Workspaces", "The app is in no workspace yet.", "Settings, Slack workspaces, Add to Slack.")


# --- One workspace --------------------------------------------------------------------------------------------------


def _workspaces(rows: Iterable[models.SlackWorkspace]) -> Iterator[Finding]:
    for row in rows:
        yield from _workspace(row)


def _workspace(row: models.SlackWorkspace) -> Iterator[Finding]:
    known = row.workspace_id
    if row.revoked_at is not None:
        yield _missing("Token", f"Slack takes its token no more: {row.revoked_reason}.", INSTALL_AGAIN, known)
        return
    if row.token_expires_at is not None and row.token_expires_at < timezone.now() + SOON:
        has_ended = row.token_expires_at < timezone.now()
        said = "The token has ended." if has_ended else "The token ends within the hour, and has not been exchanged."
        level = Level.MISSING if has_ended else Level.NOTE
        yield Finding("Rotation", level, said, "Look whether the reaper and the effects worker run.", known)
    try:
        token = slack_workspaces.tokens_of(row).bot_token
    except SealBroken as error:
        yield _missing("Token", error.message, error.next_step, known)
        return
    yield from _token(token, known)


def _token(token: str, workspace: str = "", *, with_reports: bool = True) -> Iterator[Finding]:
    if not token.startswith(("xoxb-", "xoxe.xoxb-")):
        yield _missing(
            "Token", "It is no bot token.", "OAuth & Permissions, Bot User OAuth Token: it begins with xoxb-.", workspace
        )
        return
    try:
        answer = _client(token).auth_test()
    except SlackApiError as error:
        slack_workspaces.note_refused_token(workspace, token, _code(error))
        next_step = INSTALL_AGAIN if workspace else "Set SLACK_BOT_TOKEN to the Bot User OAuth Token of the app."
        yield _missing("Token", f"Slack does not take it: {_code(error)}.", next_step, workspace)
        return
    except (SlackClientError, OSError) as error:
        yield _unreachable("Token", error, workspace)
        return
    yield _ok("Token", f"Connected as @{answer.get('user')} in the workspace {answer.get('team')}.", workspace)
    yield _scopes(str(answer.headers.get("x-oauth-scopes", "")), workspace, rotates=token.startswith("xoxe."))
    if with_reports:
        yield from _alert_channels(token, workspace or str(answer.get("team_id")))
        yield _last_report(workspace or str(answer.get("team_id")))


def _scopes(granted: str, workspace: str, *, rotates: bool) -> Finding:
    lacking = slack_app.missing_scopes(granted)
    if not lacking:
        return _ok("Scopes", f"All {len(slack_app.SCOPES)} are granted.", workspace)
    named = "; ".join(f"{scope} ({slack_app.SCOPES[scope]})" for scope in lacking)
    pasted = f"Paste what `{_manifest_command(rotates=rotates)}` prints over the app's manifest (App Manifest)."
    how = INSTALL_AGAIN if workspace else "Then install the app again there (Install App, Reinstall)."
    return _missing("Scopes", f"Not granted: {named}.", f"{pasted} {how}", workspace)


def _manifest_command(*, rotates: bool) -> str:
    """What prints the manifest of the app as it is set up: another one would take its way of events, or its rotation, away."""
    url = settings.PUBLIC_URL if settings.PUBLIC_URL.startswith("https://") else "https://your-host"
    way = ["--socket"] if settings.SLACK_APP_TOKEN else ["--url", url]
    return " ".join(["python manage.py slack manifest", *way, *(["--rotation"] if rotates else [])])


def _alert_channels(token: str, workspace: str) -> Iterator[Finding]:
    client = _client(token)
    for channel in models.SlackChannel.objects.filter(workspace_id=workspace, takes_alerts=True).order_by("name"):
        try:
            told: dict[str, Any] = client.conversations_info(channel=channel.channel_id).get("channel", {})
        except SlackApiError as error:
            yield _missing("Alert channel", f"{channel}: Slack says {_code(error)}.", _invite(channel), workspace)
        except (SlackClientError, OSError) as error:
            yield _unreachable("Alert channel", error, workspace)
        else:
            if told.get("is_archived"):
                yield _missing("Alert channel", f"{channel} is archived.", "Choose another channel for alerts.", workspace)
            elif not told.get("is_member"):
                yield _missing("Alert channel", f"SAHUR is not in {channel}.", _invite(channel), workspace)
            else:
                yield _ok("Alert channel", f"SAHUR hears {channel}.", workspace)


def _invite(channel: models.SlackChannel) -> str:
    return f"Invite it there: /invite @{slack_app.NAME} in {channel}."


def _last_report(workspace: str) -> Finding:
    last = models.SlackThread.objects.filter(workspace_id=workspace).aggregate(last=Max("created_at"))["last"]
    if last is None:
        next_step = f"Mention @{slack_app.NAME} in a channel. If nothing happens, compare the app's events with the manifest."
        return Finding("Events", Level.NOTE, "No report has come from there yet.", next_step, workspace)
    return _ok("Events", f"The last report came {last:%Y-%m-%d %H:%M} UTC.", workspace)


def _client(token: str) -> WebClient:
    return WebClient(token=token, base_url=settings.SLACK_API_URL, timeout=TIMEOUT_SECONDS, retry_handlers=[])


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error") or error.response.status_code)


def _unreachable(part: str, error: Exception, workspace: str = "") -> Finding:
    said = f"Slack's API does not answer: {type(error).__name__}."
    return _missing(part, said, "Look at the network of this machine, and try again.", workspace)

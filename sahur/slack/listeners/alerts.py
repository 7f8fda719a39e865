"""Channels of alerts: every post of an app that is no reply is a report, unless it tells that a problem is over.

People talk there as anywhere, and mention SAHUR when they mean it.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from slack_bolt import BoltContext

from sahur.accounts.actor import Actor, system_actor
from sahur.accounts.models import Team
from sahur.batch import slack_alerts
from sahur.issues import models
from sahur.issues.services.slack_threads import Place
from sahur.slack import places, threads
from sahur.slack.listeners.guard import own_users
from sahur.slack.listeners.reporting import Reported, submit
from sahur.slack.reading import author_of, files_of, is_of_app, text_of
from sahur.slack.recoveries import tells_recovery
from sahur.slack.report_source import Source as Rest

log = logging.getLogger(__name__)

ALERT_SUBTYPES = {None, "bot_message", "file_share"}
"""Others tell of edits, joins, topics; none of them is a report."""
HOUR = timedelta(hours=1)
REPORTED_BY_ALERT = Q(joined_from=None, issue__source_ref__alert=True) | Q(joined_from__source_ref__alert=True)
"""Of threads. One that has joined tells an issue that may be a person's, and is an alert all the same."""


def take_alert(body: dict[str, Any], context: BoltContext) -> bool:
    """File an app's post as a report if it stands in a channel of alerts. Whether it does.

    Beyond so many in an hour (`SLACK_ALERTS_PER_HOUR`) nothing is filed, and the channel is told so, once.
    """
    event = body["event"]
    workspace = context.team_id or ""
    is_reply = event.get("thread_ts") not in (None, event.get("ts"))
    is_post = event.get("channel_type") in ("channel", "group") and not is_reply and "edited" not in event
    if not is_post or not is_of_app(event):
        return False
    channel = places.channel_at(workspace, event["channel"])
    if channel is None or not channel.takes_alerts or event.get("subtype") not in ALERT_SUBTYPES:
        return False
    if tells_recovery(event):
        _tell_recovery(body, workspace)
    elif threads.thread_at(workspace, event["channel"], event["ts"]) is None:
        _file(body, workspace)
    return True


def _tell_recovery(body: dict[str, Any], workspace: str) -> None:
    event = body["event"]
    place = Place(workspace, event["channel"], event["ts"], "", is_alert=True)
    app = _app(event, places.team_of(workspace, event["channel"]))
    told = slack_alerts.tell_recovery(app, place, text_of(event, without_users=own_users(body)))
    heard = "which its run is told" if told else "of which no run need be told"
    log.info("Slack event %s: a problem in channel %s is over, %s", body["event_id"], event["channel"], heard)


def _file(body: dict[str, Any], workspace: str) -> None:
    event = body["event"]
    own = own_users(body)
    words, files = text_of(event, without_users=own), files_of(event)
    if not words and not files:
        log.info("Slack event %s: an alert without text", body["event_id"])
        return
    if _is_flood(workspace, event["channel"]):
        log.warning("Slack event %s: channel %s has too many alerts", body["event_id"], event["channel"])
        return
    rest = Rest(event["ts"], event["ts"], own_users=tuple(sorted(own)), files=tuple(files))
    place = Place(workspace, event["channel"], event["ts"], "", is_alert=True)
    team = places.team_of(workspace, event["channel"])
    submit(Reported(place, "", words, body["event_id"], rest), by=_app(event, team))


def _app(event: dict[str, Any], team: Team) -> Actor:
    return system_actor(team, f"{author_of(event)} in Slack")


def _is_flood(workspace: str, channel: str) -> bool:
    """Whether the channel has had its alerts of an hour; then it is told so."""
    recent = models.SlackThread.objects.filter(
        REPORTED_BY_ALERT, workspace_id=workspace, channel_id=channel, created_at__gt=timezone.now() - HOUR
    )
    limit = settings.SLACK_ALERTS_PER_HOUR
    if recent.count() < limit:
        return False
    last = recent.order_by("-created_at").first()
    if last is not None:
        slack_alerts.tell_flood(last, limit, hour=int(time.time() // HOUR.total_seconds()))
    return True

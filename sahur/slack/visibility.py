"""What a thread may be shown of an issue that is told in other places, too. The rules are in `sahur.issues.sight`.

Whether a channel is private is Slack's to say: before anything is posted, what is not known (any more) is asked for. What
Slack does not tell counts as private.
"""

from __future__ import annotations

import logging

from sahur.batch.effects import DeliveryError
from sahur.issues import models, sight, sources
from sahur.issues.services import slack_channels, slack_pace, slack_threads
from sahur.issues.sight import WHOLE, Sight
from sahur.slack.clients import client_of
from sahur.slack.web_api import request
from sahur_core.errors import SlackNotConnected

log = logging.getLogger(__name__)
THREAD = "https://app.slack.com/client/{team}/{channel}/thread/{channel}-{ts}"
"""A thread, for whoever is in its workspace."""
NOT_SEEN = "channel_not_found"
INFO = "conversations.info"


def sight_of(run: models.Run, thread: models.SlackThread) -> Sight:
    """What this thread's readers may see of the run. May ask Slack about channels; raises `DeliveryError` if it is away."""
    found = sources.sources_of(run)
    if not (found.channels() <= {thread.channel_id} and _is_plain(found)):
        _ask_about(thread.workspace_id, found.channels())
    return known_sight(run, thread, found)


def known_sight(run: models.Run, thread: models.SlackThread, found: sources.Sources | None = None) -> Sight:
    """The same by what is known now: Slack is not asked, and what is not known counts as private."""
    found = found or sources.sources_of(run)
    if found.channels() <= {thread.channel_id} and _is_plain(found):
        return WHOLE
    return sight.look(run, sources.eyes_of(sight.reader_of(thread), found.channels(), run.issue.team_id), found)


def prompt_in(request: models.InputRequest, thread: models.SlackThread) -> str:
    """What a request asks, in the words that this thread's readers may see."""
    shown = sight_of(request.run, thread)
    return shown.says(request.prompt, shown.why)


def title_in(issue: models.Issue, thread: models.SlackThread) -> str:
    """The title of any issue, where this thread's readers may see it; else empty. May ask Slack like `sight_of`."""
    _ask_about(thread.workspace_id, {sources.place_of(issue), thread.channel_id} - {sources.PAGE, sources.UNKNOWN})
    return sight.title_for(issue, sight.reader_of(thread))


def told_at(issue: models.Issue, thread: models.SlackThread) -> str:
    """Slack's address of the first thread that tells all of an issue and that this one's readers may see, as they may see the
    report; else empty. May ask Slack like `sight_of`."""
    if not title_in(issue, thread):
        return ""
    rows = models.SlackThread.objects.filter(issue=issue, workspace_id=thread.workspace_id).exclude(root_ts="")
    told = list(rows.exclude(slack_threads.TOLD_IN_SHORT).order_by("created_at", "id"))
    channels = {each.channel_id for each in told}
    _ask_about(thread.workspace_id, channels)
    eyes = sources.eyes_of(sight.reader_of(thread), channels, issue.team_id)
    first = next((each for each in told if eyes.see(each.channel_id)), None)
    return THREAD.format(team=first.workspace_id, channel=first.channel_id, ts=first.root_ts) if first else ""


def sees(thread: models.SlackThread, place: str, team_id: int) -> bool:
    """Whether this thread's readers may see what was said in that channel (empty: on the page). May ask Slack like `sight_of`."""
    if place == thread.channel_id:
        return True
    channels = {place} - {sources.PAGE}
    _ask_about(thread.workspace_id, {thread.channel_id, *channels})
    return sources.eyes_of(sight.reader_of(thread), channels, team_id).see(place)


def _is_plain(found: sources.Sources) -> bool:
    """Whether everything was said in the thread's own channel."""
    own = {found.report.place, *(each.place for each in found.told), *(place for _, read in found.calls for place in read)}
    return not own & {sources.PAGE, sources.UNKNOWN}


def _ask_about(workspace_id: str, channels: set[str]) -> None:
    for channel_id in slack_channels.to_ask(workspace_id, channels):
        ask(workspace_id, channel_id)


def ask(workspace_id: str, channel_id: str) -> None:
    """Ask Slack what a channel is, and keep it. Raises `DeliveryError` if it does not say now."""
    if seconds := slack_pace.held_for(workspace_id, INFO):
        raise DeliveryError(f"Slack asks to wait before {INFO}.", retry_after=seconds, is_untried=True)
    try:
        answer = request(client_of(workspace_id), workspace_id, INFO, http_verb="GET", params={"channel": channel_id})
    except SlackNotConnected as error:
        raise DeliveryError(error.message) from error
    except DeliveryError as error:
        if not error.permanent:
            raise
        # A private channel that we are not in is told as one that is not there.
        log.info("whether %s is private is not known: %s", channel_id, error.reason)
        is_member = False if error.reason == NOT_SEEN else None
        slack_channels.note(workspace_id, channel_id, name="", is_private=None, is_member=is_member)
        return
    channel = answer.get("channel") or {}
    is_private = bool(channel.get("is_private") or channel.get("is_im") or channel.get("is_mpim") or channel.get("is_group"))
    is_shared = bool(channel.get("is_ext_shared"))
    slack_channels.note(
        workspace_id,
        channel_id,
        name=str(channel.get("name") or ""),
        is_private=is_private,
        is_shared=is_shared,
        is_member=bool(channel.get("is_member")),
    )

"""What a thread may be shown of an issue that is told in other places, too. The rules are in `sahur.issues.sight`.

Whether a channel is private is Slack's to say: before anything is posted, what is not known (any more) is asked for. What
Slack does not tell counts as private.
"""

from __future__ import annotations

import logging

from slack_sdk.errors import SlackApiError, SlackClientError

from sahur.batch.effects import DeliveryError
from sahur.issues import models, sight, sources
from sahur.issues.services import slack_channels
from sahur.issues.sight import WHOLE, Sight
from sahur.slack.clients import client_of
from sahur_core.errors import SlackNotConnected
from sahur_core.issues import InputKind

log = logging.getLogger(__name__)
NOT_SEEN = "channel_not_found"
PASSING = frozenset({"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})


def sight_of(run: models.Run, thread: models.SlackThread) -> Sight:
    """What this thread's readers may see of the run. May ask Slack about channels; raises `DeliveryError` if it is away."""
    found = sources.sources_of(run)
    if found.channels() <= {thread.channel_id} and _is_plain(found):
        return WHOLE
    _ask_about(thread.workspace_id, found.channels())
    return sight.look(run, sources.eyes_of(sight.reader_of(thread), found.channels(), run.issue.team_id), found)


def prompt_in(request: models.InputRequest, thread: models.SlackThread) -> str:
    """What a request asks, in the words that this thread's readers may see."""
    if request.kind == InputKind.JOIN:
        other = models.Issue.objects.filter(key=request.arguments.get("issue"), team_id=request.run.issue.team_id).first()
        if other is None:
            return request.prompt
        _ask_about(thread.workspace_id, {sources.place_of(other), thread.channel_id})
        title = sight.title_for(other, sight.reader_of(thread))
        return f"{request.prompt}\n{other.key}: {title}" if title else request.prompt
    shown = sight_of(request.run, thread)
    return shown.says(request.prompt, shown.why)


def _is_plain(found: sources.Sources) -> bool:
    """Whether everything was said in the thread's own channel."""
    own = {found.report.place, *(each.place for each in found.told), *(place for _, read in found.calls for place in read)}
    return not own & {sources.PAGE, sources.UNKNOWN}


def _ask_about(workspace_id: str, channels: set[str]) -> None:
    for channel_id in slack_channels.to_ask(workspace_id, channels):
        ask(workspace_id, channel_id)


def ask(workspace_id: str, channel_id: str) -> None:
    """Ask Slack what a channel is, and keep it. Raises `DeliveryError` if it does not say now."""
    try:
        answer = client_of(workspace_id).conversations_info(channel=channel_id)
    except SlackNotConnected as error:
        raise DeliveryError(error.message) from error
    except SlackApiError as error:
        code = str(error.response.get("error", "")) if isinstance(error.response.data, dict) else ""
        if not code or code in PASSING:
            raise DeliveryError(f"Slack does not say whether {channel_id} is private: {code or 'no answer'}.") from error
        # A private channel that we are not in is told as one that is not there.
        log.info("whether %s is private is not known: %s", channel_id, code)
        slack_channels.note(workspace_id, channel_id, name="", is_private=None, is_member=False if code == NOT_SEEN else None)
        return
    except (SlackClientError, OSError) as error:
        raise DeliveryError(f"Slack does not say whether {channel_id} is private: {error}") from error
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

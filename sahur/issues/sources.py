"""Where what a run knows comes from, and who may read it there: reports, words of people, and what tools read in Slack."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from sahur.issues import models
from sahur.issues.services import slack_channels, slack_workspaces
from sahur.issues.services.inputs import NOBODY
from sahur.issues.services.joining import FACTS
from sahur.issues.services.messages import CARRIED
from sahur_core.issues import Role, Source, ToolResultStatus

ANYBODYS_PLACE = "*"
"""Of words that were said in one of the issue's threads, nobody knows in which."""
UNKNOWN = "?"
"""A place of which nothing is known: nobody may see what comes from there."""
PAGE = ""
"""Told to the team, outside of Slack."""
_CHANNEL_ID = re.compile(r"\b[CGD][A-Z0-9]{6,30}\b")
_CHANNEL_ARGUMENTS = re.compile(r"channel|conversation", re.IGNORECASE)
ECHOES = frozenset({"code__locate"})
"""Tools that repeat in their results what the report says."""


@dataclass(frozen=True)
class Reader:
    """Who reads a thread: the people of its channel, who may not be those of any other."""

    workspace_id: str
    channel_id: str


@dataclass(frozen=True)
class Said:
    """A text, and the channel in which it can be read."""

    place: str
    text: str
    begun_in: str = ""
    """Of a report that could not be told where it was typed: the conversation with its reporter in which it is told."""


@dataclass
class Sources:
    """All that went into the runs of an issue, since each goes on from those before.

    `calls` come without their texts, which are long, and with the places in Slack that each has read.
    """

    report: Said
    told: list[Said] = field(default_factory=list)
    calls: list[tuple[models.ToolCall, list[str]]] = field(default_factory=list)
    rooms: set[str] = field(default_factory=set)
    """Channels of all threads in which the issue is told, or was before they left it: something may have been said there."""

    def channels(self) -> set[str]:
        """Of which must be known whether they are private."""
        places = {self.report.place, *(each.place for each in self.told), *self.rooms}
        places |= {place for _, read in self.calls for place in read}
        return places - {PAGE, UNKNOWN, ANYBODYS_PLACE}


def sources_of(run: models.Run) -> Sources:
    issue = run.issue
    found = Sources(report=report_of(issue), rooms=_rooms_of([issue]).get(issue.key, set()))
    messages = models.Message.objects.filter(run__issue=issue, role=Role.USER.value).exclude(text__in=FACTS)
    found.told += _said(messages.only("text", "slack", "author_id"))
    found.told += _cause_told(issue)
    answers = models.InputRequest.objects.filter(run__issue=issue).exclude(answer="").exclude(answered_by=NOBODY)
    found.told += [Said(ANYBODYS_PLACE, answer) for answer in answers.values_list("answer", flat=True)]
    calls = models.ToolCall.objects.filter(run__issue=issue, status=ToolResultStatus.OK.value).defer("text")
    found.calls += _with_places(calls, issue)
    return found


def _rooms_of(issues: Iterable[models.Issue]) -> dict[str, set[str]]:
    """By the issue's key: the channels of threads that tell it, and of those that were told of its runs and have left it."""
    ids = [issue.id for issue in issues]
    told = models.SlackThread.objects.filter(issue__in=ids).values_list("issue__key", "channel_id")
    posts = models.Effect.objects.filter(run__issue__in=ids).exclude(thread=None)
    was_told = posts.values_list("run__issue__key", "thread__channel_id").distinct()
    rooms: dict[str, set[str]] = {}
    for key, channel in (*told, *was_told):
        rooms.setdefault(key, set()).add(channel)
    return rooms


def _cause_told(issue: models.Issue) -> list[Said]:
    """With what the issue was closed, once a further run was told of it (`RunStore.earlier_answer`), opened again or not.

    What people may change or take back, such as a vote, does not tell where it was said: rows that stay do.
    """
    if not models.Message.objects.filter(run__issue=issue, client_id__startswith=CARRIED).exists():
        return []
    closings = models.Activity.objects.filter(issue=issue, kind="issue.closed").values_list("detail__resolution", flat=True)
    causes = {cause for cause in closings if cause}
    in_slack = models.Effect.objects.filter(issue=issue, kind="slack.cause").exclude(payload__said_in="").exists()
    places = [ANYBODYS_PLACE] if in_slack else [PAGE]
    # Of several nobody knows which was said where.
    return [Said(place, cause) for cause in causes for place in (places if len(causes) == 1 else (ANYBODYS_PLACE, PAGE))]


def report_of(issue: models.Issue) -> Said:
    return Said(place_of(issue), f"{issue.title}\n{issue.body}", _begun_in(issue))


def place_of(issue: models.Issue) -> str:
    """Where it was reported."""
    return PAGE if issue.source != Source.SLACK else str(issue.source_ref.get("channel") or UNKNOWN)


def _begun_in(issue: models.Issue) -> str:
    """Where its own thread is, if that is not the place where it was typed; also while it is told with another issue."""
    typed = {"workspace_id": issue.source_ref.get("team", ""), "user_id": issue.source_ref.get("user", "")}
    if issue.source != Source.SLACK or not typed["user_id"]:
        return ""
    own = models.SlackThread.objects.filter(Q(issue=issue, joined_from=None) | Q(joined_from=issue), **typed)
    return own.exclude(channel_id=place_of(issue)).values_list("channel_id", flat=True).first() or ""


def _said(messages: Iterable[models.Message]) -> Iterable[Said]:
    told = [(message, str(message.slack.get("thread", ""))) for message in messages]
    # Also the thread of a report that joined and was separated again: it tells another issue by now.
    threads = models.SlackThread.objects.filter(id__in={thread for _, thread in told if thread}).values_list("id", "channel_id")
    channels = {str(thread_id): channel for thread_id, channel in threads}
    for message, thread in told:
        # What an alert tool tells is said in a channel, and in none of the issue's threads.
        unsaid = message.slack.get("channel") or (PAGE if message.author_id else ANYBODYS_PLACE)
        yield Said(channels.get(thread, UNKNOWN) if thread else unsaid, message.text)


def is_of_slack(tool: str, arguments: dict[str, Any]) -> bool:
    """Whether a tool reads Slack: by its name, or its server's, or because it is asked about a channel of Slack."""
    return "slack" in tool.casefold() or bool(_channels_in(arguments))


def _channels_in(arguments: dict[str, Any]) -> list[str]:
    named = (str(value) for name, value in arguments.items() if _CHANNEL_ARGUMENTS.search(name))
    return [each for value in named for each in _CHANNEL_ID.findall(value)]


def _with_places(calls: Iterable[models.ToolCall], issue: models.Issue) -> Iterable[tuple[models.ToolCall, list[str]]]:
    told = [(call, is_of_slack(call.tool, call.arguments)) for call in calls]
    of_issues = [call.id for call, is_slack in told if call.tool.startswith("issues__") and not is_slack]
    earlier = _places_of_issues(of_issues, issue) if of_issues else {}
    for call, is_slack in told:
        yield call, (_channels_in(call.arguments) or [UNKNOWN]) if is_slack else earlier.get(call.id, [])


def _places_of_issues(call_ids: list[str], issue: models.Issue) -> dict[str, list[str]]:
    """Where the earlier issues of the team were told that each call has read: it may have been in a private channel."""
    key = re.compile(rf"\b{re.escape(issue.team.key)}-\d{{1,9}}\b")
    texts = models.ToolCall.objects.filter(id__in=call_ids).values_list("id", "text")
    read = {call_id: set(key.findall(text)) - {issue.key} for call_id, text in texts}
    others = models.Issue.objects.filter(team_id=issue.team_id, key__in=set().union(*read.values()))
    found = list(others.only("key", "source", "source_ref"))
    rooms = _rooms_of(found)
    places = {other.key: {place_of(other)} | rooms.get(other.key, set()) for other in found}
    return {call_id: [place for each in keys for place in places.get(each, ())] for call_id, keys in read.items()}


@dataclass(frozen=True)
class Eyes:
    """What a reader may see of places: their own channel, public ones of their workspace, and what the team is told."""

    reader: Reader
    open_channels: frozenset[str]
    is_of_team: bool
    """Whether everybody in the workspace may do something for the team, and so see what is told to it."""
    is_shared: bool = False
    """Whether people of other companies read the channel, who see no other one."""

    def see(self, place: str) -> bool:
        if place == self.reader.channel_id:
            return True
        if self.is_shared:
            return False
        if place == PAGE:
            return self.is_of_team
        return place in self.open_channels

    def see_said(self, said: Said, rooms: set[str]) -> bool:
        if said.place == ANYBODYS_PLACE:
            return all(self.see(room) for room in rooms)
        return self.see(said.place) or said.begun_in == self.reader.channel_id


def eyes_of(reader: Reader, channels: set[str], team_id: int) -> Eyes:
    """`team_id`: whose issue it is."""
    own = models.SlackChannel.objects.filter(workspace_id=reader.workspace_id, channel_id=reader.channel_id, is_shared=True)
    return Eyes(
        reader=reader,
        open_channels=frozenset(slack_channels.open_among(reader.workspace_id, channels)),
        is_of_team=bool(slack_workspaces.guest_role(reader.workspace_id, team_id)),
        is_shared=own.exists(),
    )

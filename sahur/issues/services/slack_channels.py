"""What Slack has said of channels: their names, and whether everybody of the workspace may read them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from sahur.issues import models
from sahur.issues.services import effects

KIND = "slack.channel"
ASK_AGAIN_AFTER = timedelta(hours=4)
"""A channel may become private at any time."""


def is_channel(channel_id: str) -> bool:
    """Direct messages (`D…`) and groups (`G…`) are private by their nature: nobody need be asked about them."""
    return channel_id.startswith("C")


def note(
    workspace_id: str,
    channel_id: str,
    *,
    name: str,
    is_private: bool | None,
    is_shared: bool = False,
    is_member: bool | None = None,
) -> models.SlackChannel:
    """Keep what Slack says now; None: it does not tell. Such a channel counts as private."""
    row, _ = models.SlackChannel.objects.update_or_create(
        workspace_id=workspace_id,
        channel_id=channel_id,
        defaults={
            "is_private": is_private,
            "is_shared": is_shared,
            "is_member": is_member,
            "asked_at": timezone.now(),
            **({"name": name[:200]} if name else {}),
        },
    )
    return row


def ask(workspace_id: str, channel_id: str) -> None:
    """Have Slack asked what this is: at most once a minute."""
    asked = {"workspace_id": workspace_id, "channel_id": channel_id}
    effects.plan_once(KIND, f"{workspace_id}:{channel_id}:{timezone.now():%Y-%m-%dT%H:%M}", asked)


def ask_for_report(workspace_id: str, channel_id: str) -> None:
    """A report comes from there: have Slack asked what it is, unless it has said so lately; at most once an hour.

    Without a hint, which a burst of reports would pay for: the reaper sends it when it is due.
    """
    is_direct = channel_id.startswith("D")
    if not is_direct and not _fresh(workspace_id, [channel_id]):
        asked = {"workspace_id": workspace_id, "channel_id": channel_id}
        effects.plan_once(KIND, f"{workspace_id}:{channel_id}:{timezone.now():%Y-%m-%dT%H}", asked, after=timedelta(0))


def to_ask(workspace_id: str, channel_ids: Collection[str]) -> list[str]:
    """Those of which nothing is known, or nothing fresh, in order."""
    asked = sorted({each for each in channel_ids if is_channel(each)})
    known = _fresh(workspace_id, asked)
    return [each for each in asked if each not in known]


def _fresh(workspace_id: str, channel_ids: Collection[str]) -> set[str]:
    """Those of which Slack has said lately what they are."""
    rows = models.SlackChannel.objects.filter(
        Q(asked_at__gt=Now() - ASK_AGAIN_AFTER), workspace_id=workspace_id, channel_id__in=channel_ids
    )
    return set(rows.values_list("channel_id", flat=True))


def open_among(workspace_id: str, channel_ids: Collection[str]) -> set[str]:
    """Those that everybody in this workspace may read for sure.

    A channel that companies share has one id in all their workspaces, and may be private in one and public in the other.
    """
    rows = models.SlackChannel.objects.filter(workspace_id=workspace_id, channel_id__in=list(channel_ids), is_private=False)
    return {each for each in rows.values_list("channel_id", flat=True) if is_channel(each)}


def names_of(places: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """How people see places, by workspace and channel: `#payments` of a public channel; of others no name."""
    rows = models.SlackChannel.objects.filter(channel_id__in={channel_id for _, channel_id in places}, is_private=False)
    public = {(row.workspace_id, row.channel_id): f"#{row.name}" if row.name else row.channel_id for row in rows}
    return {place: _shown(place[1], public.get(place, "")) for place in places}


def _shown(channel_id: str, public_name: str) -> str:
    if channel_id.startswith("D"):
        return "a direct message"
    return public_name if public_name and is_channel(channel_id) else "a private channel"

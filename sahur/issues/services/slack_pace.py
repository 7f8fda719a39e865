"""How fast Slack's methods are called, over all workers: counted in a row, by the database's clock.

Slack limits each method in each workspace, and posts in each channel
(https://docs.slack.dev/apis/web-api/rate-limits). Calls are counted as in a leaky bucket: a call adds `seconds` to
`next_at`, time takes them away, and at most `burst` calls are ahead of the even pace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest, Now

from sahur.issues import models

MAX_HOLD = timedelta(hours=1)
"""The longest pause that Slack may ask for; a later one was written before the database's clock jumped back."""


@dataclass(frozen=True)
class Limit:
    """One call every `seconds` on the average, `burst` at once after a silence: `burst + 60 / seconds` in any minute."""

    seconds: float
    burst: int


_TAKE = """
insert into issues_slackpace as pace (workspace_id, method, channel_id, next_at)
values (%(workspace)s, %(method)s, %(channel)s, clock_timestamp() + make_interval(secs => %(step)s))
on conflict (workspace_id, method, channel_id) do update
set next_at = case when pace.next_at between clock_timestamp() and clock_timestamp() + make_interval(secs => %(sane)s)
    then pace.next_at else clock_timestamp() end + make_interval(secs => %(step)s)
where pace.next_at <= clock_timestamp() + make_interval(secs => %(ahead)s)
    or pace.next_at > clock_timestamp() + make_interval(secs => %(sane)s)
returning 1
"""
_WAIT = """
select extract(epoch from next_at - clock_timestamp()) from issues_slackpace
where workspace_id = %(workspace)s and method = %(method)s and channel_id = %(channel)s
"""


def take(workspace_id: str, method: str, channel_id: str, limit: Limit, *, spare: int = 0) -> float:
    """Count one call and return 0, or return after how many seconds it may be made.

    A call that can wait leaves `spare` calls of the burst to those that cannot.
    """
    ahead = limit.seconds * (limit.burst - 1 - spare)
    values: dict[str, str | float] = {
        "workspace": workspace_id,
        "method": method,
        "channel": channel_id,
        "step": limit.seconds,
        "ahead": ahead,
        # Further ahead than calls can bring it: the database's clock has jumped back.
        "sane": limit.seconds * (limit.burst + 1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        if cursor.fetchone():
            return 0.0
        cursor.execute(_WAIT, values)
        row = cursor.fetchone()
    return max(float(row[0]) - ahead, 0.05) if row else 0.05


def hold(workspace_id: str, method: str, seconds: float) -> None:
    """Slack asks to wait: nobody calls this method in this workspace before. A longer wait that is known stays."""
    until = Now() + min(timedelta(seconds=seconds), MAX_HOLD)
    row, is_new = models.SlackPace.objects.get_or_create(
        workspace_id=workspace_id, method=method, channel_id="", defaults={"held_until": until}
    )
    if not is_new:
        # The greater of a value and nothing is the value.
        models.SlackPace.objects.filter(pk=row.pk).update(held_until=Greatest(F("held_until"), until))


def held_for(workspace_id: str, method: str) -> float:
    """For how many seconds Slack wants no such call; 0 if it does not mind."""
    held = models.SlackPace.objects.filter(
        workspace_id=workspace_id, method=method, channel_id="", held_until__gt=Now(), held_until__lt=Now() + 2 * MAX_HOLD
    )
    left = held.annotate(left=F("held_until") - Now()).values_list("left", flat=True).first()
    return float(left.total_seconds()) if left else 0.0

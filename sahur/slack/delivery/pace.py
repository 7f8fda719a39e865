"""Before a call of Slack's Web API: may it be made now, or who goes first?

Nothing waits here. What may not go yet is put back with the time at which its turn comes, by its place among those that
wait for the same: so a burst is worked off in order, without all of it trying again at once.
"""

from __future__ import annotations

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import slack_pace
from sahur.issues.services.slack_pace import Limit

UPDATES = Limit(seconds=1.8, burst=15)
"""48 in any minute: chat.update is of Slack's tier 3, 50 a minute in a workspace."""
SPARE_UPDATES = 8
"""Of the burst, for ends and answers: progress that is shown a little later harms nobody."""
POSTS = Limit(seconds=1.3, burst=2)
"""chat.postMessage: one a second in a channel, five in any five seconds; of longer bursts Slack promises nothing."""


def take_turn(effect: models.Effect, workspace_id: str, method: str, *, can_wait: bool) -> None:
    """Count the call that comes next. Raises `DeliveryError` that says when, if it may not be made yet."""
    seconds = slack_pace.held_for(workspace_id, method)
    if seconds:
        raise DeliveryError(
            f"Slack asks to wait before {method}.", retry_after=seconds + _queue(effect, method, can_wait), is_untried=True
        )
    if method == "chat.update":
        seconds = slack_pace.take(workspace_id, method, "", UPDATES, spare=SPARE_UPDATES if can_wait else 0)
    elif method == "chat.postMessage" and effect.thread is not None:
        seconds = slack_pace.take(workspace_id, method, effect.thread.channel_id, POSTS)
    if seconds:
        raise DeliveryError("Others go first.", retry_after=seconds + _queue(effect, method, can_wait), is_untried=True)


def _queue(effect: models.Effect, method: str, can_wait: bool) -> float:
    """How many seconds those need that have waited for the same for longer."""
    if effect.thread is None or method not in ("chat.update", "chat.postMessage"):
        return 0.0
    waiting = models.Effect.objects.filter(
        state=models.EffectState.PENDING, thread__workspace_id=effect.thread.workspace_id, created_at__lt=effect.created_at
    )
    if method == "chat.update":
        updates = waiting.filter(kind__endswith="_update")
        return (updates if can_wait else updates.filter(payload__is_live__isnull=True)).count() * UPDATES.seconds
    posts = waiting.exclude(kind__endswith="_update").filter(thread__channel_id=effect.thread.channel_id)
    return posts.count() * POSTS.seconds

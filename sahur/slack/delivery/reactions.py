"""Short signs to who spoke: an emoji under the words, and a hint that only they see. Done again, they change nothing."""

from __future__ import annotations

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import effects
from sahur.issues.services.effects import MARKS
from sahur.slack.delivery.calls import call, client_for
from sahur.slack.delivery.posts import Result, alone, place_of
from sahur_core.issues import MessageStatus

NOTHING_TO_DO = frozenset(
    {"already_reacted", "message_not_found", "no_reaction", "too_many_emoji", "too_many_reactions", "thread_locked"}
)
"""It is there already, or its message takes none (any more): nobody needs to hear of that."""
HINT = "The investigation has ended. What you said is kept for the next one: mention me in this thread to start it."


def deliver_reaction(effect: models.Effect) -> Result:
    """The mark of how things stand, in place of the earlier ones.

    What is said again to a further run is another message of the same words, so the newest one counts. The effect of a mark is
    written with what it tells: whichever of them is delivered last sees how things stand, and the others do nothing.
    """
    channel, _ = place_of(effect)
    name, ts = str(effect.payload["name"]), str(effect.payload["ts"])
    with alone(f"mark {effect.thread_id} {ts}"):
        message_id, wanted = _wanted(effect, ts)
        if (effect.payload.get("message", message_id), name) != (message_id, wanted):
            # A delivery that died may have set it all the same.
            return _remove(effect, channel, ts, {name} - {wanted}) if effect.attempt > 1 else {}
        result: Result = {"channel": channel, "ts": ts, **_mark(effect, "reactions.add", channel, ts, name)}
        earlier = _earlier(effect, ts)
        _remove(effect, channel, ts, {str(each.payload["name"]) for each in earlier} - {name})
        for each in earlier:
            effects.note_of_post(each, is_gone=True)
    return result


def _wanted(effect: models.Effect, ts: str) -> tuple[str, str]:
    """The newest message of these words, and the mark of what became of it by now; empty where there is none."""
    issues = {effect.issue_id, *((effect.thread.issue_id, effect.thread.joined_from_id) if effect.thread else ())}
    said = models.Message.objects.filter(run__issue__in=issues - {None}, slack={"thread": str(effect.thread_id), "ts": ts})
    newest = said.order_by("created_at", "id").last()
    return (str(newest.id), MARKS.get(MessageStatus(newest.status), "")) if newest and newest.status else ("", "")


def _earlier(effect: models.Effect, ts: str) -> list[models.Effect]:
    """Marks under the same words that were set, as far as is known, and are still there."""
    others = models.Effect.objects.filter(thread=effect.thread, kind=effect.kind, payload__ts=ts).exclude(id=effect.id)
    done = others.filter(state=models.EffectState.DONE, result__has_key="ts")
    return list(done.exclude(result__has_key="is_gone"))


def _remove(effect: models.Effect, channel: str, ts: str, names: set[str]) -> Result:
    for name in sorted(names):
        _mark(effect, "reactions.remove", channel, ts, name)
    return {}


def _mark(effect: models.Effect, method: str, channel: str, ts: str, name: str) -> Result:
    """https://docs.slack.dev/reference/methods/reactions.add, https://docs.slack.dev/reference/methods/reactions.remove"""
    try:
        call(client_for(effect), method, json={"channel": channel, "timestamp": ts, "name": name})
    except DeliveryError as refused:
        if refused.reason not in NOTHING_TO_DO:
            raise
        return {"reason": refused.reason}
    return {}


def deliver_hint(effect: models.Effect) -> Result:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral"""
    channel, thread_ts = place_of(effect)
    told = {"channel": channel, "user": effect.payload["user"], "thread_ts": thread_ts, "text": HINT}
    call(client_for(effect), "chat.postEphemeral", json=told)
    return {"channel": channel}

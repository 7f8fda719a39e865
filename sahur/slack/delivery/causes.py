"""What somebody says that the real cause was: one message in each thread of the issue, brought to what holds by now."""

from __future__ import annotations

from typing import Any

from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.sources import PAGE
from sahur.slack.blocks.block_kit import Post
from sahur.slack.blocks.feedback import cause_post, cause_taken_back
from sahur.slack.delivery.posts import Result, after_card, has_left, post_once, posted_by, run_of, update
from sahur.slack.visibility import sees
from sahur_core.issues import IssueStatus, Source


def deliver_cause(effect: models.Effect) -> Result:
    """Nothing where the thread has left meanwhile, or it was taken back before anybody was told."""
    after_card(effect)
    if _given(effect.payload) is None:
        return {}
    if effect.thread is not None and has_left(run_of(effect), effect.thread):
        return {}
    return post_once(effect, _post(effect, effect.payload))


def deliver_cause_update(effect: models.Effect) -> Result:
    told = posted_by(effect, "slack.cause", payload__feedback=effect.payload["feedback"])
    if told is None or (told.state == models.EffectState.DONE and not told.result):
        return {}
    return update(effect, told, lambda: _post(effect, told.payload))


def _post(effect: models.Effect, told: dict[str, Any]) -> Post:
    run, thread = run_of(effect), effect.thread
    if thread is None:
        raise DeliveryError("The issue names no Slack thread to tell it in.", permanent=True)
    given = _given(told)
    if given is None:
        return cause_taken_back(run, told["author"])
    # What was changed on the page since may still be what was said in Slack.
    places = {told["said_in"]} | (set() if given.source == Source.SLACK else {PAGE})
    cause = given.comment if all(sees(thread, place, run.issue.team_id) for place in places) else None
    return cause_post(run, given.author, cause, is_closed=run.issue.status == IssueStatus.CLOSED)


def _given(told: dict[str, Any]) -> models.Feedback | None:
    """The vote with the cause, as it is by now; None if it holds no more."""
    votes = models.Feedback.objects.filter(id=told["feedback"], vote=models.Vote.DOWN)
    return votes.exclude(comment="").first()

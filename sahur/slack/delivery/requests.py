"""What a run asks of people, as a message that is edited to its true state."""

from __future__ import annotations

from dataclasses import replace

from sahur.issues import models
from sahur.issues.selectors import who_separated
from sahur.slack.blocks.block_kit import Post
from sahur.slack.blocks.requests import Joined, Other, Seen, not_here, request_post
from sahur.slack.delivery.posts import Result, after_card, has_left, post_once, posted_by, run_of, update
from sahur.slack.visibility import prompt_in, sight_of, title_in, told_at
from sahur_core.issues import Decision, InputKind


def deliver_request(effect: models.Effect) -> Result:
    """Nothing where the thread has left meanwhile."""
    after_card(effect)
    if effect.thread is not None and has_left(run_of(effect), effect.thread):
        return {}
    return post_once(effect, _post(effect))


def deliver_request_update(effect: models.Effect) -> Result:
    asked = posted_by(effect, "slack.input", payload__input_request=effect.payload.get("input_request"))
    if asked is None or (asked.state == models.EffectState.DONE and not asked.result):
        # It was asked before the thread told of this run, or after it had left.
        return {}
    return update(effect, asked, lambda: _post(effect))


def _post(effect: models.Effect) -> Post:
    request = _request(effect)
    if request.answered_at is None and effect.thread is not None and has_left(run_of(effect), effect.thread):
        return not_here(request)
    return request_post(request, _seen(request, effect.thread) if effect.thread else None)


def _seen(request: models.InputRequest, thread: models.SlackThread) -> Seen:
    """An offer to join is made for the thread's own readers; of anything else they may see a part."""
    whole = Seen.all_of(request)
    if request.kind == InputKind.JOIN:
        return replace(whole, other=_other(request, thread), joined=_joined(request))
    prompt, seen = prompt_in(request, thread), sight_of(request.run, thread)
    is_whole = seen.is_whole or (prompt == request.prompt and not request.tool)
    return Seen(prompt, seen.says(whole.said), seen.says(whole.default), is_whole)


def _joined(request: models.InputRequest) -> Joined:
    """What became of it, once somebody has said that it is the same problem."""
    if request.decision != Decision.APPROVE or request.run.issue.joined_id is not None:
        return Joined()
    has_joined = models.Event.objects.filter(run=request.run, kind="run.canceled").exclude(payload__joined="").exists()
    return Joined(undone_by=who_separated(request.run.issue)) if has_joined else Joined(is_late=True)


def _other(request: models.InputRequest, thread: models.SlackThread) -> Other | None:
    """What the thread may be told of the issue in question, by what is known of its channel now."""
    team = request.run.issue.team_id
    other = models.Issue.objects.filter(key=request.arguments.get("issue"), team_id=team).first()
    if other is None:
        return None
    return Other(other.key, other.address, title_in(other, thread), told_at(other, thread))


def _request(effect: models.Effect) -> models.InputRequest:
    request = models.InputRequest.objects.select_related("run__issue__team")
    return request.get(id=effect.payload["input_request"], run=effect.run)

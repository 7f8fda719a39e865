"""What a run asks of people, as a message that is edited to its true state."""

from __future__ import annotations

from dataclasses import replace

from sahur.issues import models
from sahur.slack.blocks.block_kit import Post
from sahur.slack.blocks.requests import Seen, request_post
from sahur.slack.delivery.posts import Result, after_card, has_left, post_once, posted_by, run_of, update
from sahur.slack.visibility import prompt_in, sight_of
from sahur_core.issues import InputKind


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
    return request_post(request, _seen(request, effect.thread) if effect.thread else None)


def _seen(request: models.InputRequest, thread: models.SlackThread) -> Seen:
    """An offer to join is made for the thread's own readers; of anything else they may see a part."""
    prompt = prompt_in(request, thread)
    whole = replace(Seen.all_of(request), prompt=prompt)
    if request.kind == InputKind.JOIN:
        return whole
    sight = sight_of(request.run, thread)
    is_whole = sight.is_whole or (prompt == request.prompt and not request.tool)
    return Seen(prompt, sight.says(whole.said), sight.says(whole.default), is_whole)


def _request(effect: models.Effect) -> models.InputRequest:
    request = models.InputRequest.objects.select_related("run__issue__team")
    return request.get(id=effect.payload["input_request"], run=effect.run)

"""What a run asks of people, as a message that is edited to its true state."""

from __future__ import annotations

from sahur.issues import models
from sahur.slack.blocks.requests import request_post
from sahur.slack.delivery.posts import Result, after_card, post_once, posted_by, update


def deliver_request(effect: models.Effect) -> Result:
    after_card(effect)
    return post_once(effect, request_post(_request(effect)))


def deliver_request_update(effect: models.Effect) -> Result:
    asked = posted_by(effect, "slack.input", payload__input_request=effect.payload.get("input_request"))
    return update(effect, asked, lambda: request_post(_request(effect)))


def _request(effect: models.Effect) -> models.InputRequest:
    request = models.InputRequest.objects.select_related("run__issue__team")
    return request.get(id=effect.payload["input_request"], run=effect.run)

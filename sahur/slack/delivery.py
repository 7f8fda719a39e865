"""Deliver effects of the kinds `slack.…`: once each, found again by the key in the message's metadata.

Slack has no idempotency key for `chat.postMessage`, but a message can carry metadata, which `conversations.replies`
gives back (https://docs.slack.dev/messaging/message-metadata; scope `metadata.message:read`). So a delivery that may
have happened is looked up before it is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from sahur.batch.effects import DeliveryError
from sahur.issues import mapping, models
from sahur.issues.redaction import without_secrets
from sahur.slack import blocks
from sahur.slack.app import is_configured, web_client
from sahur.slack.block_kit import Post
from sahur.slack.hypotheses import leading
from sahur.slack.requests import request_post
from sahur_core.events import RunCanceled

EVENT_TYPE = "sahur_effect"
PAGES = 10
PAGE_MESSAGES = 200

# Slack's own faults and "later"; everything else says that the same request can never work.
PASSING = {
    "accesslimited",
    "fatal_error",
    "internal_error",
    "ratelimited",
    "rate_limited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}

Result = dict[str, Any]


def deliver(effect: models.Effect) -> Result:
    """Post or update; `{"channel", "ts"}` of the message. Raises `DeliveryError`."""
    client = _client()
    run = _run(effect)
    if effect.kind == "slack.card":
        return _post(client, effect, _card_post(run))
    if effect.kind == "slack.card_update":
        return _update(client, effect, _posted(effect, "slack.card"), lambda: _card_post(_run(effect)))
    if effect.kind in ("slack.answer", "slack.input"):
        card = _posted(effect, "slack.card")
        if card is not None and card.state in (models.EffectState.PENDING, models.EffectState.STARTED):
            raise DeliveryError("The card comes first.")
        is_answer = effect.kind == "slack.answer"
        return _post(client, effect, _answer_post(effect, run) if is_answer else request_post(_request(effect)))
    if effect.kind == "slack.input_update":
        asked = _posted(effect, "slack.input", payload__input_request=effect.payload.get("input_request"))
        return _update(client, effect, asked, lambda: request_post(_request(effect)))
    raise DeliveryError(f"Slack does not know effects of kind {effect.kind}.", permanent=True)


def find(effect: models.Effect) -> Result | None:
    """The message that an earlier delivery posted, None if there is none. An update is simply done again."""
    if effect.kind.endswith("_update"):
        return None
    channel, thread_ts = _place(effect)
    # Nothing was posted before the effect existed; a minute for clocks that differ.
    oldest = f"{effect.created_at.timestamp() - 60:.6f}"
    client = _client()
    for message in _replies(client, channel, thread_ts, oldest):
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == EVENT_TYPE and metadata.get("event_payload", {}).get("key") == effect.key:
            return {"channel": channel, "ts": message["ts"]}
    return None


def _replies(client: WebClient, channel: str, thread_ts: str, oldest: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    for _ in range(PAGES):
        page = _call(
            client,
            "conversations.replies",
            http_verb="GET",
            params={
                "channel": channel,
                "ts": thread_ts,
                "oldest": oldest,
                "limit": PAGE_MESSAGES,
                "include_all_metadata": "true",
                **({"cursor": cursor} if cursor else {}),
            },
        )
        yield from page.get("messages", [])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
    # Not knowing is not "not there": posting again could be the second time.
    raise DeliveryError("The thread is too long to see whether the message was posted.", permanent=True)


def _post(client: WebClient, effect: models.Effect, post: Post) -> Result:
    channel, thread_ts = _place(effect)
    sent = _call(
        client,
        "chat.postMessage",
        json={"channel": channel, "thread_ts": thread_ts, **_content(effect, post), "unfurl_links": False, "unfurl_media": False},
    )
    return {"channel": sent.get("channel") or channel, "ts": sent["ts"]}


def _update(client: WebClient, effect: models.Effect, posted: models.Effect | None, render: Callable[[], Post]) -> Result:
    """Bring a post to how things stand. A slow update may land after a later one, so each looks again when it is done."""
    what = effect.kind.removeprefix("slack.").removesuffix("_update")
    if posted is None or posted.state == models.EffectState.FAILED:
        raise DeliveryError(f"There is no {what} to update.", permanent=True)
    if posted.state != models.EffectState.DONE:
        raise DeliveryError(f"The {what} is not posted yet.")
    channel, ts = posted.result["channel"], posted.result["ts"]
    current, shown = render(), None
    while current != shown:
        shown = current
        _call(client, "chat.update", json={"channel": channel, "ts": ts, **_content(posted, shown)})
        current = render()
    return {"channel": channel, "ts": ts}


def _posted(effect: models.Effect, kind: str, **more: Any) -> models.Effect | None:
    """The effect of the same run that posted what this one is about."""
    return models.Effect.objects.filter(run=effect.run, kind=kind, **more).first()


def _card_post(run: models.Run) -> Post:
    return blocks.card(run, leading(run))


def _answer_post(effect: models.Effect, run: models.Run) -> Post:
    solution = models.Solution.objects.filter(run=run).first()
    end = effect.payload.get("event", {})
    canceled = RunCanceled.model_validate(end) if end.get("kind") == "run.canceled" else None
    return blocks.answer(run, mapping.solution(solution) if solution else None, canceled)


def _request(effect: models.Effect) -> models.InputRequest:
    request = models.InputRequest.objects.select_related("run__issue__team")
    return request.get(id=effect.payload["input_request"], run=effect.run)


def _content(effect: models.Effect, post: Post) -> dict[str, Any]:
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": effect.key}}
    # What was stored before secrets were taken out at the doors may hold some.
    content, _ = without_secrets({"text": post.text, "blocks": post.blocks})
    return {**content, "metadata": metadata}


def _call(client: WebClient, method: str, **arguments: Any) -> dict[str, Any]:
    try:
        response = client.api_call(method, **arguments)
    except SlackApiError as error:
        raise _refused(method, error) from error
    except (SlackClientError, OSError) as error:
        raise DeliveryError(f"Slack did not answer {method}: {error}") from error
    return dict(response.data) if isinstance(response.data, dict) else {}


def _refused(method: str, error: SlackApiError) -> DeliveryError:
    response = error.response
    status = getattr(response, "status_code", 200)
    code = str(response.get("error", "")) if isinstance(getattr(response, "data", None), dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return DeliveryError(f"Slack asks to wait before {method}.", retry_after=_retry_after(getattr(response, "headers", {})))
    is_passing = status >= 500 or code in PASSING or not code
    return DeliveryError(f"Slack refused {method}: {code or f'status {status}'}.", permanent=not is_passing)


def _retry_after(headers: Any) -> float:
    """Seconds, as the header says; a minute where it says nothing usable."""
    value = {str(name).lower(): value for name, value in dict(headers).items()}.get("retry-after", "")
    text = value[0] if isinstance(value, list) and value else value
    return float(text) if str(text).isdigit() else 60.0


def _place(effect: models.Effect) -> tuple[str, str]:
    reference = effect.issue.source_ref if effect.issue else {}
    if not reference.get("channel") or not reference.get("thread_ts"):
        raise DeliveryError("The issue names no Slack thread to answer in.", permanent=True)
    return reference["channel"], reference["thread_ts"]


def _run(effect: models.Effect) -> models.Run:
    if effect.run is None:
        raise DeliveryError("The effect belongs to no run.", permanent=True)
    return models.Run.objects.select_related("issue__team", "forked_from").get(id=effect.run.id)


def _client() -> WebClient:
    if not is_configured():
        # Not permanent: the posts that wait go out when Slack is connected again, within the effect's tries.
        raise DeliveryError("Slack is not connected: SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET are not set.")
    return web_client()

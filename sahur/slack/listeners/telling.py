"""What a listener says besides what it does: stored before Slack has its answer, said right after it.

Only that the database is away is said without having been stored, and lost with the process.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from slack_bolt import BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from sahur.batch import effects
from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import slack_words
from sahur.issues.services.slack_threads import Place
from sahur_core.errors import SahurError, StorageError

log = logging.getLogger(__name__)

WORDS = "words"
"""What is to be said, in Bolt's context: ids of effects, and what could not be stored."""
EVENT = "event_id"
"""Which event is being taken, in Bolt's context."""


def tell_alone(
    context: BoltContext, place: Place, text: str, blocks: list[dict[str, Any]] | None = None, *, why: SahurError | None = None
) -> None:
    """Words for the person of the place alone. `text` is Slack's markup; `why`: the error that it tells."""
    _tell(context, place, {"user": place.user_id, "text": text, **({"blocks": blocks} if blocks else {})}, why)


def tell_thread(context: BoltContext, place: Place, text: str, *, why: SahurError | None = None) -> None:
    """Words for all who read the thread."""
    _tell(context, place, {"text": text}, why)


def say(context: BoltContext, client: WebClient) -> None:
    """After the answer to Slack."""
    for word in context.get(WORDS, ()):
        if isinstance(word, UUID):
            effects.deliver(word)
        else:
            _say_unstored(client, word)


def say_back(context: BoltContext, client: WebClient, respond: Respond) -> None:
    """The same over the address that came with a shortcut, which works also where the app is not."""

    def over_address(effect: models.Effect) -> dict[str, Any]:
        try:
            respond(text=effect.payload["text"], response_type="ephemeral", replace_original=False)
        except (SlackClientError, OSError) as error:
            raise DeliveryError(f"Slack did not take it: {error}") from error
        return {}

    for word in context.get(WORDS, ()):
        if isinstance(word, UUID):
            effects.deliver(word, another_way=over_address)
        else:
            _say_unstored(client, word)


def _tell(context: BoltContext, place: Place, words: dict[str, Any], why: SahurError | None) -> None:
    in_thread = {"thread_ts": place.root_ts} if place.root_ts else {}
    words = {"workspace_id": place.workspace_id, "channel": place.channel_id, **words, **in_thread}
    said: list[UUID | dict[str, Any]] = context.setdefault(WORDS, [])
    if isinstance(why, StorageError):
        said.append(words)
        return
    said.append(slack_words.keep(words, context.get(EVENT, ""), len(said)))


def _say_unstored(client: WebClient, words: dict[str, Any]) -> None:
    method = client.chat_postEphemeral if "user" in words else client.chat_postMessage
    try:
        method(**{name: value for name, value in words.items() if name != "workspace_id"})
    except (SlackClientError, OSError) as error:
        log.warning("somebody could not be told in Slack what became of what they did: %s", error)

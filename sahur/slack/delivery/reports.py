"""Read the rest of a report: the thread that it stands in, its files, and replies that came before their thread was ours."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.utils import timezone

from sahur.batch import actions, report_context
from sahur.batch.effects import DeliveryError
from sahur.issues import models
from sahur.issues.services import effects, slack_people, slack_words
from sahur.slack.delivery.calls import Connection, client_for
from sahur.slack.delivery.earlier import Thread, files_in, first_words, read_thread, told
from sahur.slack.delivery.files import told_files
from sahur.slack.delivery.posts import Result
from sahur.slack.markup import escape, parse_report
from sahur.slack.places import actor_of_slack_user
from sahur.slack.reading import as_word, files_of, is_of_app, is_stop, text_of
from sahur.slack.report_source import Source, source_from
from sahur_core.errors import SahurError

log = logging.getLogger(__name__)

CALL_SECONDS = 5
PATIENT_TRIES = 2
PATIENCE = timedelta(seconds=10)
"""After so many tries, or so long, the run starts without the rest, and is told it when it comes."""


def deliver_report(effect: models.Effect) -> Result:
    """Raises `DeliveryError`; the run starts all the same, at once if that is for good, else after a second try."""
    source = source_from(effect.payload["source"]) if "source" in effect.payload else None
    if source is not None and effect.attempt > PATIENT_TRIES:
        # Whatever earlier tries failed of, also a fault of our own or a lost worker: the run waits no longer.
        report_context.start_without(effect, effect.last_error or "It took too long.", for_good=False)
    try:
        connection = client_for(effect)
        connection.client.timeout = CALL_SECONDS
        thread = _thread(connection, effect, source)
        if source is not None:
            _complete(connection, effect, source, thread)
    except DeliveryError as error:
        if source is not None and (error.permanent or _is_too_late(effect, error)):
            report_context.start_without(effect, error.message, for_good=error.permanent)
        raise
    early = _say_early_replies(effect, thread, source)
    return {"messages": len(thread.messages), "early": early}


def _is_too_late(effect: models.Effect, error: DeliveryError) -> bool:
    waits_until = timezone.now() + timedelta(seconds=error.retry_after or 0)
    return effect.attempt >= PATIENT_TRIES or waits_until > effect.created_at + PATIENCE


def _thread(connection: Connection, effect: models.Effect, source: Source | None) -> Thread:
    place = effect.thread
    if place is None:
        raise DeliveryError("The report names no thread of Slack.", permanent=True)
    if effect.payload["early"] or (source is not None and source.reads_thread):
        return read_thread(connection, place.channel_id, place.root_ts)
    return Thread()


def _complete(connection: Connection, effect: models.Effect, source: Source, thread: Thread) -> None:
    messages = thread.around(source)
    parts = [told(messages, is_whole=thread.is_whole), told_files(connection, [*source.files, *files_in(messages)])]
    title = parse_report(first_words(messages)).title
    text = "\n\n".join(part for part in parts if part)
    # Told first, asked afterwards: an answer that comes meanwhile finds the ids in the report.
    here = connection.workspace_id
    report_context.complete(effect, slack_people.with_names(here, text), slack_people.with_names(here, title))
    slack_people.ask_about(here, [str(each.get("user", "")) for each in messages], text)


def _say_early_replies(effect: models.Effect, thread: Thread, source: Source | None) -> int:
    """What was said before its thread was one of ours, as if it came now. The id is the one that it would have had."""
    said = 0
    for message in thread.messages:
        if message.get("ts") not in effect.payload["early"] or is_of_app(message):
            continue
        if source is None or not source.holds(str(message["ts"])):
            said += _say(effect, message)
    return said


def _say(effect: models.Effect, message: dict[str, Any]) -> bool:
    run, place = effect.run, effect.thread
    words = as_word(text_of(message), files_of(message))
    if run is None or place is None or not words:
        return False
    text = slack_people.with_names(place.workspace_id, words)
    if models.Message.objects.filter(run__issue=run.issue, client_id=message["ts"]).exists():
        return False
    try:
        actor = actor_of_slack_user(place.workspace_id, str(message.get("user", "")), run.issue.team)
        if is_stop(words):
            actions.stop_run(actor, run.id)
            return True
        where = {"thread": str(place.id), "ts": str(message["ts"])}
        actions.send_message(actor, run.id, text, client_id=message["ts"], slack=where)
    except SahurError as error:
        log.warning("a reply that came before its thread was not said: %s", error)
        _tell_refused(place, message, error)
        return False
    return True


def _tell_refused(place: models.SlackThread, message: dict[str, Any], error: SahurError) -> None:
    """To its author alone, as what is refused in time is."""
    words = {"workspace_id": place.workspace_id, "channel": place.channel_id, "thread_ts": place.root_ts}
    ts = str(message["ts"])
    told = slack_words.keep({**words, "user": str(message.get("user", "")), "text": escape(str(error))}, f"{place.id}:{ts}", 0)
    effects.hint(told)

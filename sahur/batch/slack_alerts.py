"""Channels of alerts: what is told when there are too many, and when a problem is over."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from django.db import transaction

from sahur.accounts.actor import Actor
from sahur.batch import actions
from sahur.issues import fingerprints, models
from sahur.issues.services import joining, notices, slack_channels
from sahur.issues.services.locks import lock_run
from sahur.issues.services.slack_threads import Place

RECOVERY = "Told by an alert tool in Slack, as data: this alert is over.\n\n{words}"
MAX_WORDS = 2_000


@transaction.atomic
def tell_flood(thread: models.SlackThread, limit: int, *, hour: int) -> None:
    """Say in the channel of this thread that further alerts start no runs. The same hour again is a no-op."""
    run = models.Run.objects.select_related("issue").filter(issue=thread.issue).order_by("-number").first()
    if run is not None:
        notices.tell_flood(run, thread, limit, hour)


@transaction.atomic
def tell_recovery(actor: Actor, place: Place, words: str) -> models.Message | None:
    """Say to whatever investigates the same problem in the actor's team that it is over; else nothing happens.

    Of a channel that not everybody of the workspace may read, only the fact is passed on: whoever reads the investigation
    later could read the words in its answer. Once is enough for an alert that comes and goes: what a channel tells of the
    same thing to the same run again is a no-op.
    """
    found = fingerprints.strong(fingerprints.fingerprints_of("", words))
    run = next((run for team_id in actor.roles for run in [joining.live_with(team_id, found)] if run is not None), None)
    if run is None:
        return None
    lock_run(run.id)
    shared = next(each for each in found if each in run.issue.fingerprints)
    told = hashlib.sha256(shared.encode()).hexdigest()[:16]
    post = f"recovered:{place.workspace_id}:{place.channel_id}:{told}"
    if models.Message.objects.filter(run=run, client_id=post).exists():
        return None
    said_in = models.SlackThread(workspace_id=place.workspace_id, channel_id=place.channel_id)
    is_open = bool(slack_channels.open_among(place.workspace_id, {place.channel_id}))
    if not is_open or joining.is_more_private(said_in, run.issue_id):
        return actions.send_message(replace(actor, name="SAHUR"), run.id, joining.RECOVERY_FACT, client_id=post)
    text = RECOVERY.format(words=words[:MAX_WORDS])
    return actions.send_message(actor, run.id, text, client_id=post, slack={"channel": place.channel_id})

"""What must hold for every ended run. Each function looks at one promise and says how it is broken, if it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sahur_core.events import TERMINAL_KINDS
from sahur_core.issues import Stage
from tests.fakes.slack import Slack
from tests.faults.snapshot import Snapshot, StoredEvent

AFTERWARDS = {"effect.finished", "message.queued", "message.carried_over", "run.forked"}
"""What may still be told of a run that has ended."""

FACTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "run.queued": lambda payload: "",
    "run.stop_requested": lambda payload: "",
    "run.succeeded": lambda payload: "",
    "run.failed": lambda payload: "",
    "run.canceled": lambda payload: "",
    "evidence.found": lambda payload: payload["evidence"]["number"],
    "message.queued": lambda payload: payload["message_id"],
    "message.taken_in": lambda payload: payload["message_id"],
    "message.carried_over": lambda payload: payload["message_id"],
    "input.requested": lambda payload: payload["input_request"]["id"],
    "input.answered": lambda payload: payload["input_request_id"],
    "input.expired": lambda payload: payload["input_request_id"],
    "input.superseded": lambda payload: payload["input_request_id"],
    "run.forked": lambda payload: payload["fork_id"],
    "effect.finished": lambda payload: payload["effect_id"],
}
"""Kind of a fact to what it is about: at most one event for each."""


GRANT = "tool.call"
"""Kind of the row that uses up an approval: readers are told by the tool call itself."""
TOLD_WHEN_DONE = frozenset({"slack.card", "slack.answer", "slack.input"})
"""Posts whose success readers of the run are told; of other effects only a failure is news."""


def numbers(snapshot: Snapshot) -> Iterator[str]:
    """The numbers of the events have no gap and no double; the counter stands behind the last."""
    before = 0
    for event in snapshot.events:
        if event.first_seq != before + 1 or event.seq < event.first_seq:
            yield f"after event {before} comes {event.first_seq}..{event.seq}"
        before = event.seq
    if snapshot.run["next_seq"] != before + 1:
        yield f"the counter is {snapshot.run['next_seq']}, the last event {before}"


def fencing(snapshot: Snapshot) -> Iterator[str]:
    """Once a new attempt has written, an older one has not; a checkpoint has one successor."""
    highest = 0
    for event in snapshot.events:
        if event.attempt < highest:
            yield f"event {event.seq} ({event.kind}) is of attempt {event.attempt}, after one of attempt {highest}"
        highest = max(highest, event.attempt)
    for checkpoint, successors in snapshot.forks:
        yield f"checkpoint {checkpoint} has {successors} successors"


def facts(snapshot: Snapshot) -> Iterator[str]:
    """Each fact is told once."""
    keys = Counter(event.key for event in snapshot.events if event.key)
    yield from (f"{count} events with the key {key}" for key, count in keys.items() if count > 1)
    told = Counter((event.kind, FACTS[event.kind](event.payload)) for event in snapshot.events if event.kind in FACTS)
    yield from (f"{count} events {kind} of {about or 'the run'}" for (kind, about), count in told.items() if count > 1)


def stages(snapshot: Snapshot) -> Iterator[str]:
    """Each stage is finished once by an attempt that began it; again only if somebody said something after it."""
    finished: dict[str, StoredEvent] = {}
    owners: set[tuple[str, int]] = set()
    begun = {(event.payload["stage"], event.attempt) for event in snapshot.of_kind("stage.started")}
    for event in snapshot.of_kind("stage.finished"):
        stage = event.payload["stage"]
        if (stage, event.attempt) not in begun:
            yield f"attempt {event.attempt} finished {stage} (event {event.seq}) without having begun it"
        if (stage, event.attempt) in owners:
            yield f"attempt {event.attempt} finished {stage} twice"
        earlier = finished.get(stage)
        if earlier is not None and not _went_back(snapshot, earlier, event):
            yield f"{stage} was finished twice (events {earlier.seq} and {event.seq})"
        finished[stage] = event
        owners.add((stage, event.attempt))
    if snapshot.run["status"] == "succeeded":
        yield from (f"{stage} was never finished" for stage in _stages_to_do(snapshot) if stage.value not in finished)
        in_order = [finished[stage.value].seq for stage in Stage if stage.value in finished]
        if in_order != sorted(in_order):
            yield "the stages were finished out of order"


def _stages_to_do(snapshot: Snapshot) -> list[Stage]:
    """All of them, but for a run that goes on from another one: it begins where that one was."""
    if not snapshot.run["fork_kind"]:
        return list(Stage)
    first = Stage(snapshot.of_kind("stage.started")[0].payload["stage"])
    return list(Stage)[list(Stage).index(first) :]


def _went_back(snapshot: Snapshot, earlier: StoredEvent, later: StoredEvent) -> bool:
    between = [event for event in snapshot.events if earlier.seq < event.seq < later.seq]
    kinds = {event.kind for event in between}
    return earlier.payload["stage"] == Stage.ANALYZE and {"message.queued", "stage.started"} <= kinds


def ending(snapshot: Snapshot) -> Iterator[str]:
    """It ended once, its row says the same, nothing of it is still owned or open, and the end is the last word."""
    run = snapshot.run
    ends = snapshot.of_kind(*TERMINAL_KINDS)
    if [event.kind for event in ends] != [f"run.{run['status']}"]:
        yield f"the row says {run['status']}, the events say {[event.kind for event in ends]}"
    if ends:
        late = [event.kind for event in snapshot.events if event.seq > ends[0].seq and event.kind not in AFTERWARDS]
        if late:
            yield f"told after the end: {late}"
    if run["lease_until"] is not None or run["owner"]:
        yield f"the ended run is still owned by {run['owner']!r} until {run['lease_until']}"
    if run["ended_at"] is None:
        yield "the ended run has no time of its end"
    if run["status"] == "failed" and not all(run["failure"].get(part) for part in ("stage", "code", "cause", "next_step")):
        yield f"the failure does not say enough: {run['failure']}"
    if run["status"] == "succeeded" and snapshot.solutions != 1:
        yield f"a succeeded run with {snapshot.solutions} solutions"
    yield from (f"request {row['id']} is still open" for row in snapshot.inputs if row["answered_at"] is None)


def people(snapshot: Snapshot) -> Iterator[str]:
    """What persons said and answered has an end of its own, and it was told."""
    told = {
        status: {event.payload["message_id"] for event in snapshot.of_kind(f"message.{status}")}
        for status in ("queued", "taken_in", "carried_over")
    }
    for message in snapshot.messages:
        if message["status"] == "queued":
            yield f"message {message['id']} still waits although the run has ended"
        if message["id"] not in told["queued"] or message["id"] not in told[message["status"]]:
            yield f"message {message['id']} is {message['status']}, but nobody was told"
    if both := told["taken_in"] & told["carried_over"]:
        yield f"messages both taken in and carried over: {sorted(both)}"
    if lost := set().union(*told.values()) - {message["id"] for message in snapshot.messages}:
        yield f"messages that were told of and are no more: {sorted(lost)}"
    answered = {event.payload["input_request_id"] for event in snapshot.of_kind("input.answered")}
    for row in snapshot.inputs:
        if bool(row["decision"]) != (row["id"] in answered):
            yield f"request {row['id']}: its row says {row['decision']!r}, the events say {row['id'] in answered}"


def findings(snapshot: Snapshot) -> Iterator[str]:
    """Evidence that is stored was told, and the other way round."""
    told = sorted(event.payload["evidence"]["number"] for event in snapshot.of_kind("evidence.found"))
    if told != snapshot.evidence:
        yield f"evidence {snapshot.evidence} is stored, {told} was told"


def graph(snapshot: Snapshot) -> Iterator[str]:
    """The workflow's own memory is at its end, and names only rows that are there."""
    if snapshot.run["status"] == "succeeded" and snapshot.state.get("finished_stage") != Stage.PUBLISH.value:
        yield f"the run succeeded, its last checkpoint is at {snapshot.state.get('finished_stage')!r}"
    transcript = snapshot.state.get("transcript", [])
    if len(transcript) != len(set(transcript)):
        yield "the transcript names a message twice"
    if snapshot.unknown_transcript:
        yield f"the transcript names {snapshot.unknown_transcript} messages that are no rows"


def effects(snapshot: Snapshot) -> Iterator[str]:
    """Each effect came to an end, with a reason where it failed, and was told."""
    told = {event.payload["effect_id"]: event.payload["status"] for event in snapshot.of_kind("effect.finished")}
    for effect in snapshot.effects:
        name = f"effect {effect['key']}"
        if effect["state"] not in ("done", "failed"):
            yield f"{name} is still {effect['state']} after {effect['attempt']} deliveries"
        elif _is_news(effect) and told.get(effect["id"]) != effect["state"]:
            yield f"{name} is {effect['state']}, told was {told.get(effect['id'])}"
        if effect["state"] == "failed" and not effect["last_error"]:
            yield f"{name} failed without a reason"


def _is_news(effect: dict[str, Any]) -> bool:
    return effect["kind"] != GRANT and (effect["state"] == "failed" or effect["kind"] in TOLD_WHEN_DONE)


def posts(snapshot: Snapshot, slack: Slack, run: str) -> Iterator[str]:
    """In the workspace each post is there once; one whose effect is done is there."""
    keys = [
        (message.get("metadata") or {}).get("event_payload", {}).get("key", "")
        for channel in list(slack.channels)
        for message in slack.messages(channel)
    ]
    found = Counter(key for key in keys if key.startswith(f"{run}:"))
    yield from (f"{count} posts with the key {key}" for key, count in found.items() if count > 1)
    for effect in snapshot.effects:
        if effect["kind"] in ("slack.card", "slack.answer") and effect["state"] == "done" and not found[effect["key"]]:
            yield f"effect {effect['key']} is done, but nothing was posted"


ALL: tuple[Callable[[Snapshot], Iterator[str]], ...] = (
    numbers, fencing, facts, stages, ending, people, findings, graph, effects,
)  # fmt: skip

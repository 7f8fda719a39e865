"""Each run that ended, looked at as soon as it has: what its reader saw, and what the checker says."""

from __future__ import annotations

from tests.faults import invariants, snapshot
from tests.faults.checker import patiently
from tests.faults.reader import Reader
from tests.faults.snapshot import Snapshot
from tests.faults.soak.record import Record
from tests.faults.soak.surroundings import Surroundings

LATER = {"effects"}
"""Effects may still be on their way; they are judged at the end."""
STOP_SECONDS = """
select extract(epoch from max(at) filter (where kind = 'run.canceled')
                        - max(at) filter (where kind = 'run.stop_requested'))::float
from issues_event where run_id = %s
"""
MAY_HAPPEN = {"gateway_unavailable", "model_unavailable"}
"""What may fail a run while its surroundings are being killed: it was told, and says what to do."""


def look_at(world: Surroundings, record: Record, run: str, reader: Reader) -> None:
    """Record what is broken, and forget the rest: memory must stay flat."""
    found = take_at_one_moment(world, run)
    last = found.events[-1].seq
    in_time = reader.wait_for(last, 60)
    reader.close()
    record.count("sockets", "connections", reader.connections)
    record.count("sockets", "events seen", len(reader.events))
    if not in_time:
        record.violation(f"run {run}: its reader saw events up to {reader.cursor} of {last}")
    for fault in reader.faults(max(last, reader.cursor)):
        record.violation(f"run {run}: reader: {fault}")
    stored = {event.seq: event.kind for event in found.events}
    for event in reader.events:
        kind = event["payload"]["kind"]
        if stored.get(event["seq"], kind) != kind:
            record.violation(f"run {run}: event {event['seq']} is {stored[event['seq']]}, its reader saw {kind}")
    for promise in invariants.ALL:
        if promise.__name__ not in LATER:
            for detail in promise(found):
                record.violation(f"run {run}: {promise.__name__}: {detail}")
    failure = found.run["failure"] or {}
    if failure and failure["code"] not in MAY_HAPPEN:
        record.violation(f"run {run} failed: {failure}")
    record.count("attempts", f"{min(max(event.attempt for event in found.events), 12)} in a run")
    restarts = len(found.of_kind("attempt.restarted"))
    record.count("restarts", f"{restarts} in a run")
    if found.run["status"] == "canceled":
        record.measure("stop, from request to end", world.query(STOP_SECONDS, run)[0][0])


def take_at_one_moment(world: Surroundings, run: str) -> Snapshot:
    """A snapshot between whose statements nothing was told: effects may still come to their end."""
    while True:
        found = patiently(lambda: snapshot.take(world.system, run), 120)
        last = world.query("select next_seq - 1 from issues_runlease where run_id = %s", run)[0][0]
        if found.run["next_seq"] == last + 1:
            return found

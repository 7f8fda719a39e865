"""Everything that the database holds of one ended run, read for the checker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.postgres import PostgresSaver

from tests.e2e.system import System


@dataclass(frozen=True)
class StoredEvent:
    first_seq: int
    seq: int
    attempt: int
    kind: str
    key: str | None
    payload: dict[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """The rows of a run as they are when it has ended and its effects have come to rest."""

    run: dict[str, Any]
    """status, verdict, failure, ended_at, fork_kind, and of the lease: lease_until, owner, next_seq."""
    events: list[StoredEvent]
    messages: list[dict[str, Any]]
    """What persons said: id, status, client_id."""
    inputs: list[dict[str, Any]]
    evidence: list[int]
    solutions: int
    effects: list[dict[str, Any]]
    forks: list[tuple[str, int]]
    """Checkpoints with more than one successor: two workers went on from the same one."""
    state: dict[str, Any]
    """The channels of the last checkpoint, empty if there is none."""
    unknown_transcript: int
    """Ids in the graph's transcript that are no rows."""

    def of_kind(self, *kinds: str) -> list[StoredEvent]:
        return [event for event in self.events if event.kind in kinds]


def rows(system: System, sql: str, *parameters: Any) -> list[dict[str, Any]]:
    """The rows as dictionaries; the statement gives one JSON object per row."""
    return [row for (row,) in system.query(f"select to_jsonb(found) from ({sql}) as found", *parameters)]


def take(system: System, run: str) -> Snapshot:
    """Read it all. Raises `AssertionError` if there is no such run."""
    found = rows(
        system,
        "select r.status, r.verdict, r.failure, r.ended_at, r.fork_kind, l.lease_until, l.owner, l.next_seq, l.attempt "
        "from issues_run r join issues_runlease l on l.run_id = r.id where r.id = %s",
        run,
    )
    assert found, f"there is no run {run}"
    events = rows(
        system, "select first_seq, seq, attempt, kind, key, payload from issues_event where run_id = %s order by seq", run
    )
    state = _state(system, run)
    transcript = [str(row_id) for row_id in state.get("transcript", [])]
    known = system.query("select count(*) from issues_message where run_id = %s and id = any(%s::uuid[])", run, transcript)
    return Snapshot(
        run=found[0],
        events=[StoredEvent(**event) for event in events],
        messages=rows(system, "select id, status, client_id from issues_message where run_id = %s and status <> ''", run),
        inputs=rows(system, "select id, answered_at, decision from issues_inputrequest where run_id = %s", run),
        evidence=[number for (number,) in system.query("select number from issues_evidence where run_id = %s order by 1", run)],
        solutions=system.query("select count(*) from issues_solution where run_id = %s", run)[0][0],
        effects=rows(system, "select id, key, kind, state, last_error, attempt from issues_effect where run_id = %s", run),
        forks=system.query(
            "select parent_checkpoint_id, count(*) from checkpoints where thread_id = %s and checkpoint_ns = '' "
            "group by 1 having count(*) > 1",
            run,
        ),
        state=state,
        unknown_transcript=len(set(transcript)) - known[0][0] if transcript else 0,
    )


def _state(system: System, run: str) -> dict[str, Any]:
    with PostgresSaver.from_conn_string(system.env["DATABASE_URL"]) as saver:
        head = saver.get_tuple({"configurable": {"thread_id": run, "checkpoint_ns": ""}})
    return dict(head.checkpoint["channel_values"]) if head else {}

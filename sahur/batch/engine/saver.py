"""LangGraph's checkpoints, written only by the attempt that owns the run.

The saver takes the newest checkpoint of a thread as its head, whoever wrote it. A worker that was only stopped would, when
it wakes up, lay its own on top of those of the attempt that took over, so the lease is asked in the same transaction.

Newest means the highest id, which LangGraph makes of the host's clock. Where that is behind the clock that made the head
(another host, a jump), new checkpoints would lie below it and never be read: ids are therefore made to follow the head's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.base import id as checkpoint_ids
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg import Connection, Cursor
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from sahur_core.errors import AttemptFenced

_HOLD_LEASE = """
select 1 from issues_runlease where run_id = %s and attempt = %s and lease_until is not null for no key update
"""

CHECKED_SECONDS = 1.0
"""So long a connection that was handed out is taken to live: a superstep takes several, and each check is a round trip."""

_owner: ContextVar[tuple[str, int] | None] = ContextVar("owner", default=None)


def thread_config(run_id: object, attempt: int) -> RunnableConfig:
    """Names the thread of a run and the attempt that writes to it."""
    return {"configurable": {"thread_id": str(run_id), "attempt": attempt}}


_handed_out_at: WeakKeyDictionary[Connection[DictRow], float] = WeakKeyDictionary()


def check_if_idle(connection: Connection[DictRow]) -> None:
    """For the pool's `check`: is the connection alive? Raises psycopg's `OperationalError` if it is not.

    One that breaks within the second fails its statement, and the stage goes on from its checkpoint (`patient`).
    """
    now = time.monotonic()
    if now - _handed_out_at.get(connection, 0.0) > CHECKED_SECONDS:
        ConnectionPool.check_connection(connection)
    _handed_out_at[connection] = now


class FencedSaver(PostgresSaver):
    """Writes raise `AttemptFenced` unless `configurable.attempt` owns the run; reads are free."""

    def __init__(self, pool: ConnectionPool[Connection[DictRow]]) -> None:
        super().__init__(pool)
        self.pool = pool

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        found = super().get_tuple(config)
        if found is not None:
            _follow(found.checkpoint["id"])
        return found

    def put(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        with _owned_by(config):
            return super().put(config, checkpoint, metadata, new_versions)

    def put_writes(self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        with _owned_by(config):
            super().put_writes(config, writes, task_id, task_path)

    @contextmanager
    def _cursor(self, *, pipeline: bool = False) -> Iterator[Cursor[DictRow]]:
        """The seam of `PostgresSaver` through which every statement goes; `pipeline` marks those that write."""
        owner = _owner.get() if pipeline else None
        if owner is None:
            with super()._cursor(pipeline=pipeline) as cursor:
                yield cursor
            return
        with (
            self.pool.connection() as connection,
            connection.pipeline(),
            connection.transaction(),
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            yield cursor
            # Last, as everywhere: the row is locked for this one statement.
            if cursor.execute(_HOLD_LEASE, owner).fetchone() is None:
                raise AttemptFenced(f"Attempt {owner[1]} no longer owns run {owner[0]}.")


def _follow(checkpoint_id: str) -> None:
    """Let every further id of this process be higher. `uuid6` itself never goes back behind the last one it made."""
    made_at = checkpoint_ids.UUID(checkpoint_id).time
    if made_at > (checkpoint_ids._last_v6_timestamp or 0):
        checkpoint_ids._last_v6_timestamp = made_at  # type: ignore[assignment]


@contextmanager
def _owned_by(config: RunnableConfig) -> Iterator[None]:
    configurable = config["configurable"]
    token = _owner.set((configurable["thread_id"], configurable["attempt"]))
    try:
        yield
    finally:
        _owner.reset(token)

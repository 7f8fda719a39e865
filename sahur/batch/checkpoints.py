"""What SAHUR asks of LangGraph's tables: how far a run has come, and to forget what nobody needs any more.

Of an ended run the points are kept that another may be branched from: the ends of its stages. The saver writes a
checkpoint per superstep, each with the ids of the whole transcript. It keeps short texts, such as the channel
`finished_stage`, in the checkpoint's own JSON (langgraph-checkpoint-postgres 3), so SQL can tell where one ended.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

_PRUNE = (
    """
    delete from checkpoints where thread_id = %(run)s and checkpoint_id not in (
        select checkpoint_id from (
            select checkpoint_id,
                   lead(checkpoint_id) over in_order as following,
                   checkpoint -> 'channel_values' ->> 'finished_stage' as stage,
                   lag(checkpoint -> 'channel_values' ->> 'finished_stage') over in_order as stage_before
            from checkpoints where thread_id = %(run)s
            window in_order as (order by checkpoint_id)
        ) as step
        where following is null or stage is distinct from stage_before
    )
    """,
    """
    delete from checkpoint_writes where thread_id = %(run)s
    and checkpoint_id not in (select checkpoint_id from checkpoints where thread_id = %(run)s)
    """,
    """
    delete from checkpoint_blobs as old where thread_id = %(run)s and not exists (
        select from checkpoints
        where thread_id = %(run)s and checkpoint -> 'channel_versions' ->> old.channel = old.version
    )
    """,
)


def head(run_id: UUID) -> str:
    """The id of the newest checkpoint, empty before the first. Ids grow with time (UUIDv6)."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(checkpoint_id), '') from checkpoints where thread_id = %s", [str(run_id)])
        found: str = cursor.fetchone()[0]
    return found


@transaction.atomic
def prune(run_id: UUID) -> None:
    """Keep the last checkpoint of the run and those at which a stage ended. Again is a no-op."""
    with connection.cursor() as cursor:
        for statement in _PRUNE:
            cursor.execute(statement, {"run": str(run_id)})

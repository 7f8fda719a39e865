"""What SAHUR asks of LangGraph's tables: how far a run has come, and to forget what nobody needs any more.

Of an ended run the points are kept that another may be branched from: the ends of its stages. The saver writes a
checkpoint per superstep, each with the ids of the whole transcript. It keeps short texts, such as the channel
`finished_stage`, in the checkpoint's own JSON (langgraph-checkpoint-postgres 3), so SQL can tell where one ended.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from sahur_core.issues import Stage

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

_STAGE_ENDS = """
select stage, max(checkpoint_id) from (
    select checkpoint_id,
           metadata ->> 'source' as source,
           checkpoint -> 'channel_values' ->> 'finished_stage' as stage,
           lag(checkpoint -> 'channel_values' ->> 'finished_stage') over (order by checkpoint_id) as stage_before
    from checkpoints where thread_id = %s
) as step
where stage <> '' and stage is distinct from stage_before and source = 'loop'
group by stage
"""

_FINISHED_STAGE = """
select checkpoint -> 'channel_values' ->> 'finished_stage' from checkpoints where thread_id = %s and checkpoint_id = %s
"""


def head(run_id: UUID) -> str:
    """The id of the newest checkpoint, empty before the first. Ids grow with time (UUIDv6)."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(checkpoint_id), '') from checkpoints where thread_id = %s", [str(run_id)])
        found: str = cursor.fetchone()[0]
    return found


def stage_ends(run_id: UUID) -> dict[Stage, str]:
    """The ids of the newest checkpoints at which stages ended in the run's own thread.

    A run that goes back to the model is set to the end of an earlier stage: that is no end of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STAGE_ENDS, [str(run_id)])
        return {Stage(stage): checkpoint_id for stage, checkpoint_id in cursor.fetchall()}


def finished_stage(run_id: UUID, checkpoint_id: str) -> str:
    """The stage that was over at this checkpoint of the run; empty in the first one."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISHED_STAGE, [str(run_id), checkpoint_id])
        row = cursor.fetchone()
    return (row[0] or "") if row else ""


@transaction.atomic
def prune(run_id: UUID) -> None:
    """Keep the last checkpoint of the run and those at which a stage ended. Again is a no-op."""
    with connection.cursor() as cursor:
        for statement in _PRUNE:
            cursor.execute(statement, {"run": str(run_id)})

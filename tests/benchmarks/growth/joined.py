"""What compaction saves on a run of 50 tool calls whose model says something before each of them."""

from __future__ import annotations

from django.db import connection

from sahur.accounts.models import Team
from sahur.issues import events, models
from sahur.issues.services import compaction, reports, runs
from sahur_core import events as kinds
from sahur_core.issues import Source, ToolResultStatus

CALLS = 50
PIECES = 40
"""Of a model's answer before a call: four seconds of it, a piece each 100 ms."""
PIECE = "so the row is read, then "
EXCERPT = "40  return seats[row]\n" * 40


def joined() -> dict[str, int]:
    """Rows and bytes (of the rows, without indexes) of the run's events, before and after."""
    team = Team.objects.order_by("id")[0]
    new = reports.NewIssue(title="A long run", body="x", source=Source.WEB, reporter_name="Rita")
    run = runs.create_run(reports.open_issue(team, new), asked_by="Rita", user_id=None, trace_id="")
    for number in range(CALLS):
        step, call = f"s{number}", f"c{number}"
        told: list[kinds.EventPayload] = [kinds.StepStarted(step_id=step, position=number + 1, title="Look at the code")]
        told += [kinds.TextStreamed(step_id=step, text=PIECE) for _ in range(PIECES)]
        told.append(kinds.ToolCallStarted(step_id=step, tool_call_id=call, tool="code__read", arguments={"path": "a.py"}))
        told.append(
            kinds.ToolCallFinished(
                step_id=step, tool_call_id=call, tool="code__read", status=ToolResultStatus.OK, excerpt=EXCERPT, duration_ms=9
            )
        )
        events.append(run.id, [events.NewEvent(payload) for payload in told])
    runs.request_stop(run.id, "Rita")
    rows, size = _stored(run)
    compaction.compact(run.id)
    rows_after, size_after = _stored(run)
    return {"rows": rows, "bytes": size, "rows_after": rows_after, "bytes_after": size_after}


def _stored(run: models.Run) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("select count(*), sum(pg_column_size(e.*)) from issues_event e where run_id = %s", [run.id])
        found: tuple[int, int] = cursor.fetchone()
    return found

"""An issue whose ended run has 20,000 events, for measuring how the page reads it (`frontend/e2e/measure.spec.ts`).

`python manage.py shell < tests/benchmarks/long_run.py`, on a system of one's own: it writes rows past all services. The run
is marked as compacted, so that every event stays one, which is the worst that a page can meet.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from sahur.accounts.models import Team
from sahur.issues.models import Issue, Run, RunLease
from sahur_core.issues import RunStatus, Source, Stage

TITLE = "20,000 events"
TOTAL = 20_000
COMMIT = "5532d2e843b7b10c708e014e4888b3d89bebf859"
TOOLS = ("code__read", "code__search", "code__blame", "code__log", "code__show")
USAGE = {"model": "scripted-1", "model_calls": 1, "input_tokens": 4_100, "output_tokens": 220, "cached_input_tokens": 3_000}


def turns() -> Iterator[dict[str, Any]]:
    """A model that thinks, then two to five calls, again and again; now and then evidence, a hypothesis, a failed call."""
    steps = count(1)
    for turn in count(1):
        path = f"shop/part_{turn % 40}.py"
        position = next(steps)
        step = {"step_id": f"step-{position}"}
        yield {"kind": "step.started", "title": "Deciding what to look at next", "position": position, **step}
        for _ in range(6):
            yield {"kind": "text.streamed", "text": f"Turn {turn}: the reads so far point to `{path}`. ", **step}
        yield {
            "kind": "model_call.finished",
            "role": "deep",
            "duration_ms": 1_300,
            "usage": {**USAGE, "cost_usd": 0.0123},
            **step,
        }
        yield {"kind": "step.finished", "summary": f"Turn {turn}: the reads so far point to {path}", **step}
        for call in range(2 + turn % 4):
            yield from _call(next(steps), TOOLS[(turn + call) % 5], path, 10 * call + 1, has_failed=turn % 61 == 0 and call == 0)
        if turn % 9 == 0:
            yield {"kind": "evidence.found", "evidence": _evidence(turn // 9, path)}
        if turn % 23 == 0:
            yield {"kind": "hypothesis.stated", "hypothesis": _hypothesis(turn, path)}


def _call(position: int, tool: str, path: str, first: int, *, has_failed: bool) -> Iterator[dict[str, Any]]:
    call = {"step_id": f"step-{position}", "tool_call_id": f"call-{position}", "tool": tool}
    arguments = {"path": path, "start": first, "end": first + 29, "commit": COMMIT}
    lines = [f"{number:5}  total = total + price_of(item_{number}, currency)" for number in range(first, first + 15)]
    answer = (
        {"status": "error", "excerpt": "It could not be read."} if has_failed else {"status": "ok", "excerpt": "\n".join(lines)}
    )
    title = f"Reading {path} lines {first}-{first + 29}"
    yield {"kind": "step.started", "title": title, "position": position, "step_id": call["step_id"]}
    yield {"kind": "tool_call.started", "arguments": arguments, **call}
    yield {"kind": "tool_call.finished", "receipt_id": str(uuid.uuid4()), "duration_ms": 47, **answer, **call}
    yield {"kind": "step.finished", "summary": "", "step_id": call["step_id"]}


def _evidence(number: int, path: str) -> dict[str, Any]:
    ids = {"id": str(uuid.uuid4()), "receipt_id": str(uuid.uuid4())}
    place = {"tool": "code__read", "path": path, "line": 12, "commit": COMMIT}
    return {**ids, **place, "number": number, "statement": f"`{path}` adds prices.", "excerpt": "   12  total += price(item)"}


def _hypothesis(turn: int, path: str) -> dict[str, Any]:
    status = ("stated", "strengthened", "weakened")[turn % 3]
    words = {"because": "it fits what was read", "statement": f"{path} adds prices of two currencies."}
    return {"id": f"h{turn % 5}", "source": "model", "status": status, "evidence": [], **words}


def payloads() -> list[dict[str, Any]]:
    begin: list[dict[str, Any]] = [
        {"kind": "run.queued", "number": 1, "asked_by": "Measurement"},
        {"kind": "stage.started", "stage": "analyze"},
    ]
    end: list[dict[str, Any]] = [
        {"kind": "stage.finished", "stage": "analyze"},
        {"kind": "run.succeeded", "verdict": "inconclusive"},
    ]
    return [*begin, *islice(turns(), TOTAL - len(begin) - len(end)), *end]


@transaction.atomic
def seed() -> str:
    """The key of the new issue, of the first team."""
    team = Team.objects.order_by("id")[0]
    Team.objects.filter(pk=team.pk).update(next_issue_number=F("next_issue_number") + 1)
    number = Team.objects.values_list("next_issue_number", flat=True).get(pk=team.pk) - 1
    now = timezone.now()
    key = f"{team.key}-{number}"
    issue = Issue.objects.create(
        team=team, number=number, key=key, title=TITLE, body=TITLE, source=Source.CLI, reporter_name="Measurement"
    )
    ended = {"started_at": now - timedelta(hours=3), "ended_at": now, "pruned_at": now, "compacted_at": now}
    run = Run.objects.create(
        issue=issue, number=1, asked_by="Measurement", status=RunStatus.SUCCEEDED, stage=Stage.PUBLISH, **ended
    )
    RunLease.objects.create(run=run, next_seq=TOTAL + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into issues_event (run_id, seq, first_seq, attempt, kind, payload, at)
            select %s, number, number, 1, payload->>'kind', payload, %s::timestamptz + number * interval '500 milliseconds'
            from unnest(%s::jsonb[]) with ordinality as new (payload, number)
            """,
            [run.id, ended["started_at"], [json.dumps(payload) for payload in payloads()]],
        )
    return issue.key


print(seed())

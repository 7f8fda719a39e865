"""The overview to its shape: what is only for admins is left out here."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from sahur.api import overview_shapes as shapes
from sahur.batch.overviews import Overview, System
from sahur.issues.overview import Day, LiveRun
from sahur_core.issues import RunStatus
from sahur_core.tools.gateway_status import UpstreamState

SHOWN = ("kind", "state", "breaker", "problem", "last_failure", "last_failed_at", "tool_count")
"""Of an upstream, to admins."""


def overview(read: Overview) -> shapes.Overview:
    figures, now = read.figures, read.now
    return shapes.Overview(
        at=read.at,
        since=figures.since,
        teams=list(read.teams.values()),
        runs=[_live(each) for each in now.runs],
        running=now.counts.get(RunStatus.RUNNING, 0),
        waiting=now.counts.get(RunStatus.WAITING, 0),
        queued=now.counts.get(RunStatus.QUEUED, 0),
        queue_length=now.queue_length,
        oldest_queued_since=now.oldest_queued_since,
        first_hypothesis=shapes.Spread(**asdict(figures.first_hypothesis)),
        answer=shapes.Spread(**asdict(figures.answer)),
        ended=_ended(figures.ended),
        agreement=[shapes.VerdictAgreement.model_validate(asdict(each)) for each in figures.agreement],
        votes=shapes.AnswerVotes(**asdict(figures.votes)),
        spending=[
            shapes.ModelSpending(
                team=read.teams[each.team_id],
                model=each.model,
                cost_usd=each.cost_usd,
                tokens=each.tokens,
                model_calls=each.model_calls,
                unpriced_calls=each.unpriced_calls,
            )
            for each in figures.spending
        ],
        days=[_day(each) for each in figures.days],
        gateway=_gateway(read.system, with_details=read.sees_details),
        workers=_workers(read),
    )


def _live(run: LiveRun) -> shapes.LiveRun:
    row = run.row
    return shapes.LiveRun.model_validate(
        {
            "id": str(row.id),
            "number": row.number,
            "issue": row.issue.key,
            "title": row.issue.title,
            "team": row.issue.team.key,
            "status": row.status,
            "stage": row.stage,
            "since": row.status_since,
            "started_at": row.started_at,
            "queue_position": run.position,
            "asked": [asdict(each) for each in run.asked],
        }
    )


def _ended(counts: dict[str, int]) -> shapes.EndedRuns:
    return shapes.EndedRuns(**{name: counts.get(name, 0) for name in shapes.EndedRuns.model_fields})


def _day(day: Day) -> shapes.OverviewDay:
    return shapes.OverviewDay(day=day.day, ended=_ended(day.ended), cost_usd=day.cost_usd, tokens=day.tokens)


def _gateway(system: System, *, with_details: bool) -> shapes.GatewayHealth:
    status = system.gateway
    upstreams = status.upstreams if status else ()
    problem = system.gateway_problem
    if status:
        problem = status.receipts_problem or status.configuration_problem
    return shapes.GatewayHealth(
        # An upstream that is down harms no other: the gateway itself is well.
        is_well=not problem,
        problem=problem if with_details else None,
        upstreams=[_upstream(each, with_details=with_details) for each in upstreams],
    )


def _upstream(state: UpstreamState, *, with_details: bool) -> shapes.UpstreamHealth:
    shown = {name: getattr(state, name) if with_details else None for name in SHOWN}
    return shapes.UpstreamHealth(name=state.name, is_well=state.is_well, **shown)


def _workers(read: Overview) -> shapes.WorkersHealth:
    system = read.system
    processes = [
        shapes.WorkerProcess(
            name=each.name,
            host=each.host,
            pid=each.pid,
            queues=list(each.queues),
            slots=each.slots,
            busy=each.busy,
            started_at=each.started_at,
            seen_at=read.at - timedelta(seconds=each.age_seconds),
            is_alive=each.is_alive,
        )
        for each in system.workers
    ]
    return shapes.WorkersHealth(
        is_well=not system.workers_problem and not any(each.problem for each in system.services),
        problem=system.workers_problem,
        services=[shapes.ServiceHealth.model_validate(asdict(each)) for each in system.services],
        processes=processes if read.sees_details else None,
    )

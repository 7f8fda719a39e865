"""The figures of the overview: what goes on now, and what came out of the last days, over the teams of one reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from sahur.issues import models
from sahur_core.config import OFFLINE
from sahur_core.issues import RunStatus

LIVE = (RunStatus.RUNNING.value, RunStatus.WAITING.value, RunStatus.QUEUED.value)
"""In the order in which they are shown."""
MAX_LIVE = 60
"""Runs that are listed; the counts are of all."""
PROMPT_CHARS = 200


@dataclass(frozen=True)
class Asked:
    """What a waiting run needs from people."""

    kind: str
    prompt: str
    answerable_by: str
    since: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class LiveRun:
    """`position` counts over all teams, 1 is next; None where it does not wait for a worker."""

    row: models.Run
    position: int | None
    asked: list[Asked]


@dataclass(frozen=True)
class Now:
    """`queue_length` is over all teams, since workers serve them all in one queue; everything else is of the reader's."""

    runs: list[LiveRun]
    counts: dict[str, int]
    queue_length: int
    oldest_queued_since: datetime | None


@dataclass(frozen=True)
class Spread:
    """Of a duration, in seconds; None where there was none to measure."""

    median: float | None
    p90: float | None
    count: int


@dataclass(frozen=True)
class Agreement:
    """What people said of answers with this verdict when they closed the issue."""

    verdict: str
    right: int
    wrong: int


@dataclass(frozen=True)
class Votes:
    up: int
    down: int


@dataclass
class Spending:
    """Of one team with one model. What is reckoned for the offline model are no tokens that anybody pays."""

    team_id: int
    model: str
    cost_usd: float = 0.0
    tokens: int = 0
    model_calls: int = 0
    unpriced_calls: int = 0


@dataclass
class Day:
    """One day (UTC): runs that ended, by their verdict or `failed` or `canceled`, and what was spent."""

    day: date
    ended: dict[str, int] = field(default_factory=dict)
    cost_usd: float = 0.0
    tokens: int = 0


@dataclass(frozen=True)
class Figures:
    """Of the days from `since` to today. `ended` has each verdict, `failed` and `canceled`."""

    since: date
    first_hypothesis: Spread
    answer: Spread
    ended: dict[str, int]
    agreement: list[Agreement]
    votes: Votes
    spending: list[Spending]
    days: list[Day]


def read_now(teams: Sequence[int]) -> Now:
    """What goes on at this moment. All of it is found by the index of live runs."""
    live = models.Run.objects.filter(status__in=LIVE, issue__team_id__in=teams)
    counts: dict[str, int] = dict(live.values_list("status").annotate(Count("id")).order_by())
    queued = models.Run.objects.filter(status=RunStatus.QUEUED.value)
    queue = queued.aggregate(length=Count("id"))
    oldest = live.filter(status=RunStatus.QUEUED.value).aggregate(since=Min("status_since"))["since"]
    shown = _shown(live)
    places = _positions([run.id for run in shown if run.status == RunStatus.QUEUED])
    asked = _asked([run.id for run in shown if run.status == RunStatus.WAITING])
    runs = [LiveRun(run, places.get(run.id), asked.get(run.id, [])) for run in shown]
    return Now(runs, counts, queue["length"], oldest)


def _shown(live: QuerySet[models.Run]) -> list[models.Run]:
    rows = live.select_related("issue__team").defer("issue__body", "issue__resolution", "issue__source_ref")
    found: list[models.Run] = []
    for status in LIVE:
        in_order = rows.filter(status=status).order_by("created_at" if status == RunStatus.QUEUED else "status_since")
        found += in_order[: MAX_LIVE - len(found)] if len(found) < MAX_LIVE else []
    return found


def _positions(run_ids: list[UUID]) -> dict[UUID, int]:
    if not run_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select id, position from (
                select id, row_number() over (order by created_at) as position from issues_run where status = 'queued'
            ) queue where id = any(%s)
            """,
            [run_ids],
        )
        return dict(cursor.fetchall())


def _asked(run_ids: list[UUID]) -> dict[UUID, list[Asked]]:
    rows = models.InputRequest.objects.filter(run_id__in=run_ids, answered_at__isnull=True).order_by("created_at")
    found: dict[UUID, list[Asked]] = {}
    for row in rows.defer("arguments", "arguments_schema"):
        asked = Asked(row.kind, row.prompt[:PROMPT_CHARS], row.answerable_by, row.created_at, row.expires_at)
        found.setdefault(row.run_id, []).append(asked)
    return found


def read_figures(teams: Sequence[int], today: date, days: int) -> Figures:
    """The last `days` days (UTC), `today` included."""
    since = today - timedelta(days=days - 1)
    first_hypothesis, answer = _times(teams, since)
    by_day = {since + timedelta(days=passed): Day(since + timedelta(days=passed)) for passed in range(days)}
    ended: Counter[str] = Counter()
    for day, result, count in _ended(teams, since):
        ended[result] += count
        # Ended after `today` was asked for: it is in the sums, and has its bar in the next answer.
        if day in by_day:
            by_day[day].ended[result] = count
    return Figures(
        since=since,
        first_hypothesis=first_hypothesis,
        answer=answer,
        ended=dict(ended),
        agreement=_agreement(teams, since),
        votes=_votes(teams, since),
        spending=_spending(teams, since, by_day),
        days=list(by_day.values()),
    )


def _times(teams: Sequence[int], since: date) -> tuple[Spread, Spread]:
    """From the moment when a run was asked for, to its first hypothesis, and to its answer; waiting for people counts.

    A run that goes on from another one is left out: most of its work was done before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select
                percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from first_hypothesis_at - run.created_at))
                    filter (where first_hypothesis_at is not null),
                count(first_hypothesis_at),
                percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from ended_at - run.created_at))
                    filter (where run.status = 'succeeded'),
                count(*) filter (where run.status = 'succeeded')
            from issues_run run join issues_issue issue on issue.id = run.issue_id
            where run.ended_at is not null and run.ended_at >= %s and issue.team_id = any(%s) and run.fork_kind = ''
            """,
            [since, list(teams)],
        )
        first, stated, answer, answered = cursor.fetchone() or (None, 0, None, 0)
    return _spread(first, stated), _spread(answer, answered)


def _spread(quantiles: list[float] | None, count: int) -> Spread:
    median, p90 = quantiles or (None, None)
    return Spread(median, p90, count)


def _ended(teams: Sequence[int], since: date) -> Iterable[tuple[date, str, int]]:
    """Without the runs of reports that have joined: nobody stopped them, and they never began."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select (ended_at at time zone 'utc')::date as day,
                case when run.status = 'succeeded' then verdict else run.status end as result, count(*)
            from issues_run run join issues_issue issue on issue.id = run.issue_id
            where run.ended_at is not null and run.ended_at >= %s and issue.team_id = any(%s)
                and not (run.status = 'canceled' and run.started_at is null and issue.joined_id is not null)
            group by day, result
            """,
            [since, list(teams)],
        )
        return list(cursor.fetchall())


def _agreement(teams: Sequence[int], since: date) -> list[Agreement]:
    """Of issues that were closed since, with a word on the latest answer. Few are, and an index has only these."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select answer.verdict, count(*) filter (where issue.outcome ->> 'answer' = 'right'),
                count(*) filter (where issue.outcome ->> 'answer' = 'wrong')
            from issues_issue issue
            join lateral (
                select verdict from issues_run run where run.issue_id = issue.id and run.status = 'succeeded'
                order by number desc limit 1
            ) answer on true
            where issue.team_id = any(%s) and issue.closed_at >= %s and issue.outcome <> '{}'
                and issue.outcome ->> 'answer' in ('right', 'wrong')
            group by answer.verdict
            """,
            [list(teams), since],
        )
        found = {verdict: Agreement(verdict, right, wrong) for verdict, right, wrong in cursor.fetchall()}
    return [found[verdict] for verdict in ("confirmed", "likely", "inconclusive") if verdict in found]


def _votes(teams: Sequence[int], since: date) -> Votes:
    """Of answers, not of single steps."""
    rows = models.Feedback.objects.filter(
        run__issue__team_id__in=teams, step="", changed_at__gte=datetime(since.year, since.month, since.day, tzinfo=UTC)
    )
    return Votes(**rows.aggregate(up=Count("id", filter=Q(vote=1)), down=Count("id", filter=Q(vote=-1))))


def _spending(teams: Sequence[int], since: date, by_day: dict[date, Day]) -> list[Spending]:
    """By team and model, the dearest first; each day's sums are added to `by_day`."""
    found: dict[tuple[int, str], Spending] = {}
    for row in models.TeamUsage.objects.filter(team_id__in=teams, day__gte=since).exclude(model=""):
        tokens = 0 if row.model == OFFLINE else row.input_tokens + row.output_tokens
        spent = found.setdefault((row.team_id, row.model), Spending(row.team_id, row.model))
        spent.cost_usd += row.cost_usd
        spent.tokens += tokens
        spent.model_calls += row.model_calls
        spent.unpriced_calls += row.unpriced_calls
        if row.day in by_day:
            by_day[row.day].cost_usd += row.cost_usd
            by_day[row.day].tokens += tokens
    return sorted(found.values(), key=lambda each: (-each.cost_usd, -each.tokens, each.model, each.team_id))

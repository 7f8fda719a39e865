"""What is asked of a filled database, through the code that doors, worker and reaper use. Each question is one call."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from typing import Any

from django.db import connection, transaction
from django.test import Client

from sahur.accounts.actor import actor_for
from sahur.accounts.models import Team, User
from sahur.issues import events, models, selectors, summaries
from sahur.issues.services import effects, pruning, runs
from sahur_core.events import TextStreamed
from sahur_core.issues import RunStatus, Stage
from tests.benchmarks.growth.filling import USERS
from tests.benchmarks.growth.world import COMMON, MEDIUM, RARE

SAMPLE = 300
Question = Callable[[], object]


class Questions:
    """The questions by name. What is asked for is drawn from the whole table, old and new."""

    def __init__(self) -> None:
        chance = random.Random(11)
        self.clients = {name: Client() for name in USERS}
        for name, client in self.clients.items():
            client.force_login(User.objects.get(username=name))
        self._draw(chance)
        team_ids = list(Team.objects.values_list("id", flat=True))
        watched = dict.fromkeys(self.runs[:200], 5)
        busy = iter(cycle(models.Run.objects.filter(status="running")))
        queued = iter(cycle(models.Run.objects.filter(status="queued").order_by("-created_at")))
        text = [events.NewEvent(TextStreamed(step_id="s1", text="what follows " * 3)) for _ in range(20)]
        repository = models.Repository.objects.values_list("name", flat=True).first() or "none"
        self.by_name: dict[str, Question] = {
            "list, all teams": lambda: self.get("many", "/api/issues/"),
            "list, one team": lambda: self.get("one", "/api/issues/"),
            "list, two small teams": lambda: self.get("few", "/api/issues/"),
            "list, a deep page": lambda: self.get("many", f"/api/issues/?cursor={next(self.cursors)}"),
            "list, a page of one team": lambda: self.get("many", "/api/issues/?team=DOC"),
            "list, open": lambda: self.get("many", "/api/issues/?status=open"),
            "list, closed": lambda: self.get("many", "/api/issues/?status=closed"),
            "list, open, a deep page": lambda: self.get("many", f"/api/issues/?status=open&cursor={next(self.cursors)}"),
            "list, confirmed": lambda: self.get("many", "/api/issues/?verdict=confirmed"),
            "list, failed": lambda: self.get("many", "/api/issues/?run_status=failed"),
            "list, waiting": lambda: self.get("many", "/api/issues/?run_status=waiting"),
            "list, of nobody's verdict": lambda: self.get("many", "/api/issues/?verdict=inconclusive&run_status=queued"),
            "list, unread": lambda: self.get("many", "/api/issues/?unread=true"),
            "list, by me": lambda: self.get("many", "/api/issues/?reporter=me"),
            "list, by nobody": lambda: self.get("many", "/api/issues/?reporter=Nobody"),
            "list, of a repository": lambda: self.get("many", f"/api/issues/?repository={repository}"),
            "search, common, confirmed": lambda: self.get("many", f"/api/issues/?q={COMMON}&verdict=confirmed"),
            "search, rare, unread": lambda: self.get("many", f"/api/issues/?q={RARE}&unread=true"),
            "search, common word": lambda: self.get("many", f"/api/issues/?q={COMMON}"),
            "search, rare word": lambda: self.get("many", f"/api/issues/?q={RARE}"),
            "search, word in 0.5 %": lambda: self.get("many", f"/api/issues/?q={MEDIUM}"),
            "search, absent word": lambda: self.get("many", "/api/issues/?q=xylophone"),
            "search, begun word": lambda: self.get("many", f"/api/issues/?q={RARE[:6]}"),
            "search, common, one team": lambda: self.get("one", f"/api/issues/?q={COMMON}"),
            "search, common, small teams": lambda: self.get("few", f"/api/issues/?q={COMMON}"),
            "search, key": lambda: self.get("many", f"/api/issues/?q={next(self.keys)}"),
            "similar issues": lambda: self.get("many", f"/api/issues/{next(self.keys)}/similar/"),
            "issue page": lambda: self.get("many", f"/api/issues/{next(self.keys)}/"),
            "run page": lambda: self.get("many", f"/api/runs/{next(self.ids)}/"),
            "run page, queued": lambda: self.get("many", f"/api/runs/{next(queued).id}/"),
            "replay from the middle": lambda: self.get("many", "/api/runs/{}/events/?after={}".format(*next(self.long_runs))),
            "socket: what has moved of 200": lambda: selectors.moved_runs(watched),
            "socket: read after a cursor": lambda: selectors.read_events(*next(self.long_runs)),
            "socket: newest of all teams": lambda: summaries.newest_summaries(team_ids, 50),
            "append 20 events": lambda: events.append(next(busy).id, text, attempt=1),
            "append 1 event": lambda: events.append(next(busy).id, text[:1]),
            "claim and finish": claim_and_finish,
            "reaper: expired leases": runs.expired_leases,
            "reaper: unclaimed runs": lambda: undone(lambda: runs.take_unclaimed(15, limit=10)),
            "reaper: due effects": effects.due,
            "reaper: unpruned runs": lambda: pruning.unpruned(timedelta(minutes=2)),
            "queue position": lambda: selectors.queue_position(next(queued)),
            "usage of a run": lambda: runs.spending.of_run(next(self.ids)),
        }

    def _draw(self, chance: random.Random) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select id, key, encode(convert_to(to_char(created_at at time zone 'UTC', "
                           "'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00:00 ' || id, 'UTF8'), 'base64') from issues_issue "
                           "order by md5(id::text) limit %s", [SAMPLE])  # fmt: skip
            issues = cursor.fetchall()
            cursor.execute("select run_id, next_seq from issues_runlease order by md5(run_id::text) limit %s", [SAMPLE])
            drawn = cursor.fetchall()
            cursor.execute(
                "select run_id, next_seq / 2 from issues_runlease where next_seq > 250 order by md5(run_id::text) limit 100"
            )
            long = cursor.fetchall()
        for each in (issues, drawn, long):
            chance.shuffle(each)
        self.keys = cycle([key for _, key, _ in issues])
        self.cursors = cycle([cursor.replace("\n", "").rstrip("=") for *_, cursor in issues])
        self.runs = [run_id for run_id, _ in drawn]
        self.ids = cycle(self.runs)
        self.long_runs = cycle(long)

    def get(self, who: str, path: str) -> Any:
        answer = self.clients[who].get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
        return answer


def claim_and_finish() -> None:
    """One stage of a queued run, which is then queued at its first stage again."""
    run = models.Run.objects.filter(status=RunStatus.QUEUED.value, stage=Stage.GATHER_CONTEXT.value).latest("id")
    claim = runs.claim(run.id, Stage.GATHER_CONTEXT, owner="growth", lease_seconds=30, team_limit=1000)
    if claim is None:
        raise RuntimeError("there is nothing to claim")
    runs.finish_stage(claim, can_go_back=True)
    models.Run.objects.filter(id=run.id).update(stage=Stage.GATHER_CONTEXT.value)


def undone(act: Question) -> None:
    """What the reaper hands out is there again for the next time."""
    with transaction.atomic():
        act()
        transaction.set_rollback(True)


@contextmanager
def counted(spent: list[float], clock: Callable[[], float]) -> Iterator[None]:
    """Add up the seconds that PostgreSQL's answers took."""

    def time_it(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        began = clock()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(clock() - began)

    with connection.execute_wrapper(time_it):
        yield


__all__ = ["Questions", "actor_for", "counted"]

"""How many events a second the engine's own append takes, 20 in a statement (as attempts flush them) and one by one."""

from __future__ import annotations

import multiprocessing
import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing

from tests.benchmarks.engine.graph import TEXT
from tests.e2e.system import System

WRITERS = (1, 8)
BATCHES = (20, 1)


def measure(system: System, *, rounds: int, seconds: float = 2.0) -> dict[str, object]:
    """Events per second by writers and size of batch, one figure a round. Each writer is a process with a run of its own."""
    figures: dict[str, list[int]] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(WRITERS), mp_context=context, initializer=_set_up, initargs=(system.env,)) as pool:
        # All processes exist before anything is measured.
        for ready in [pool.submit(time.sleep, 1.0) for _ in range(max(WRITERS))]:
            ready.result()
        for _ in range(rounds):
            for writers in WRITERS:
                for batch in BATCHES:
                    begin_at = time.time() + 1.0
                    work = [pool.submit(_write, batch, begin_at, seconds) for _ in range(writers)]
                    rate = sum(future.result() for future in work)
                    figures.setdefault(f"{batch} a statement, {writers} writers", []).append(round(rate))
    return {"event append, events/s": figures}


def _set_up(env: dict[str, str]) -> None:
    import os

    os.environ.update(env)
    import django

    django.setup()


def _write(batch: int, begin_at: float, seconds: float) -> float:
    """Append as the owner of a run for so long; events per second of this writer."""
    from django.db import connection

    from sahur.accounts.models import Team
    from sahur.issues import events
    from sahur.issues.services import reports, runs
    from sahur_core.events import NoticeRaised
    from sahur_core.issues import Source, Stage

    with closing(connection):
        new = reports.NewIssue(title="Benchmark", body="Nothing is wrong", source=Source.API, reporter_name="benchmark")
        issue = reports.open_issue(Team.objects.get(key="SAH"), new)
        run = runs.create_run(issue, asked_by="benchmark", user_id=None, trace_id=uuid.uuid4().hex)
        claim = runs.claim(run.id, Stage.GATHER_CONTEXT, owner="benchmark", lease_seconds=600, team_limit=1000)
        assert claim is not None
        payload = events.NewEvent(NoticeRaised(level="info", message=TEXT))
        time.sleep(max(0.0, begin_at - time.time()))
        started, stored = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - started) < seconds:
            stored += events.append(run.id, [payload] * batch, attempt=claim.attempt)
        return stored / elapsed

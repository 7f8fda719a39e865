"""Failpoints: places in the engine where a test may kill, stop, delay or break a process. Only tests load this.

Importing the module wraps functions of SAHUR at their seams, so production code knows nothing of it. A process gets it
in one of two ways: `celery -A tests.faults.failpoints worker …`, or, for anything else,
`python -m tests.faults.failpoints <module> <arguments>`.

`FAILPOINTS_DIR` names the folder through which a test speaks to these processes. `plan.json` in it is a list such as

    [{"at": "before_finish", "stage": "analyze", "title": "poison", "times": 1, "skip": 0, "do": "kill"}]

`stage` and `title` (a part of the issue's title) narrow it down. Arrivals at a point are counted over all processes,
through files that only one of them can create: the first `skip` pass, the next `times` (1) act. What can be done: `kill`
the process, `kill_worker` (its whole process group), `stop` (SIGSTOP, the process), `sleep` for `seconds`, `raise`.
`clock` holds seconds by which the wall clock of the processes is off; `copies` how often each hint is sent.
`UNFENCED=1` takes every fence away, for the control of the zombie test.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import django
import time_machine

from sahur.celery import app

__all__ = ["POINTS", "Failpoints", "app"]

POINTS = (
    "after_claim", "before_checkpoint", "after_checkpoint", "before_finish", "in_finish", "after_finish", "before_append",
    "before_effect", "after_effect",
)  # fmt: skip
CLOCK_POLL_SECONDS = 0.05


class Failpoints:
    """The test's side: what it writes holds from now on, for every process that was started with this folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "arrivals").mkdir(parents=True, exist_ok=True)
        self.clear()

    def set(self, *plan: dict[str, Any]) -> None:
        """This plan and no other; counting begins anew."""
        for entry in plan:
            assert entry["at"] in POINTS, entry
        numbered = [{**entry, "id": f"{time.monotonic_ns()}-{number}"} for number, entry in enumerate(plan)]
        self._write("plan.json", json.dumps(numbered))

    def shift_clocks(self, seconds: float) -> None:
        """Let the wall clocks of the processes jump to so far from the true time."""
        self._write("clock", str(seconds))
        time.sleep(4 * CLOCK_POLL_SECONDS)

    def send_copies(self, count: int) -> None:
        self._write("copies", str(count))

    def clear(self) -> None:
        self._write("plan.json", "[]")
        self._write("clock", "0")
        self._write("copies", "1")

    def acted(self) -> int:
        """How often a point of the present plan has acted."""
        plan = json.loads((self.folder / "plan.json").read_text())
        return sum(
            min(
                entry.get("times", 1),
                max(0, len(list((self.folder / "arrivals").glob(f"{entry['id']}.*"))) - entry.get("skip", 0)),
            )
            for entry in plan
        )

    def _write(self, name: str, text: str) -> None:
        draft = self.folder / f"{name}.new"
        draft.write_text(text)
        draft.replace(self.folder / name)


class _Here:
    """The process's side."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stage = ""
        self.title = ""
        # Both outlive a fork, as the shift itself does.
        self.traveller: time_machine.travel | None = None
        self.shift = 0.0

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def reach(self, point: str) -> None:
        """Do what the plan says of this point, if it is this arrival's turn."""
        for entry in self.read("plan.json"):
            is_meant = (
                entry["at"] == point and entry.get("stage", self.stage) == self.stage and entry.get("title", "") in self.title
            )
            if is_meant and self._is_turn(entry):
                self._act(entry)

    def _is_turn(self, entry: dict[str, Any]) -> bool:
        last = entry.get("skip", 0) + entry.get("times", 1)
        for number in range(1, last + 1):
            with suppress(FileExistsError):
                (self.folder / "arrivals" / f"{entry['id']}.{number}").touch(exist_ok=False)
                return number > int(entry.get("skip", 0))
        return False

    def _act(self, entry: dict[str, Any]) -> None:
        what = entry["do"]
        print(f"failpoint {entry['at']} in {self.stage or '-'}: {what}", file=sys.stderr, flush=True)
        if what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "kill_worker":
            os.killpg(os.getpgid(0), signal.SIGKILL)
        elif what == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif what == "sleep":
            time.sleep(entry["seconds"])
        elif what == "raise":
            raise RuntimeError(f"failpoint {entry['at']}")
        else:
            raise ValueError(f"a failpoint cannot {what}")


def _before(here: _Here, point: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        here.reach(point)
        return function(*args, **kwargs)

    return wrapped


def _after(here: _Here, point: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        here.reach(point)
        return result

    return wrapped


def _noting(here: _Here, claim: Callable[..., Any]) -> Callable[..., Any]:
    """A claim tells where this process is: a pool child works at one stage at a time."""

    @wraps(claim)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        here.stage = here.title = ""
        found = claim(*args, **kwargs)
        here.stage, here.title = (found.stage.value, found.run.issue.title) if found else ("", "")
        if found:
            here.reach("after_claim")
        return found

    return wrapped


def _copying(here: _Here, publish: Callable[..., bool]) -> Callable[..., bool]:
    @wraps(publish)
    def wrapped(signature: Any) -> bool:
        sent = [publish(signature.clone()) for _ in range(here.read("copies"))]
        return all(sent)

    return wrapped


def _install(here: _Here) -> None:
    """Wrap the seams. Each is looked up in its module at the call, so replacing the name there is enough."""
    import sahur.celery
    from sahur.batch import chain
    from sahur.batch.engine.saver import FencedSaver
    from sahur.issues import events
    from sahur.issues.services import runs
    from sahur.slack import delivery

    runs.claim = _noting(here, runs.claim)
    runs.finish_stage = _after(here, "after_finish", _before(here, "before_finish", runs.finish_stage))
    runs._give_up_lease = _before(here, "in_finish", runs._give_up_lease)  # inside the transaction, with its locks
    put = _before(here, "before_checkpoint", FencedSaver.put)
    FencedSaver.put = _after(here, "after_checkpoint", put)  # type: ignore[method-assign]
    events.append = _before(here, "before_append", events.append)
    delivery.deliver = _after(here, "after_effect", _before(here, "before_effect", delivery.deliver))
    chain.publish = sahur.celery.publish = _copying(here, sahur.celery.publish)


def _take_fences_away() -> None:
    """Let an attempt that lost its run go on as if it had not: what every check of the token prevents."""
    from langgraph.checkpoint.postgres import PostgresSaver

    from sahur.batch.engine.saver import FencedSaver
    from sahur.issues import events
    from sahur.issues.services import findings, locks, runs

    fence = "where run_id = %(run)s and (%(attempt)s::int is null or (attempt = %(attempt)s::int and lease_until is not null))"
    returning = "returning next_seq - %(count)s as base, attempt"
    assert fence in events._APPEND
    assert returning in events._APPEND
    events._APPEND = events._APPEND.replace(fence, "where run_id = %(run)s").replace(
        returning, "returning next_seq - %(count)s as base, coalesce(%(attempt)s::int, attempt) as attempt"
    )
    runs._owned_run = lambda claim: locks.lock_run(claim.run.id)
    extend = runs.extend_lease
    runs.extend_lease = lambda *args: extend(*args) or True
    runs.stop_requested_by = lambda run_id, attempt: ""
    findings.hold_lease = lambda run_id, attempt: None
    FencedSaver.put = PostgresSaver.put  # type: ignore[method-assign]
    FencedSaver.put_writes = PostgresSaver.put_writes  # type: ignore[method-assign]


def _follow_clock(here: _Here) -> None:
    """Keep the wall clock of this process off by what the file says. The monotonic clock goes on, as in reality."""
    while True:
        wanted = float(here.read("clock"))
        if wanted != here.shift:
            if here.traveller is not None:
                here.traveller.stop()
                here.traveller = None
            if wanted:
                here.traveller = time_machine.travel(datetime.now(UTC) + timedelta(seconds=wanted), tick=True)
                here.traveller.start()
            here.shift = wanted
        # Not touched by the shift: waiting is monotonic.
        threading.Event().wait(CLOCK_POLL_SECONDS)


def _watch_clock(here: _Here) -> None:
    threading.Thread(target=_follow_clock, args=(here,), name="clock", daemon=True).start()


def _enter(folder: Path, *, only_clock: bool) -> None:
    here = _Here(folder)
    if not only_clock:
        django.setup()
        if os.environ.get("UNFENCED"):
            _take_fences_away()
        _install(here)
    _watch_clock(here)
    os.register_at_fork(after_in_child=lambda: _watch_clock(here))


if "FAILPOINTS_DIR" in os.environ and __name__ in ("__main__", "tests.faults.failpoints"):
    # The gateway has no part in the engine, but a clock.
    _enter(Path(os.environ["FAILPOINTS_DIR"]), only_clock=__name__ == "__main__" and sys.argv[1] == "sahur_mcp")

if __name__ == "__main__":
    _, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)

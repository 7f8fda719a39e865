"""One attempt: a worker's ownership of a run, from claim to finish.

A beat thread flushes events, reads the stop flag and extends the lease. Whatever ends the attempt early is remembered as
`interruption`; the beat then cancels what the attempt waits for, and the next emit or wait raises it. A message that its
author wants used now cancels only the model call under way; the attempt goes on.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar

from django.db import DatabaseError, connection, transaction

from sahur.batch.engine.loop import event_loop
from sahur.batch.patience import DATABASE_AWAY, patient
from sahur.issues import events
from sahur.issues.services import effects, findings, messages, runs, usage
from sahur_core.errors import (
    AttemptFenced,
    AttemptInterrupted,
    CallInterrupted,
    DeadlineExceeded,
    RunStopped,
    ShuttingDown,
)
from sahur_core.events import EventPayload, HypothesisStated, StepFinished, TextStreamed
from sahur_core.trace import trace

log = logging.getLogger(__name__)

T = TypeVar("T")
FLUSH_SECONDS = 0.05
FLUSH_COUNT = 20
STOP_CHECK_SECONDS = 0.5
HAND_OVER_SECONDS = 6.0
"""How long a call may still take that is under way when the worker is told to shut down."""


class Attempt:
    """Implements the core's `EventSink` and `Waiter` for one claim. Use as a context manager."""

    def __init__(
        self, claim: runs.Claim, *, lease_seconds: float, stage_seconds: float, is_shutting_down: Callable[[], bool]
    ) -> None:
        self.claim = claim
        self.interruption: AttemptInterrupted | None = None
        self._lease_seconds = lease_seconds
        self._deadline = time.monotonic() + stage_seconds
        self._counted_at = time.monotonic()
        self._is_shutting_down = is_shutting_down
        self._hand_over_by: float | None = None
        self._buffer: list[events.NewEvent] = []
        self._storing = 0
        self._buffer_lock = threading.Lock()
        self._flush_lock = threading.Lock()
        self._futures: set[concurrent.futures.Future[Any]] = set()
        self._interruptible: set[concurrent.futures.Future[Any]] = set()
        self._urgent_author = ""
        self._closing = threading.Event()
        self.thread_id = threading.get_ident()
        """The thread that drives the graph. It keeps its database connection for the whole stage."""
        self._beat = threading.Thread(target=self._run_beat, name=f"beat-{claim.run.id}", daemon=True)

    def __enter__(self) -> Attempt:
        self._beat.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._beat.join(5)
        if self._beat.is_alive() or isinstance(self.interruption, AttemptFenced):
            return
        # A checkpoint may be stored already whose last events are not: whoever goes on from it would never tell them.
        try:
            self._flush_once()
        except (AttemptFenced, DatabaseError, *DATABASE_AWAY) as error:
            log.warning("the last events of run %s were not stored: %s", self.claim.run.id, error)

    # --- EventSink ---

    def emit(self, payload: EventPayload, *, key: str | None = None) -> None:
        """Buffer an event; raises what ends the attempt."""
        self.check()
        with self._buffer_lock:
            # What a flush is just storing is not touched any more.
            last = self._buffer[-1].payload if len(self._buffer) > self._storing else None
            if isinstance(payload, TextStreamed) and isinstance(last, TextStreamed) and last.step_id == payload.step_id:
                self._buffer[-1] = events.NewEvent(TextStreamed(step_id=payload.step_id, text=last.text + payload.text))
            else:
                self._buffer.append(events.NewEvent(payload, key))
            # A step's end is stored before its checkpoint: whoever goes on from there would never tell it.
            is_due = len(self._buffer) >= FLUSH_COUNT or isinstance(payload, StepFinished)
        # The beat flushes for all others: the loop, shared by all waits of the process, must not wait for the database, and
        # the thread of a parallel node would keep the connection.
        if is_due and threading.get_ident() == self.thread_id:
            self.flush()

    def flush(self) -> None:
        """Store what is buffered, in order, bridging a database that is away for a while."""
        patient(self._flush_once)

    def _flush_once(self) -> None:
        with self._flush_lock:
            with self._buffer_lock:
                batch = list(self._buffer)
                self._storing = len(batch)
            if not batch:
                return
            try:
                self._store(batch)
            except AttemptFenced as error:
                self.interrupt(error)
                raise
            with self._buffer_lock:
                del self._buffer[: len(batch)]
                self._storing = 0
        run = self.claim.run
        events.announce(run_id=run.id, issue_id=run.issue_id, team_id=run.issue.team_id)

    def _store(self, batch: Sequence[events.NewEvent]) -> None:
        """Events, what they say was spent and the effects that they cause are stored together or not at all."""
        run, now = self.claim.run, time.monotonic()
        causes = [event.payload for event in batch if isinstance(event.payload, effects.CAUSES_OF_EFFECTS)]
        has_hypothesis = any(isinstance(event.payload, HypothesisStated) for event in batch)
        with transaction.atomic() if causes or has_hypothesis else nullcontext():
            if has_hypothesis:
                findings.note_hypothesis(run.id)
            if causes:
                effects.plan_all(run, causes)
            has_counted = usage.append(run, batch, attempt=self.claim.attempt, seconds=now - self._counted_at)
        if has_counted:
            self._counted_at = now

    # --- Waiter ---

    def wait_for(self, coroutine: Coroutine[Any, Any, T], *, interruptible: bool = False) -> T:
        """Run it on the process's loop; cancelled, and the reason raised, as soon as the attempt must end.

        An `interruptible` one also gives way, with `CallInterrupted`, to a message that is to be used now.
        """
        try:
            self.check()
        except AttemptInterrupted:
            coroutine.close()
            raise
        future: concurrent.futures.Future[T] = asyncio.run_coroutine_threadsafe(coroutine, event_loop())
        self._futures.add(future)
        if interruptible:
            self._urgent_author = ""
            self._interruptible.add(future)
        try:
            if self.interruption is not None:  # it came between the check and the registration
                future.cancel()
            return future.result()
        except (concurrent.futures.CancelledError, asyncio.CancelledError):
            self.check()
            if interruptible and self._urgent_author:
                raise CallInterrupted(self._urgent_author) from None
            raise ShuttingDown("The worker's event loop dropped the call.") from None
        finally:
            self._futures.discard(future)
            self._interruptible.discard(future)

    def check(self) -> None:
        """Raise what ends the attempt, if anything does."""
        if self.interruption is not None:
            raise self.interruption

    def pause_between_steps(self) -> None:
        """Raise what ends the attempt; here also a shutdown, because nothing is under way that would have to be repeated."""
        if self._is_shutting_down():
            self.interrupt(ShuttingDown("The worker hands its runs over."))
        self.check()

    def sleep(self, seconds: float) -> None:
        """Wait, but not longer than the attempt lasts."""
        self.wait_for(asyncio.sleep(seconds))

    # --- the beat ---

    def interrupt(self, reason: AttemptInterrupted) -> None:
        """End the attempt for this reason; the first one stays."""
        if self.interruption is None:
            self.interruption = reason
        for future in list(self._futures):
            future.cancel()

    def _run_beat(self) -> None:
        # The claim has just set the lease and looked at the stop flag: most stages of little work need neither again.
        next_check = time.monotonic() + STOP_CHECK_SECONDS
        next_extension = time.monotonic() + self._lease_seconds / 3
        with trace(self.claim.run.trace_id):
            try:
                while not self._closing.wait(FLUSH_SECONDS) and self.interruption is None:
                    now = time.monotonic()
                    try:
                        # The lease first: events that cannot be stored must not cost the run.
                        if now >= next_extension:
                            self._extend_lease()
                            next_extension = now + self._lease_seconds / 3
                        if now >= next_check:
                            self._check_flags(now)
                            next_check = now + STOP_CHECK_SECONDS
                        self._flush_once()
                    except AttemptFenced as error:
                        self.interrupt(error)
                    except (DatabaseError, *DATABASE_AWAY) as error:
                        # The buffer is kept; the next round tries again, until the lease is lost.
                        log.warning("beat of run %s: the database took nothing: %s", self.claim.run.id, error)
                        connection.close()
                        self._closing.wait(0.5)
            finally:
                connection.close()

    def _extend_lease(self) -> None:
        if not runs.extend_lease(self.claim.run.id, self.claim.attempt, self._lease_seconds):
            raise AttemptFenced(f"Attempt {self.claim.attempt} lost run {self.claim.run.id}.")

    def _check_flags(self, now: float) -> None:
        asked_by = runs.stop_requested_by(self.claim.run.id, self.claim.attempt)
        if asked_by is None:
            raise AttemptFenced(f"Attempt {self.claim.attempt} lost run {self.claim.run.id}.")
        if asked_by:
            self.interrupt(RunStopped(f"{asked_by} stopped the run."))
        elif now > self._deadline:
            self.interrupt(DeadlineExceeded("The stage used up its time."))
        elif self._is_shutting_down():
            self._hand_over_by = self._hand_over_by or now + HAND_OVER_SECONDS
            if now >= self._hand_over_by:
                self.interrupt(ShuttingDown("The worker hands its runs over."))
        if self._interruptible:
            self._give_way_to_urgent_message()

    def _give_way_to_urgent_message(self) -> None:
        """A call that has just been answered stays answered: the message is then taken in before the next one."""
        author = messages.urgent_author(self.claim.run.id)
        if author is not None:
            self._urgent_author = author or "Somebody"
            for future in list(self._interruptible):
                future.cancel()

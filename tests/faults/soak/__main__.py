"""`python -m tests.faults.soak --minutes 10 [--seed 7] [--json figures.json]`; ends with 1 if a promise was broken."""

from __future__ import annotations

import argparse
import json
import logging
import random
import secrets
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.faults.soak import logs
from tests.faults.soak.doors import Doors
from tests.faults.soak.killer import Killer
from tests.faults.soak.ledger import Ledger
from tests.faults.soak.people import Person
from tests.faults.soak.promises import check_everything
from tests.faults.soak.record import Record
from tests.faults.soak.surroundings import Surroundings, remove, surroundings
from tests.faults.soak.upkeep import Upkeep

QUIET_SECONDS = 480
LIVE = "select count(*) from issues_run where status not in ('succeeded', 'failed', 'canceled')"
OPEN_EFFECTS = "select count(*) from issues_effect where state in ('pending', 'started')"


def main() -> int:
    options = parse()
    record = Record(options.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    record.say(f"seed {options.seed}; starting the system")
    is_interrupted, folder = False, None
    try:
        with surroundings(options.seed) as world:
            folder = world.folder
            record.say(f"folder {folder}")
            soak(world, record, options)
    except (KeyboardInterrupt, SystemExit):
        is_interrupted = True
        record.say("interrupted: everything is stopped, the checks of the end were not made")
    if folder is not None:
        tell(record, folder, options)
    return 130 if is_interrupted else int(bool(record.violation_count))


def tell(record: Record, folder: Path, options: argparse.Namespace) -> None:
    """What came of it; the folder is removed unless somebody has to look into it."""
    for name, number in logs.tracebacks(folder).items():
        record.count("tracebacks", name, number)
    record.say_table()
    if options.json:
        options.json.write_text(json.dumps(record.figures(), indent=1))
    if record.violation_count:
        print("\n".join(record.violations), flush=True)
    if record.violation_count or options.keep:
        print(f"logs and data are kept in {folder}", flush=True)
    else:
        remove(folder)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long there are faults")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of all random choices")
    parser.add_argument("--people", type=int, default=6, help="how many people work at once")
    parser.add_argument("--pause", type=float, nargs=2, default=(5.0, 40.0), help="least and most seconds between two faults")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs in any case")
    return parser.parse_args()


def soak(world: Surroundings, record: Record, options: argparse.Namespace) -> None:
    """Work and faults for the given time, then quiet, then every check."""
    ledger = Ledger()
    # They complain about each stream that the vendor cuts off and each socket that a reader drops, as they are told to.
    for name in ("uvicorn.error", "websockets"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with ExitStack() as stack:
        people = []
        for number in range(options.people):
            client = stack.enter_context(world.system.client(("rita", "ada")[number % 2]))
            doors = Doors(client, random.Random(f"{options.seed}/person/{number}"), record)
            people.append(Person(f"person {number}", world, ledger, record, doors))
        judge = stack.enter_context(world.system.client("ada"))
        upkeep = Upkeep(world, record, random.Random(f"{options.seed}/upkeep"))
        stack.callback(upkeep.end)
        killer = Killer(world, record, random.Random(f"{options.seed}/killer"), tuple(options.pause))
        for thread in (upkeep, killer, *people):
            thread.start()
        # It may be about to start a service again.
        stack.callback(killer.join, 40)
        stack.callback(world.closing.set)
        stack.push(lambda kind, *_: world.is_over.set() if kind else None)
        end = time.monotonic() + options.minutes * 60
        while time.monotonic() < end:
            time.sleep(min(60.0, max(0.1, end - time.monotonic())))
            record.say_minute()
        world.closing.set()
        world.vendor.is_calm = True
        world.slack.scripts.clear()
        record.say("closing time: no more faults")
        settle(world, record, [killer, *people])
        check_everything(world, ledger, record, judge)
        record.count("work", "acknowledged reports", len(ledger.reports))
        record.count("work", "acknowledged messages", len(ledger.messages))
        record.count("work", "acknowledged answers", len(ledger.answers))
        record.count("work", "tickets written", len(world.tickets.written))


def settle(world: Surroundings, record: Record, threads: list[Any]) -> None:
    """Until the people have gone home and nothing is under way; pauses of the effects are skipped, to save time."""
    deadline = time.monotonic() + QUIET_SECONDS
    for thread in threads:
        thread.join(max(1.0, deadline - time.monotonic()))
        if thread.is_alive():
            record.violation(f"{thread.name} did not come to an end")
    while time.monotonic() < deadline:
        world.query("update issues_effect set due_at = now() where state = 'pending' and due_at > now() returning 1")
        if world.query(LIVE)[0][0] == 0 and world.query(OPEN_EFFECTS)[0][0] == 0:
            record.say("all is quiet")
            return
        time.sleep(3)


if __name__ == "__main__":
    sys.exit(main())

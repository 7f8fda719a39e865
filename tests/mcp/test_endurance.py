"""Ten thousand calls leave no trace in the gateway's process, and its end leaves no process behind."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fakes import upstream
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.real.process import RealGateway, running
from tests.mcp.test_child import STUBBORN, assert_all_gone
from tests.mcp.test_upstreams import STDIO, status_of, text_of
from tests.waiting import wait_for

pytestmark = pytest.mark.full

WARM_CALLS, ALL_CALLS = 2000, 10_000
CLIENTS = 8
MAX_CONNECTIONS = 40
READ_SECONDS = 1.5
MAX_GROWTH = 1.10
"""Of resident memory between the 2,000th and the 10,000th call: what the allocator wastes, and the receipts kept at hand."""
# Read by the gateway's interpreter at its start; answers to a signal.
WITNESS = """
import asyncio, json, os, signal

def witness(*_):
    names = sorted(task.get_name() for task in asyncio.all_tasks(asyncio.get_running_loop()))
    file = os.environ["WITNESS_FILE"]
    with open(file + ".new", "w") as output:
        json.dump(names, output)
    os.replace(file + ".new", file)

signal.signal(signal.SIGUSR1, witness)
"""
# npx and shell scripts stand between the gateway and the server like this one; and it leaves somebody in another session.
SERVER = shlex.join([sys.executable, str(Path(upstream.__file__)), "stdio"])
WRAPPER = f"trap '' TERM; setsid sleep 1010 & {SERVER}; exit"


@dataclass(frozen=True)
class State:
    """What must not grow."""

    memory: int
    descriptors: int
    """Connections aside: how many of them wait to be used again depends on chance, within a bound."""
    threads: int
    children: int
    tasks: tuple[str, ...]

    @property
    def counts(self) -> tuple[int, int, int, Counter[str]]:
        return self.descriptors, self.threads, self.children, Counter(re.sub(r"\d+$", "", name) for name in self.tasks)


def state_of(gateway: RealGateway, witness: Path) -> State:
    """The gateway at rest: read again, with pauses, until three readings in a row agree."""

    def read() -> State:
        process = psutil.Process(gateway.process.pid)
        witness.unlink(missing_ok=True)
        process.send_signal(signal.SIGUSR1)
        tasks = wait_for(lambda: witness.exists() and json.loads(witness.read_text()), what="the list of tasks")
        children = len(process.children(recursive=True))
        connections = len(process.net_connections("inet"))
        assert connections < MAX_CONNECTIONS
        descriptors = process.num_fds() - connections
        return State(process.memory_info().rss, descriptors, process.num_threads(), children, tuple(tasks))

    readings: list[State] = []

    def rested() -> State | None:
        time.sleep(READ_SECONDS)
        readings.append(read())
        last = readings[-3:]
        return last[-1] if len(last) == 3 and all(each.counts == last[0].counts for each in last) else None

    return wait_for(rested, seconds=120, what="the gateway to come to rest")


async def make_calls(gateway: RealGateway, count: int) -> int:
    """Half of the calls go to each upstream; each client ends its connection. Gives how many were answered rightly."""

    async def use(number: int) -> int:
        right = 0
        async with gateway.http(gateway.token(), {}) as http, gateway.client(http, MODES[number % 2]) as client:
            for turn in range(count // CLIENTS):
                name = ("local", "remote")[turn % 2]
                words = f"{number}-{turn}"
                right += text_of(await client.call_tool(f"{name}__get_echo", {"text": words})) == words
        return right

    return sum(await asyncio.gather(*(use(number) for number in range(CLIENTS))))


MODES = ("2026-07-28", "legacy")


@contextmanager
def watched_gateway(folder: Path, entries: dict[str, Any]) -> Iterator[tuple[RealGateway, Path]]:
    """A gateway process that tells of its tasks in a file."""
    (folder / "sitecustomize.py").write_text(WITNESS)
    witness = folder / "tasks.json"
    variables = {"PYTHONPATH": str(folder), "WITNESS_FILE": str(witness), "SAHUR_LOG_LEVEL": "WARNING"}
    with running(folder, entries, **variables) as gateway:
        for name in entries:
            gateway.wait_for_state(name, "ready")
        yield gateway, witness


@pytest.mark.timeout(900)
async def test_ten_thousand_calls_leave_the_process_as_it_was(tmp_path: Path) -> None:
    with serve(ForeignServer().older_app()) as url:
        entries = {"local": STDIO, "remote": {"url": f"{url}/mcp"}}
        with watched_gateway(tmp_path, entries) as (gateway, witness):
            assert await make_calls(gateway, WARM_CALLS) == WARM_CALLS
            warm = await asyncio.to_thread(state_of, gateway, witness)
            assert await make_calls(gateway, ALL_CALLS - WARM_CALLS) == ALL_CALLS - WARM_CALLS
            end = await asyncio.to_thread(state_of, gateway, witness)
            await asyncio.to_thread(wait_for, lambda: len(gateway.internal.receipts) == ALL_CALLS, 60, "every receipt")
    print(f"warm: {warm}\nend:  {end}")
    assert end.counts == warm.counts
    assert end.memory < MAX_GROWTH * warm.memory


@pytest.mark.timeout(900)
async def test_clients_that_come_and_go_leave_the_process_as_it_was(tmp_path: Path) -> None:
    """Each has a session of its own, with the gateway and through it with the upstream."""
    with serve(ForeignServer().older_app()) as url:
        entries = {"local": STDIO | {"session": "client"}, "remote": {"url": f"{url}/mcp", "session": "client"}}
        with watched_gateway(tmp_path, entries) as (gateway, witness):

            async def come_and_go(times: int) -> None:
                for turn in range(times):
                    name = ("remote", "remote", "local")[turn % 3]
                    result = await gateway.call_as("legacy", f"{name}__get_echo", {"text": str(turn)})
                    assert text_of(result) == str(turn)

            await asyncio.gather(*(come_and_go(6) for _ in range(4)))
            warm = await asyncio.to_thread(state_of, gateway, witness)
            await asyncio.gather(*(come_and_go(15) for _ in range(4)))
            end = await asyncio.to_thread(state_of, gateway, witness)
    print(f"warm: {warm}\nend:  {end}")
    assert end.counts == warm.counts
    assert end.children == 2, "a guardian and its server; the clients' own have gone with them"
    assert [task for task in end.tasks if task.startswith("link to")] == []


def tree(gateway: RealGateway, members: int) -> list[psutil.Process]:
    """All descendants of the gateway, once there are as many."""
    root = psutil.Process(gateway.process.pid)
    return wait_for(lambda: len(found := root.children(recursive=True)) >= members and found, what=f"{members} descendants")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_however_the_gateway_ends_nothing_is_left(tmp_path: Path, number: signal.Signals) -> None:
    entries: dict[str, Any] = {
        "wrapped": {"command": "sh", "args": ["-c", WRAPPER]},
        "deaf": {"command": "sh", "args": ["-c", STUBBORN]},
        "plain": STDIO,
    }
    with running(tmp_path, entries) as gateway:
        gateway.wait_for_state("wrapped", "ready")
        gateway.wait_for_state("plain", "ready")
        # Three guardians, two shells, two servers, three that sleep.
        processes = tree(gateway, 10)
        gateway.process.send_signal(number)
        gateway.process.wait(30)
        assert_all_gone(processes)


async def test_a_wrapped_server_that_dies_leaves_nothing_and_comes_back(tmp_path: Path) -> None:
    with running(tmp_path, {"wrapped": {"command": "sh", "args": ["-c", WRAPPER]}}) as gateway:
        gateway.wait_for_state("wrapped", "ready")
        first = tree(gateway, 4)
        await gateway.call("wrapped__get_death")
        await asyncio.to_thread(assert_all_gone, first)
        await asyncio.to_thread(gateway.wait_for_state, "wrapped", "ready")
        assert status_of(await gateway.call("wrapped__get_echo", {"text": "x"})) == "ok"

"""Ten thousand calls leave no trace in the gateway's process, and its end leaves no process behind."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import ExitStack
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
WRAPPER = f"trap '' TERM; setsid sleep 1010 & {sys.executable} {Path(upstream.__file__)} stdio; exit"


@dataclass(frozen=True)
class State:
    """What must not grow."""

    memory: int
    descriptors: int
    """Connections aside: how many of them wait to be used again depends on chance, within a bound."""
    threads: int
    children: int
    tasks: int


def state_of(gateway: RealGateway, witness: Path) -> State:
    """The gateway at rest: read again until two readings in a row agree."""

    def read() -> State:
        process = psutil.Process(gateway.process.pid)
        witness.unlink(missing_ok=True)
        process.send_signal(signal.SIGUSR1)
        tasks = wait_for(lambda: witness.exists() and json.loads(witness.read_text()), what="the list of tasks")
        children = len(process.children(recursive=True))
        connections = len(process.net_connections("inet"))
        assert connections < MAX_CONNECTIONS
        descriptors = process.num_fds() - connections
        return State(process.memory_info().rss, descriptors, process.num_threads(), children, len(tasks))

    before = read()

    def rested() -> State | None:
        nonlocal before
        now, last = read(), before
        before = now
        same = (now.descriptors, now.threads, now.children, now.tasks) == (
            last.descriptors,
            last.threads,
            last.children,
            last.tasks,
        )
        return now if same and not gateway.ready()["receipts"].get("waiting_segments") else None

    return wait_for(rested, seconds=60, what="the gateway to come to rest")


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


@pytest.mark.timeout(900)
async def test_ten_thousand_calls_leave_the_process_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITNESS)
    witness = tmp_path / "tasks.json"
    with ExitStack() as stack:
        url = stack.enter_context(serve(ForeignServer().older_app()))
        entries = {"local": STDIO, "remote": {"url": f"{url}/mcp"}}
        variables = {"PYTHONPATH": str(tmp_path), "WITNESS_FILE": str(witness), "SAHUR_LOG_LEVEL": "WARNING"}
        gateway = stack.enter_context(running(tmp_path, entries, **variables))
        for name in entries:
            gateway.wait_for_state(name, "ready")
        assert await make_calls(gateway, WARM_CALLS) == WARM_CALLS
        warm = await asyncio.to_thread(state_of, gateway, witness)
        assert await make_calls(gateway, ALL_CALLS - WARM_CALLS) == ALL_CALLS - WARM_CALLS
        end = await asyncio.to_thread(state_of, gateway, witness)
        await asyncio.to_thread(wait_for, lambda: len(gateway.internal.receipts) == ALL_CALLS, 60, "every receipt")
    print(f"warm: {warm}\nend:  {end}")
    assert (end.descriptors, end.threads, end.children, end.tasks) == (
        warm.descriptors,
        warm.threads,
        warm.children,
        warm.tasks,
    )
    assert end.memory < MAX_GROWTH * warm.memory


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

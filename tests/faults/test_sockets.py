"""Every reader gets every event exactly once, in order, whatever becomes of sockets, hints and web servers.

Real clients against real web servers; the events come at the engine's rate from a process that owns the runs.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import redis

from sahur.embedded.services.valkey import Valkey
from tests.e2e.system import READY_SECONDS, System, answers, make_system
from tests.faults.crowd import Reader, Writing, stalled, writing
from tests.services import free_port
from tests.waiting import wait_for

pytestmark = pytest.mark.timeout(600)

RATE = 200
"""Events a second over all runs, as a busy two-slot worker writes them."""
GROUP = "sahur__group__news"
SECONDS = 6
FRAMES = 20
"""More than one gets from a poll every two seconds, fewer than from a hint every 50 ms."""


@dataclass
class Doors:
    """Web servers on a Valkey of their own, and nothing else: the writer stands in for the workers."""

    system: System
    valkey: Valkey
    valkey_process: int

    def url(self, name: str = "web") -> str:
        command = self.system.commands[name]
        return f"http://127.0.0.1:{command[command.index('--port') + 1]}"

    def start(self, name: str = "web") -> None:
        self.system.start(name)
        self.wait_until_ready(name)

    def wait_until_ready(self, name: str = "web") -> None:
        wait_for(lambda: answers(f"{self.url(name)}/api/health/ready/"), READY_SECONDS, f"{name} to be ready")

    def memory(self) -> float:
        """PSS of web in MiB."""
        return psutil.Process(self.system.processes["web"].pid).memory_full_info().pss / 2**20

    def holds(self, port: int) -> bool:
        """Whether web still has the connection of the client at this port."""
        ends = psutil.Process(self.system.processes["web"].pid).net_connections("tcp4")
        return any(end.raddr and end.raddr.port == port for end in ends)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder: Path = tmp_path_factory.mktemp("sockets")
    valkey = Valkey(folder / "valkey", free_port(), durable=False)
    process = valkey.start(folder / "valkey.log")
    try:
        system = make_system(folder, REDIS_URL=valkey.url())
        command = system.commands["web"]
        port = command.index("--port") + 1
        system.commands["other"] = [*command[:port], str(free_port()), *command[port + 1 :]]
        doors = Doors(system, valkey, process.pid)
        try:
            doors.start()
            yield doors
        finally:
            system.stop()
    finally:
        process.kill()
        process.wait(10)


@asynccontextmanager
async def reading(readers: list[Reader]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """The readers at work, each with its first history behind it."""
    tasks = [asyncio.create_task(reader.follow()) for reader in readers]
    try:
        async with asyncio.timeout(90):
            await asyncio.gather(*(reader.opened.wait() for reader in readers))
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def end_all(writer: Writing, readers: list[Reader], tasks: list[asyncio.Task[None]]) -> None:
    """End the runs, wait for the readers, and hold what they saw against what was written."""
    last = (await writer.ask("end"))["last_seq"]
    _, waiting = await asyncio.wait(tasks, timeout=90)
    assert not waiting, [reader for reader in readers if not reader.is_ended]
    for task in tasks:
        task.result()
    assert [wrong for reader in readers for wrong in reader.wrong] == []
    assert [reader.cursor for reader in readers] == [last[reader.run] for reader in readers]


def some(writer: Writing, urls: list[str], count: int, runs: int, **options: bool) -> list[Reader]:
    return [Reader(urls, writer.runs[n % runs], writer.cookies[n % len(writer.cookies)], **options) for n in range(count)]


@pytest.mark.full
async def test_a_hundred_readers_and_none_waits_for_the_slow(doors: Doors) -> None:
    """60 leave and come back at random; one reads a frame a second; one reads nothing, is cut, and comes back."""
    async with writing(doors.system, runs=9, users=4) as writer:
        await writer.ask("fill", run=8, events=2000, chars=2000)
        long, url = writer.runs[8], doors.url()
        well = some(writer, [url], 38, runs=8) + some(writer, [url], 60, runs=8, restless=True)
        slow = Reader([url], long, writer.cookies[0], pause=1.0)
        with stalled(url, long, writer.cookies[1]) as still:
            port = still.getsockname()[1]
            async with reading(well) as tasks, reading_slowly(slow) as slowly:
                before = doors.memory()
                await writer.ask("write", rate=RATE, seconds=5)
                await end_all(writer, [*well, slow], [*tasks, slowly])
            latest = max(late for reader in well for late in reader.late)
            print(f"memory of web: {before:.0f} MB, then {doors.memory():.0f} MB; latest event: {latest:.2f} s")
            assert doors.memory() - before < 100
            assert max(reader.ended_at for reader in well) < slow.ended_at
            wait_for(lambda: not doors.holds(port), 60, "the stalled connection to be cut")
        again = Reader([url], long, writer.cookies[1], cursor=1000)
        await asyncio.wait_for(again.follow(), 60)
    assert (again.wrong, again.cursor) == ([], slow.cursor)
    assert sum(reader.connections for reader in well) > len(well)


@asynccontextmanager
async def reading_slowly(reader: Reader) -> AsyncIterator[asyncio.Task[None]]:
    """Nobody waits until a slow reader has its history."""
    task = asyncio.create_task(reader.follow())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.full
async def test_a_web_server_that_dies_loses_no_reader_an_event(doors: Doors) -> None:
    async with writing(doors.system, runs=5, users=2) as writer:
        readers = some(writer, [doors.url()], 50, runs=5)
        async with reading(readers) as tasks:
            write = asyncio.create_task(writer.ask("write", rate=RATE, seconds=8))
            await asyncio.sleep(1)
            doors.system.kill("web")
            doors.system.start("web")
            await write
            await asyncio.to_thread(doors.wait_until_ready)
            await end_all(writer, readers, tasks)
    assert all(reader.connections >= 2 for reader in readers)


@pytest.mark.full
async def test_two_web_servers_tell_the_same_and_one_is_enough(doors: Doors) -> None:
    doors.start("other")
    try:
        async with writing(doors.system, runs=5, users=2) as writer:
            urls = [doors.url(), doors.url("other")]
            readers = some(writer, urls, 30, runs=5) + some(writer, urls, 30, runs=5, restless=True)
            async with reading(readers) as tasks:
                await writer.ask("write", rate=RATE, seconds=3)
                doors.system.kill("other")
                await writer.ask("write", rate=RATE, seconds=3)
                await end_all(writer, readers, tasks)
    finally:
        if doors.system.processes["other"].poll() is None:
            doors.system.kill("other")


# --- Hints that do not come -----------------------------------------------------------------------------------------


@contextmanager
def subscriptions_killed(doors: Doors) -> Iterator[None]:
    """Connections that listen are closed, again and again."""
    done = threading.Event()

    def kill() -> None:
        with redis.Redis.from_url(doors.valkey.url()) as client:
            while not done.wait(0.1):
                client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        done.set()
        killer.join(10)


@contextmanager
def publishing_denied(doors: Doors) -> Iterator[None]:
    """The rest of Valkey works, as its queue and cache do."""
    with redis.Redis.from_url(doors.valkey.url()) as client:
        client.execute_command("ACL", "LOG", "RESET")
        client.execute_command("ACL", "SETUSER", "default", "-publish")
        try:
            yield
            assert any(entry["object"] == "publish" for entry in client.acl_log()), "nobody tried"
        finally:
            client.execute_command("ACL", "SETUSER", "default", "+publish")


@contextmanager
def valkey_stopped(doors: Doors) -> Iterator[None]:
    """Its connections stay open, and nothing is answered."""
    os.kill(doors.valkey_process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(doors.valkey_process, signal.SIGCONT)


@pytest.mark.full
@pytest.mark.parametrize("without_hints", [subscriptions_killed, publishing_denied, valkey_stopped])
async def test_readers_live_on_polls_while_hints_are_lost(doors: Doors, without_hints: Callable[[Doors], Iterator[None]]) -> None:
    async with writing(doors.system, runs=5, users=2) as writer:
        readers = some(writer, [doors.url()], 40, runs=5) + some(writer, [doors.url()], 10, runs=5, restless=True)
        async with reading(readers) as tasks:
            frames = [reader.frames for reader in readers]
            with without_hints(doors):
                written = await writer.ask("write", rate=RATE, seconds=SECONDS)
                await caught_up(readers, written["last_seq"])
            if without_hints is not subscriptions_killed:  # between two kills a hint may come through
                assert all(reader.frames - had < FRAMES for reader, had in zip(readers[:40], frames, strict=False))
            assert heard(doors)
            await end_all(writer, readers, tasks)


async def caught_up(readers: list[Reader], last: dict[str, int]) -> None:
    """Everything has arrived, though the fault goes on."""
    async with asyncio.timeout(60):
        while any(reader.cursor < last[reader.run] for reader in readers):
            await asyncio.sleep(0.05)


def heard(doors: Doors) -> bool:
    """Whether, after the fault, web listens to hints again."""
    with redis.Redis.from_url(doors.valkey.url(), socket_timeout=5) as client:
        return bool(wait_for(lambda: dict(client.pubsub_numsub(GROUP))[GROUP.encode()] > 0, 60, "web to listen again"))


@pytest.mark.full
async def test_hints_are_what_makes_it_quick(doors: Doors) -> None:
    """The control: where no hint is lost there are more frames than polls, so the test above really had lost them."""
    async with writing(doors.system, runs=1, users=1) as writer:
        readers = some(writer, [doors.url()], 1, runs=1)
        async with reading(readers) as tasks:
            await writer.ask("write", rate=RATE, seconds=SECONDS)
            await end_all(writer, readers, tasks)
    assert readers[0].frames > FRAMES

"""The streams of a stdio upstream: its child process, one JSON-RPC message a line.

Beside the SDK's own transport, which a foreign program could harm us through: there a line without an end fills our
memory, a long one takes time that grows with the square of its length, and each line that is no message writes a stack
trace with its contents into the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

logger = logging.getLogger(__name__)

MAX_LINE_BYTES = 16_000_000
MAX_NOISE = 20
"""So many lines that are no message are shown to the session; further ones are dropped."""
EXIT_SECONDS = 2.0
"""What a server gets to end by itself once its standard input has ended (the protocol's way to say goodbye)."""
KILL_SECONDS = 4.0
"""What the guardian gets to end it, and all that it started."""
_LOOK_SECONDS = 0.01

_GUARDIAN = Path(__file__).with_name("child.py")

Incoming = SessionMessage | Exception


@asynccontextmanager
async def open_child(
    command: Sequence[str], variables: dict[str, str], folder: str | None, errors: TextIO
) -> AsyncIterator[tuple[MemoryObjectReceiveStream[Incoming], MemoryObjectSendStream[SessionMessage]]]:
    """Start a command under its guardian (`child.py`) and give the streams that an SDK session reads and writes.

    It gets `variables` and of ours only what the SDK deems safe (PATH, HOME and the like). Raises `OSError`.
    """
    loop = asyncio.get_running_loop()
    # Isolated: what the server's variables say to a Python of its own must not reach the guardian.
    transport, protocol = await loop.subprocess_exec(
        lambda: asyncio.subprocess.SubprocessStreamProtocol(limit=MAX_LINE_BYTES, loop=loop),
        *(sys.executable, "-IS", str(_GUARDIAN), *command),
        stderr=errors,
        env=get_default_environment() | variables,
        cwd=folder,
        start_new_session=True,
    )
    process = asyncio.subprocess.Process(transport, protocol, loop)
    send_in, receive_in = anyio.create_memory_object_stream[Incoming](0)
    send_out, receive_out = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_read, process, send_in, command[0])
            tasks.start_soon(_write, process, receive_out, send_in)
            try:
                yield receive_in, send_out
            finally:
                # Closed first: a reader that still hands over a line lets go of it.
                receive_in.close()
                send_out.close()
                with anyio.CancelScope(shield=True):
                    await _stop(process)
                tasks.cancel_scope.cancel()
    finally:
        transport.close()


async def _read(process: asyncio.subprocess.Process, into: MemoryObjectSendStream[Incoming], name: str) -> None:
    """Hand over the messages, until the end or until a line is too long."""
    stdout, noise = process.stdout, 0
    if stdout is None:
        raise RuntimeError("the child was started without pipes")
    async with into:
        while True:
            try:
                line = await stdout.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                logger.warning("%s wrote a line of more than %d bytes: its session ends", name, MAX_LINE_BYTES)
                return
            try:
                message: Incoming = SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
            except ValueError as error:
                noise += 1
                if noise > MAX_NOISE:
                    continue
                message = error
            try:
                await into.send(message)
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                return


async def _write(
    process: asyncio.subprocess.Process,
    messages: MemoryObjectReceiveStream[SessionMessage],
    incoming: MemoryObjectSendStream[Incoming],
) -> None:
    stdin = process.stdin
    if stdin is None:
        raise RuntimeError("the child was started without pipes")
    try:
        async with messages:
            async for message in messages:
                stdin.write(message.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                await stdin.drain()
    except OSError:
        # It no longer reads: the session must see its end, or requests would wait for their time-out.
        await incoming.aclose()


async def _stop(process: asyncio.subprocess.Process) -> None:
    """As the protocol says (lifecycle, shutdown): end its input, wait, then end it; its guardian ends what it started."""
    if process.stdin is not None:
        process.stdin.close()
    if await _has_ended(process, EXIT_SECONDS):
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    if await _has_ended(process, KILL_SECONDS):
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if not await _has_ended(process, KILL_SECONDS):
        logger.error("process %d of an upstream cannot be killed", process.pid)


async def _has_ended(process: asyncio.subprocess.Process, seconds: float) -> bool:
    """Not `process.wait()`: that waits for the pipes too, which a stray process may hold open."""
    with anyio.move_on_after(seconds):
        while process.returncode is None:
            await anyio.sleep(_LOOK_SECONDS)
    return process.returncode is not None

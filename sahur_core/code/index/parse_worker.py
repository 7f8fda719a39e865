"""Parsing many files: here, or by several processes that each write segments of their own.

Run as a module it is such a process: it reads `key blob path` as JSON lines, and writes a line per batch of files done.
Processes rather than a pool: an indexer may itself be a daemonic process, which must not have children by
`multiprocessing`. They inherit the repository's lock, so that an orphan of a killed indexer keeps others out until it ends.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sahur_core.code.git.command import Git
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.parsing import ParsedFile, parse_file, parse_plainly
from sahur_core.code.index.segment import MAX_TOKENS, SegmentWriter, known_keys, merge_segments
from sahur_core.code.index.store import Store
from sahur_core.errors import RepositoryError

Todo = Sequence[tuple[int, str, str]]
"""Key, blob and path of each file."""
BATCH = 100
MAX_CRASHES = 5
PLAIN = "plain"
"""Option of a process: look for no definitions."""
WORKER = (sys.executable, "-m", "sahur_core.code.index.parse_worker")
log = logging.getLogger(__name__)
_PACKAGE_PARENT = Path(__file__).parents[3]


def parse_here(repository: Repository, todo: Todo, store: Store, progress: Callable[[str], None]) -> None:
    """Parse in this process."""
    _parse(repository, todo, store, store.next_name(), lambda done: progress(f"Reading {done} of {len(todo)} new files"))


def parse_in_processes(
    git_dir: Path, todo: Todo, store: Store, processes: int, progress: Callable[[str], None], lock: int
) -> None:
    """Parse in several processes. Files at which one of them crashes are kept without their definitions.

    Raises `RepositoryError` if they crash again and again.
    """
    pending, plain = list(todo), list[tuple[int, str, str]]()
    for _ in range(MAX_CRASHES):
        suspects = _run(git_dir, pending, store, processes, progress, lock)
        if not suspects:
            break
        plain += suspects
        done = {int(key) for key in known_keys(store.load())} | {key for key, _, _ in suspects}
        pending = [item for item in pending if item[0] not in done]
    else:
        raise RepositoryError("Reading the files crashed again and again.", next_step="See the indexer's log.")
    if plain:
        log.warning("parsers crashed among %d files, which are searched by their lines alone", len(plain))
        process = _start(git_dir, plain, store, f"{store.next_name()}-plain", lock, PLAIN)
        with process:
            for _ in process.stdout or ():
                progress(f"Reading {len(plain)} files again")
        if process.returncode:
            raise RepositoryError("Files cannot be read from the clone.", next_step="See the indexer's log.")


def _run(
    git_dir: Path, todo: Todo, store: Store, processes: int, progress: Callable[[str], None], lock: int
) -> list[tuple[int, str, str]]:
    """Parse what is to do; gives the batches at which processes crashed."""
    name = store.next_name()
    shares = [todo[number::processes] for number in range(processes)]
    running = [_start(git_dir, share, store, f"{name}-{number}", lock) for number, share in enumerate(shares)]
    suspects: list[tuple[int, str, str]] = []
    done = 0
    try:
        for process, share in zip(running, shares, strict=True):
            own = 0
            for _ in process.stdout or ():  # each writes little: none blocks on a full pipe while another is read
                own += BATCH
                progress(f"Reading {min(done + own, len(todo))} of {len(todo)} new files")
            done += own
            if process.wait():
                suspects += share[own : own + BATCH]
    finally:
        for process in running:
            process.kill()
            process.wait()
    return suspects


def _start(git_dir: Path, todo: Todo, store: Store, name: str, lock: int, *options: str) -> subprocess.Popen[str]:
    command = [*WORKER, str(git_dir), str(store.directory), name, *options]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_PACKAGE_PARENT, pass_fds=(lock,)
    )
    lines = "".join(json.dumps(item) + "\n" for item in todo)
    threading.Thread(target=_feed, args=(process, lines), daemon=True).start()
    return process


def _feed(process: subprocess.Popen[str], lines: str) -> None:
    if process.stdin is None:
        return
    try:
        process.stdin.write(lines)
        process.stdin.close()
    except BrokenPipeError:
        return  # it ended early; its exit code is looked at


def _parse(
    repository: Repository,
    todo: Todo,
    store: Store,
    name: str,
    on_batch: Callable[[int], None],
    parse: Callable[[str, bytes], ParsedFile] | None = None,
) -> None:
    parse = parse or parse_file
    writer = SegmentWriter()
    parts = 0
    contents: Iterable[bytes] = repository.read_blobs([blob for _, blob, _ in todo])
    for done, ((key, _, path), data) in enumerate(zip(todo, contents, strict=True), 1):
        writer.add(key, parse(path, data))
        if done % BATCH == 0:
            on_batch(done)
        if writer.size >= MAX_TOKENS:
            store.add(writer.arrays(), f"{name}-{parts:03d}")
            writer, parts = SegmentWriter(), parts + 1
    if len(writer):
        store.add(writer.arrays(), f"{name}-{parts:03d}")


def _main() -> None:
    git_dir, directory, name, *options = sys.argv[1:]
    parse = parse_plainly if PLAIN in options else parse_file
    todo = [(int(key), str(blob), str(path)) for key, blob, path in map(json.loads, sys.stdin)]
    store = Store(Path(directory), merge_segments)
    _parse(Repository(Git(Path(git_dir))), todo, store, name, lambda done: print(done, flush=True), parse)


if __name__ == "__main__":
    _main()

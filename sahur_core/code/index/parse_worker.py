"""Parsing many files: here, or by several processes that each write segments of their own.

Run as a module it is such a process: it reads `key blob path` as JSON lines, and writes a line per batch of files done.
Processes rather than a pool: an indexer may itself be a daemonic process, which must not have children by
`multiprocessing`. They inherit the repository's lock, so that an orphan of a killed indexer keeps others out until it ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sahur_core.code.git.command import Git
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.parsing import parse_file
from sahur_core.code.index.segment import MAX_TOKENS, SegmentWriter, merge_segments
from sahur_core.code.index.store import Store
from sahur_core.errors import RepositoryError

Todo = Sequence[tuple[int, str, str]]
"""Key, blob and path of each file."""
BATCH = 100
_PACKAGE_PARENT = Path(__file__).parents[3]


def parse_here(repository: Repository, todo: Todo, store: Store, progress: Callable[[str], None]) -> None:
    """Parse in this process."""
    _parse(repository, todo, store, store.next_name(), lambda done: progress(f"Reading {done} of {len(todo)} new files"))


def parse_in_processes(
    git_dir: Path, todo: Todo, store: Store, processes: int, progress: Callable[[str], None], lock: int
) -> None:
    """Raises `RepositoryError` if one of the processes fails; what the others wrote is kept."""
    name = store.next_name()
    running = [_start(git_dir, todo[number::processes], store, f"{name}-{number}", lock) for number in range(processes)]
    try:
        done = 0
        failed: list[int] = []
        for process in running:  # each writes little: none blocks on a full pipe while another is read
            for _ in process.stdout or ():
                done += BATCH
                progress(f"Reading {min(done, len(todo))} of {len(todo)} new files")
            failed.append(process.wait())
    finally:
        for process in running:
            process.kill()
            process.wait()
    if any(failed):
        raise RepositoryError(
            f"A process that reads files ended with exit code {max(failed, key=abs)}.",
            next_step="See the indexer's log; try again.",
        )


def _start(git_dir: Path, todo: Todo, store: Store, name: str, lock: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sahur_core.code.index.parse_worker", str(git_dir), str(store.directory), name]
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


def _parse(repository: Repository, todo: Todo, store: Store, name: str, on_batch: Callable[[int], None]) -> None:
    writer = SegmentWriter()
    parts = 0
    contents: Iterable[bytes] = repository.read_blobs([blob for _, blob, _ in todo])
    for done, ((key, _, path), data) in enumerate(zip(todo, contents, strict=True), 1):
        writer.add(key, parse_file(path, data))
        if done % BATCH == 0:
            on_batch(done)
        if writer.size >= MAX_TOKENS:
            store.add(writer.arrays(), f"{name}-{parts:03d}")
            writer, parts = SegmentWriter(), parts + 1
    if len(writer):
        store.add(writer.arrays(), f"{name}-{parts:03d}")


def _main() -> None:
    git_dir, directory, name = sys.argv[1:]
    todo = [(int(key), str(blob), str(path)) for key, blob, path in map(json.loads, sys.stdin)]
    store = Store(Path(directory), merge_segments)
    _parse(Repository(Git(Path(git_dir))), todo, store, name, lambda done: print(done, flush=True))


if __name__ == "__main__":
    _main()

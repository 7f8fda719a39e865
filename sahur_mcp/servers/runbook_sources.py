"""Where runbooks come from: a folder of the deployment, and the repositories of a team. Blocking; both keep what is unchanged.

Nothing outside of a source is ever opened: files are found by walking it, symbolic links count only if what they stand
for is inside of it, and a runbook is read by a name that the walk has given.
"""

from __future__ import annotations

import logging
import os
import stat
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sahur_core.code.git.repository import Repository, TreeEntry
from sahur_core.errors import RepositoryError
from sahur_mcp.servers.runbook_files import MAX_BYTES, Runbook, text_lines

logger = logging.getLogger(__name__)

MAX_FILES = 2000
"""Of one source; what is beyond is left out and said."""
MAX_LINES = 5000
MAX_SOURCE_LINES = 100_000
"""Of all runbooks of one source: some seconds of work at the first question after a change."""
MAX_DEPTH = 16
TEAM_FOLDERS = "teams"
"""Below the folder of the deployment: `teams/<key of a team>/` is for that team alone."""
REPOSITORY_FOLDERS = ("runbooks", "docs/runbooks")
SHARED, OF_TEAM = "shared folder", "folder of the team"


@dataclass
class Found:
    """What a source holds, and what of it cannot be used, with the reason."""

    runbooks: list[Runbook] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    _lines: int = 0

    def add(self, runbook: Runbook) -> None:
        """Add it, unless it is so long that finding its headings would keep others waiting."""
        if len(runbook.lines) > MAX_LINES:
            self.left_out[runbook.path] = f"it has more than {MAX_LINES} lines"
        elif self._lines + len(runbook.lines) > MAX_SOURCE_LINES:
            self.left_out[runbook.path] = f"the runbooks of this source have more than {MAX_SOURCE_LINES} lines"
        else:
            self._lines += len(runbook.lines)
            self.runbooks.append(runbook)


class FolderSource:
    """Markdown below a folder. It is walked at each question, and a file is read when it has changed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[str, Runbook] = {}
        self._lock = threading.Lock()

    @property
    def has_team_folders(self) -> bool:
        return (self._directory / TEAM_FOLDERS).is_dir()

    def shared(self) -> Found:
        """For every team: all but the folders of teams."""
        return self._found(self._directory, SHARED, excluded=self._directory / TEAM_FOLDERS)

    def of_team(self, key: str) -> Found:
        """For one team. The key comes from the server and is letters and digits."""
        return self._found(self._directory / TEAM_FOLDERS / key, OF_TEAM, excluded=None)

    def _found(self, root: Path, source: str, excluded: Path | None) -> Found:
        found = Found()
        if not root.is_dir():
            return found
        bounds = _Bounds(root.resolve(), excluded.resolve() if excluded else None)
        with self._lock:
            before = {path for path, known in self._known.items() if known.source == source and self._is_of(path, root)}
            for path in _walk(root, bounds, set(), 0):
                name = path.relative_to(self._directory).as_posix()
                if len(found.runbooks) + len(found.left_out) >= MAX_FILES:
                    found.left_out[name] = f"there are more than {MAX_FILES}"
                    break
                self._take(name, path.resolve(), source, found)
            for gone in before - {runbook.path for runbook in found.runbooks}:
                del self._known[gone]
        return found

    def _is_of(self, name: str, root: Path) -> bool:
        return (self._directory / name).is_relative_to(root)

    def _take(self, name: str, real: Path, source: str, found: Found) -> None:
        """Add the file to what is found, or why it is not."""
        try:
            # Not a link any more, and never a pipe: opening one would wait for its other end.
            handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            found.left_out[name] = f"it cannot be read ({error.strerror})"
            return
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode) or state.st_size > MAX_BYTES:
                found.left_out[name] = f"it is larger than {MAX_BYTES // 1024} KiB, or no file"
                return
            version = f"{state.st_mtime_ns}:{state.st_size}:{state.st_ino}"
            known = self._known.get(name)
            if known is None or known.version != version:
                lines = text_lines(file.read(MAX_BYTES))
                if lines is None:
                    found.left_out[name] = "it is not text"
                    return
                known = Runbook(name, source, version, datetime.fromtimestamp(state.st_mtime, UTC), lines)
                self._known[name] = known
        found.add(known)


@dataclass(frozen=True)
class _Bounds:
    inside: Path
    outside: Path | None

    def hold(self, real: Path) -> bool:
        return real.is_relative_to(self.inside) and not (self.outside and real.is_relative_to(self.outside))


def _walk(folder: Path, bounds: _Bounds, visited: set[Path], depth: int) -> Iterator[Path]:
    """Markdown files below a folder, sorted; hidden ones, and links that lead out or in a circle, are passed over."""
    real = folder.resolve()
    if depth > MAX_DEPTH or real in visited or not bounds.hold(real):
        return
    visited.add(real)
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        logger.warning("the folder %s of runbooks cannot be read: %s", folder, error.strerror)
        return
    for path in paths:
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _walk(path, bounds, visited, depth + 1)
        elif path.name.lower().endswith(".md") and path.is_file() and bounds.hold(path.resolve()):
            yield path


@dataclass
class _Checked:
    at: float
    commit: str
    found: Found


class RepositorySource:
    """Markdown below `runbooks/` and `docs/runbooks/` at the newest commit of the default branch."""

    def __init__(self, *, keep_seconds: float = 15.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._known: dict[Path, _Checked] = {}
        self._locks: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)

    def found(self, folder: Path, name: str) -> Found:
        """What the repository in this folder holds. One that cannot be read is named as left out."""
        with self._locks[folder]:
            known = self._known.get(folder)
            if known is not None and known.at + self._keep_seconds > self._clock():
                return known.found
            try:
                repository = Repository.open(folder)
                commit = repository.resolve("")
                if known is None or known.commit != commit:
                    known = _Checked(0.0, commit, _read_all(repository, commit, name))
            except RepositoryError as error:
                return Found(left_out={name: error.message})
            known.at = self._clock()
            self._known[folder] = known
            return known.found


def _read_all(repository: Repository, commit: str, name: str) -> Found:
    found = Found()
    wanted: list[TreeEntry] = []
    for folder in REPOSITORY_FOLDERS:
        for entry in repository.entries(commit, folder):
            if not entry.is_file or not entry.path.lower().endswith(".md"):
                continue
            if entry.size > MAX_BYTES or len(wanted) >= MAX_FILES:
                found.left_out[f"{name}:{entry.path}"] = f"it is larger than {MAX_BYTES // 1024} KiB, or beyond {MAX_FILES} files"
                continue
            wanted.append(entry)
    if not wanted:
        return found
    changes = repository.last_changes(commit, REPOSITORY_FOLDERS)
    contents = repository.read_blobs([entry.blob for entry in wanted])
    for entry, content in zip(wanted, contents, strict=True):
        lines, change = text_lines(content), changes.get(entry.path, changes[""])
        if lines is None:
            found.left_out[f"{name}:{entry.path}"] = "it is not text"
            continue
        path, version = f"{name}:{entry.path}", f"{entry.blob}:{change.sha}"
        found.add(Runbook(path, f"repository {name}", version, change.committed_at, lines, change.author, change.sha))
    return found

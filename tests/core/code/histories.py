"""Bare repositories made in one go by `git fast-import`: whole histories in some milliseconds, odd paths and modes too."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sahur_core.code.git.repository import Repository

Edit = tuple[str, str]
Content = str | bytes | Edit | None
"""Text, bytes, a replacement of some text by another, or None for a deleted file."""
START = datetime(2026, 1, 1, 10, tzinfo=UTC)
FILE, LINK, SUBMODULE = "100644", "120000", "160000"


@dataclass(frozen=True)
class Step:
    """One commit: its message, what it changes, the tags it gets, and how many days it comes after the one before."""

    message: str
    files: Mapping[str, Content] = field(default_factory=dict)
    tags: Sequence[str] = ()
    days: float = 1
    modes: Mapping[str, str] = field(default_factory=dict)
    author: str = "Ada"


def write_history(directory: Path, steps: Sequence[Step], branch: str = "main") -> list[str]:
    """Make `<directory>/git` with one commit for each step; gives their shas. Steps may be added to one that is there."""
    git_dir = directory / "git"
    base = ["git", f"--git-dir={git_dir}"]
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    if not git_dir.exists():
        made = ["git", "init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(git_dir)]
        subprocess.run(made, env=env, check=True)
    marks = directory / "marks"
    stream = _stream(steps, branch)
    command = [*base, "fast-import", "--quiet", "--force", f"--export-marks={marks}"]
    subprocess.run(command, input=stream, env=env, check=True, capture_output=True)
    shas = dict(line.split(" ") for line in marks.read_text().split("\n") if line)
    return [shas[f":{number}"] for number in range(1, len(steps) + 1)]


def open_history(directory: Path, steps: Sequence[Step]) -> tuple[Repository, list[str]]:
    """The repository, and the shas of the steps."""
    shas = write_history(directory, steps)
    return Repository.open(directory), shas


def _stream(steps: Sequence[Step], branch: str) -> bytes:
    known: dict[str, str] = {}
    parts: list[bytes] = []
    moment = START
    for number, step in enumerate(steps, 1):
        moment += timedelta(days=step.days)
        who = f"{step.author} <{step.author.lower()}@example.org> {int(moment.timestamp())} +0000"
        parts.append(f"commit refs/heads/{branch}\nmark :{number}\nauthor {who}\ncommitter {who}\n".encode())
        parts.append(_data(step.message.encode()))
        if number > 1:
            parts.append(f"from :{number - 1}\n".encode())
        for path, content in step.files.items():
            parts.append(_change(path, content, step.modes.get(path, FILE), known))
        parts.append(b"\n")
        parts += [f"reset refs/tags/{tag}\nfrom :{number}\n\n".encode() for tag in step.tags]
    return b"".join(parts)


def _change(path: str, content: Content, mode: str, known: dict[str, str]) -> bytes:
    if content is None:
        return f"D {_quoted(path)}\n".encode()
    if mode == SUBMODULE:
        return f"M {mode} {content!s} {_quoted(path)}\n".encode()
    if isinstance(content, tuple):
        old, new = content
        assert known[path].count(old) == 1, f"{old!r} has to stand once in {path}"
        content = known[path].replace(old, new)
    if isinstance(content, str):
        known[path] = content
    return f"M {mode} inline {_quoted(path)}\n".encode() + _data(content if isinstance(content, bytes) else content.encode())


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'

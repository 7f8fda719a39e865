"""Small real git repositories, made by git itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sahur_core.code.git.clone import clone_or_update
from sahur_core.code.git.repository import Repository

Files = dict[str, str | bytes | None]


class Origin:
    """A work tree that somebody pushes to; `commit` adds one commit and gives its sha."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._days = 0
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", "--template=")

    def git(self, *arguments: str, **environment: str) -> str:
        base = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments]
        done = subprocess.run(command, cwd=self.path, env={**base, **environment}, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, message: str, files: Files, author: str = "Ada <ada@example.org>") -> str:
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self._days += 1
        date = f"2026-01-{self._days:02d}T10:00:00+0000"
        self.git("add", "--all")
        options = ("--quiet", "--allow-empty", f"--author={author}")
        self.git("commit", *options, "-m", message, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path / "origin")


@pytest.fixture
def cloned(origin: Origin, tmp_path: Path) -> Callable[[], Repository]:
    """Clone or update the origin, and open the clone."""

    def clone() -> Repository:
        clone_or_update(str(origin.path), tmp_path / "store", lambda _: None)
        return Repository.open(tmp_path / "store")

    return clone

"""Makes a git repository out of patches, with the same shas on every machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sahur_core.errors import RepositoryError

_COMMITTER = {"GIT_COMMITTER_NAME": "Release Bot", "GIT_COMMITTER_EMAIL": "release@example.org"}


def apply_history(patches: Path, directory: Path) -> None:
    """Apply `patches/*.patch` (as `git format-patch` writes them) in order; the work tree is left at the last one.

    Author, date and message come from each patch, and the committer is fixed, so that nothing depends on who runs this.
    Raises `RepositoryError` with git's words.
    """
    directory.mkdir(parents=True)
    _git(directory, "init", "--quiet", "--template=", "--initial-branch=main")
    files = [str(path) for path in sorted(patches.glob("*.patch"))]
    _git(directory, "am", "--quiet", "--committer-date-is-author-date", "--keep-cr", *files)


def head_commit(directory: Path) -> str:
    """The full sha that is checked out; empty where there is no usable repository."""
    if not (directory / ".git").is_dir():
        return ""
    done = _run(directory, "rev-parse", "--verify", "--quiet", "HEAD")
    return done.stdout.strip() if done.returncode == 0 else ""


def _git(directory: Path, *arguments: str) -> str:
    done = _run(directory, *arguments)
    if done.returncode != 0:
        raise RepositoryError(
            f"git {arguments[0]} failed in {directory}: {done.stderr.strip()[:300]}",
            next_step="Remove that folder and start again.",
        )
    return done.stdout


def _run(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    git = shutil.which("git")
    if git is None:
        raise RepositoryError("git is not installed.", next_step="Install git and start again.")
    environment = {
        "PATH": os.pathsep.join([str(Path(git).parent), os.defpath]),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CEILING_DIRECTORIES": str(directory.parent),
        **_COMMITTER,
    }
    return subprocess.run(
        [git, "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "gc.auto=0", *arguments],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )

"""Python programs that cannot live beside ours: each in an environment of its own in `.sahur/tests/`, made once."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.node_packages import CACHE

INSTALL_SECONDS = 900


def environment(requirements: Path) -> Path:
    """The Python of an environment with what a locked file (with hashes) names. Skips the test where it cannot be had."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    place = CACHE / f"{requirements.stem}-{sys.version_info[0]}.{sys.version_info[1]}-{digest}"
    python = place / "bin" / "python"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{requirements.stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "installed").exists():
            options = ["--disable-pip-version-check", "--no-input", "--quiet", "--require-hashes"]
            _do([sys.executable, "-m", "venv", "--clear", str(place)])
            _do([str(python), "-m", "pip", "install", *options, "-r", str(requirements)])
            (place / "installed").touch()
    return python


def _do(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    if done.returncode != 0:
        told = [line for line in done.stderr.splitlines() if line.strip()]
        pytest.skip(f"the packages of this test are not here and cannot be fetched: {' '.join(told[-2:])[:300]}")

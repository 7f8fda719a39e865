"""Programs from npm that tests run: installed once, from a lock file, into `.sahur/tests/` (never at import)."""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

CACHE = Path(__file__).resolve().parents[1] / ".sahur" / "tests"
FILES = ("package.json", "package-lock.json", ".npmrc")
INSTALL = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel", "error"]


def install(folder: Path) -> Path:
    """The `node_modules` of what a folder's lock file names. Skips the test where it cannot be had."""
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in FILES)).hexdigest()[:12]
    place = CACHE / f"{folder.name}-{digest}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{folder.name}.lock").open("w") as lock:
        # Several workers of pytest come at once; one installs, the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "installed").exists():
            _install(folder, place)
    return place / "node_modules"


def _install(folder: Path, place: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: it fetches the programs of this test")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for name in FILES:
        shutil.copy(folder / name, place / name)
    # Not `npm ci`: it refuses a lock file that leaves out what a registry does not carry for this platform.
    done = subprocess.run(INSTALL, cwd=place, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        told = [line for line in done.stderr.splitlines() if line.strip()]
        pytest.skip(f"the programs of this test are not here and npm cannot fetch them: {' '.join(told[:3])[:300]}")
    (place / "installed").touch()


def node(modules: Path, *, oldest: tuple[int, int] = (22, 19)) -> str:
    """A Node that is new enough: the system's, else the one among the packages. Skips the test if there is none."""
    candidates = [shutil.which("node"), *(str(found) for found in modules.glob("node-*/bin/node"))]
    for candidate in candidates:
        if candidate and _version(candidate) >= oldest:
            return candidate
    pytest.skip(
        f"Node {oldest[0]}.{oldest[1]} or newer is needed; the system's is older, and no package has one for this machine"
    )


@cache
def _version(program: str) -> tuple[int, int]:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60).stdout
    found = re.match(r"v(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0, 0)

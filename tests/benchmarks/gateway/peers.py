"""Other gateways: each in a virtual environment of its own, made once from locked requirements."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.gateway.processes import ROOT

FOLDER = ROOT / ".sahur" / "benchmark-peers"
REQUIREMENTS = Path(__file__).parent
INSTALL_SECONDS = 900


class Unavailable(Exception):
    """A peer cannot be measured here; the message says why."""


def environment(name: str, *, oldest: tuple[int, int], newest: tuple[int, int]) -> Path:
    """The Python of the peer's environment, which is made if it is not there or made from other requirements.

    Raises `Unavailable` without a fitting Python or when the packages cannot be installed.
    """
    requirements = REQUIREMENTS / f"{name}.txt"
    python = FOLDER / name / "bin" / "python"
    stamp = FOLDER / name / ".installed"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    base = _find_python(oldest, newest)
    FOLDER.mkdir(parents=True, exist_ok=True)
    _do([base, "-m", "venv", "--clear", str(FOLDER / name)], name)
    options = ["--disable-pip-version-check", "--no-input", "--quiet", "--require-hashes"]
    _do([str(python), "-m", "pip", "install", *options, "-r", str(requirements)], name)
    stamp.write_text(wanted)
    return python


def _find_python(oldest: tuple[int, int], newest: tuple[int, int]) -> str:
    versions = [f"{oldest[0]}.{minor}" for minor in range(newest[1], oldest[1] - 1, -1)]
    named = [f"python{version}" for version in versions]
    # Where pyenv keeps those that its own choice hides.
    hidden = [str(path) for version in versions for path in Path.home().glob(f".pyenv/versions/{version}.*/bin/python")]
    for candidate in (sys.executable, *named, *hidden):
        if oldest <= _version_of(candidate) <= newest:
            return candidate
    raise Unavailable(f"it needs a Python from {versions[-1]} to {versions[0]}, and none was found")


def _version_of(python: str) -> tuple[int, int]:
    try:
        command = [python, "-c", "import sys; print(*sys.version_info[:2])"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.split()
        return int(said[0]), int(said[1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return 0, 0


def _do(command: list[str], name: str) -> None:
    try:
        subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=True)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"the installation of {name} took longer than {INSTALL_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"{name} could not be installed: {error.stderr[-600:]}") from error

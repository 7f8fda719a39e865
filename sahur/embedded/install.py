"""Installs what `make run` and `make test` need: Python packages into `.venv`, the frontend's into its folder.

Runs before anything is installed, with the system's Python: only the standard library, nothing of ours.
A stamp next to each result says from what it was made, so that a second run has nothing to do.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
LOGS = ROOT / ".sahur" / "install"
OLDEST_NODE = (20, 19)
NEEDED_GIGABYTES = 2.5
# Made by tools, or of no influence on the exported pages.
NOT_BUILT_FROM = {"node_modules", ".next", "out", "tests", "e2e", "testing", "test-results", "playwright-report"}
GENERATED = {"next-env.d.ts", "tsconfig.tsbuildinfo"}


class InstallError(Exception):
    """Cannot go on; the message says what to do."""


@dataclass
class Step:
    """One command of the installation, with its output in a log."""

    title: str
    command: list[str]
    folder: Path
    advice: str
    then: Callable[[], None] = lambda: None
    """Called when it has worked: leaves the stamp."""
    started_at: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        return LOGS / f"{re.sub(r'[^a-z]+', '-', self.title.lower())}.log"

    def run(self) -> None:
        """Raises `InstallError` with the end of the output."""
        self.started_at = time.monotonic()
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
            status = self.process.wait()
        if status != 0:
            end = "\n".join(f"    {line}" for line in self.log.read_text(errors="replace").splitlines()[-15:])
            raise InstallError(f"{self.title}: failed (status {status}).\n{end}\n{self._reason(end)}")
        self.then()

    def _reason(self, output: str) -> str:
        if "No space left" in output or "ENOSPC" in output:
            return f"The disk is full: free some space ({NEEDED_GIGABYTES} GB are needed) and try again."
        if re.search(
            r"ENOTFOUND|ECONNREFUSED|ETIMEDOUT|Temporary failure in name|NewConnectionError|Could not find a version", output
        ):
            return "The package registry cannot be reached: check the network (or the proxy settings) and try again."
        return self.advice

    @property
    def progress(self) -> str:
        """Its last line of output and how long it has been running."""
        seconds = f"{time.monotonic() - self.started_at:.0f} s"
        with contextlib.suppress(OSError, IndexError):
            line = self.log.read_text(errors="replace").strip().splitlines()[-1].strip()
            return f"{self.title}, {seconds}: {''.join(filter(str.isprintable, line))[:70]}"
        return f"{self.title}, {seconds}"

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)


# --- What is there ----------------------------------------------------------------------------------------------------


def check_tools() -> None:
    """Raises `InstallError` for a missing or too old tool."""
    if shutil.which("git") is None:
        raise InstallError("git is missing. Install it (Debian, Ubuntu: `apt install git`; macOS: `xcode-select --install`).")
    if not FRONTEND.joinpath("package.json").exists():
        return
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise InstallError(
            f"{'Node.js' if node is None else 'npm'} is missing: it builds the pages. "
            f"Install Node.js {_dotted(OLDEST_NODE)} or newer (https://nodejs.org, or your package manager)."
        )
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if version < OLDEST_NODE:
        raise InstallError(f"Node.js {said} is too old: SAHUR needs {_dotted(OLDEST_NODE)} or newer (https://nodejs.org).")


def check_disk() -> None:
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < NEEDED_GIGABYTES:
        raise InstallError(f"Only {free:.1f} GB are free on the disk of {ROOT}; the installation needs {NEEDED_GIGABYTES} GB.")


def digest(*files: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(files):
        if file.is_file():
            total.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def is_stamped(stamp: Path, content: str) -> bool:
    return stamp.exists() and stamp.read_text() == content


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


# --- What is to be done -----------------------------------------------------------------------------------------------


def python_steps(*, dev: bool) -> list[Step]:
    stamp = VENV / ".installed"
    requirements = {name: ROOT / "requirements" / f"{name}.txt" for name in ("base", "dev")}
    wanted = "dev" if dev else "base"
    states = {name: f"{name} {digest(file)} {sys.version_info[:2]}" for name, file in requirements.items()}
    # The packages for development include those for running.
    if _works([str(PYTHON), "-c", ""]) and (is_stamped(stamp, states["dev"]) or is_stamped(stamp, states[wanted])):
        return []
    steps = []
    if not _works([str(PYTHON), "-m", "pip", "--version"]):
        advice = "Python's venv module does not work. Debian, Ubuntu: `apt install python3-venv`; then try again."
        steps.append(Step("Virtual environment", [sys.executable, "-m", "venv", "--clear", str(VENV)], ROOT, advice))
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--require-hashes"]
    install = [str(PYTHON), "-m", "pip", "install", *options, "-r", str(requirements[wanted])]
    advice = "Try again; if it fails once more, remove the folder .venv first."
    steps.append(Step("Python packages", install, ROOT, advice, lambda: _write(stamp, states[wanted])))
    return steps


def write_command() -> None:
    """`.venv/bin/sahur-mcp`, which works from any folder. Not by pip: a build would need packages that nothing else needs."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from sahur_mcp.__main__ import main; sys.exit(main())"
    home = f'[ -n "$SAHUR_EMBEDDED_DIR" ] || export SAHUR_EMBEDDED_DIR={shlex.quote(str(ROOT / ".sahur"))}'
    script = f'#!/bin/sh\n{home}\nexec {shlex.quote(str(PYTHON))} -c {shlex.quote(start)} "$@"\n'
    command = VENV / "bin" / "sahur-mcp"
    if not is_stamped(command, script):
        _write(command, script)
        command.chmod(0o755)


def frontend_steps() -> list[Step]:
    if not FRONTEND.joinpath("package.json").exists():
        return []
    packages, stamp = FRONTEND / "node_modules" / ".installed", FRONTEND / "node_modules" / ".built"
    wanted = digest(*(FRONTEND / name for name in ("package.json", "package-lock.json", ".npmrc")))
    steps = []
    if not is_stamped(packages, wanted):
        # Not `npm ci`: it refuses a lock file that leaves out builds for platforms which a registry does not carry.
        install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel", "http"]
        advice = "Try again; if it fails once more, remove the folder frontend/node_modules first."
        steps.append(Step("Frontend packages", install, FRONTEND, advice, lambda: _write(packages, wanted)))
    sources = f"{wanted} {digest(*frontend_sources())}"
    if steps or not is_stamped(stamp, sources) or not (FRONTEND / "out" / "index.html").exists():
        advice = "The pages could not be built: the output above says why."
        steps.append(Step("Frontend pages", ["npm", "run", "build"], FRONTEND, advice, lambda: _write(stamp, sources)))
    return steps


def frontend_sources() -> Iterator[Path]:
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = [name for name in folders if name not in NOT_BUILT_FROM]
        yield from (Path(folder) / name for name in files if name not in GENERATED)


def _works(command: list[str]) -> bool:
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def _write(stamp: Path, content: str) -> None:
    stamp.write_text(content)


# --- Doing it ---------------------------------------------------------------------------------------------------------


class Chains:
    """Runs chains of steps beside each other and shows how they go."""

    def __init__(self, *chains: list[Step]) -> None:
        self._chains = [chain for chain in chains if chain]
        self._current: dict[int, Step] = {}
        self._failure: InstallError | None = None

    def run(self) -> None:
        """Raises the first `InstallError` of any chain; the others are ended then."""
        threads = [threading.Thread(target=self._run_chain, args=item, daemon=True) for item in enumerate(self._chains)]
        for thread in threads:
            thread.start()
        try:
            self._show(threads)
        finally:
            for step in list(self._current.values()):
                step.kill()
        if self._failure is not None:
            raise self._failure

    def _run_chain(self, number: int, chain: list[Step]) -> None:
        for step in chain:
            self._current[number] = step
            try:
                step.run()
            except (InstallError, OSError) as error:
                self._failure = self._failure or (
                    error if isinstance(error, InstallError) else InstallError(f"{step.title}: {error}")
                )
                return
            _print_line(f"  {step.title}: done in {time.monotonic() - step.started_at:.0f} s")
        self._current.pop(number, None)

    def _show(self, threads: list[threading.Thread]) -> None:
        is_terminal = sys.stdout.isatty()
        next_line = time.monotonic() + 2
        while any(thread.is_alive() for thread in threads) and self._failure is None:
            time.sleep(0.2)
            running = [step.progress for step in list(self._current.values()) if step.process is not None]
            if is_terminal:
                width = shutil.get_terminal_size().columns - 1
                print("\r\033[K" + "  |  ".join(running)[:width], end="", flush=True)
            elif time.monotonic() > next_line:
                next_line = time.monotonic() + 10
                for line in running:
                    _print_line(f"  {line}")


def _print_line(line: str) -> None:
    print(("\r\033[K" if sys.stdout.isatty() else "") + line, flush=True)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """One installation in this clone at a time."""
    LOGS.parent.mkdir(mode=0o700, exist_ok=True)
    LOGS.mkdir(mode=0o700, exist_ok=True)
    with (LOGS / "lock").open("a") as holder:
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _print_line("Another installation runs in this clone: waiting for it.")
            fcntl.flock(holder, fcntl.LOCK_EX)
        yield


def install(*, dev: bool, frontend: bool) -> None:
    """Bring everything up to date. Raises `InstallError`."""
    check_tools()
    python = python_steps(dev=dev)
    pages = frontend_steps() if frontend else []
    if python or pages:
        check_disk()
        _print_line("Installing (only what is new or has changed):")
        Chains(python, pages).run()
    write_command()
    if pages:
        advice = "The pages work uncompressed too; the output above says what went wrong."
        Chains([Step("Compressed pages", [str(PYTHON), "-m", "whitenoise.compress", "-q", "out"], FRONTEND, advice)]).run()


def main() -> int:
    parser = argparse.ArgumentParser(description="Installs what SAHUR needs into this clone.")
    parser.add_argument("--dev", action="store_true", help="also what the tests need")
    parser.add_argument("--no-frontend", action="store_true", help="only the Python packages")
    arguments = parser.parse_args()
    try:
        with only_one():
            install(dev=arguments.dev, frontend=not arguments.no_frontend)
    except InstallError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nThe installation stopped: {error}. Is the disk full, or the folder not yours?", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; `make run` goes on where it was.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

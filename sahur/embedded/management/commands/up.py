"""`manage.py up`, which `make run` calls: the whole system on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from sahur.embedded.console import Console
from sahur.embedded.home import Home
from sahur.embedded.system import System
from sahur_core.errors import EmbeddedError


class _Stop(Exception):
    """The person asked to stop, while the start is under way: unwinds it."""


class Command(BaseCommand):
    help = "Starts PostgreSQL, Valkey and all processes of SAHUR on this machine, and keeps them running until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sample", action="store_true", help="at the first start, investigate a sample issue and show it")
        parser.add_argument("--no-flower", action="store_true", help="without Flower, the view of the queues")

    def handle(self, *args: Any, sample: bool, no_flower: bool, **options: Any) -> None:
        console = Console(sys.stdout)
        system = System(Home(settings.EMBEDDED_DIR), settings.BASE_DIR, console, with_flower=not no_flower)
        stopping = threading.Event()
        self._listen_for_signals(system, console, stopping)
        try:
            with system:
                console.say(f"SAHUR is up: {system.url}   (Ctrl-C stops it; logs: {system.home.log_dir})")
                console.say(f"Tools for other agents: {system.gateway_url}   (with an API token)")
                if sample:
                    self._show_sample(system, console, stopping)
                system.watch(stopping.wait)
        except _Stop:
            console.say("Stopped before the start was complete.")
            return
        except EmbeddedError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        console.say("Stopped. Nothing is left running; the data is kept.")

    def _listen_for_signals(self, system: System, console: Console, stopping: threading.Event) -> None:
        def stop(_number: int, _frame: FrameType | None) -> None:
            if stopping.is_set():
                console.say("Killing everything.")
                system.kill()
                return
            stopping.set()
            console.say("Stopping. Once more kills instead.")
            if not system.is_up:
                raise _Stop

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)

    def _show_sample(self, system: System, console: Console, stopping: threading.Event) -> None:
        """File and follow the sample issue as anybody would report one: with `manage.py report`."""
        from sahur.embedded import sample

        shown = system.home.directory / "sample-shown"
        if shown.exists():
            return
        with console.step("Building the sample repository"):
            built = sample.build(system.home.directory / "sample")
        console.say(f"A sample issue is filed: {built.title}")
        command = [
            sys.executable,
            "manage.py",
            "report",
            "--repository",
            str(built.path),
            "--title",
            built.title,
            "--body-file",
            "-",
        ]
        report = subprocess.Popen(command, cwd=system.directory, stdin=subprocess.PIPE, text=True)
        assert report.stdin is not None  # noqa: S101 - it was started with a pipe
        with report.stdin as body:
            body.write(built.body)
        while report.poll() is None:
            if stopping.wait(0.2):
                report.terminate()
            system.tend()
        if report.returncode in (0, 3):
            shown.touch()
        if not stopping.is_set():
            # The answer is long: what was said before it has left the screen.
            console.stream.write(system.first_user)
            console.say(f"The same on its page: {system.url}   (Ctrl-C stops it)")

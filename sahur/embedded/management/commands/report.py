"""`manage.py report`: files any report on any repository and follows its investigation in the terminal.

It uses the system that runs; where this clone's own does not run, it starts that for itself and stops it after.
"""

from __future__ import annotations

import getpass
import json
import signal
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from sahur.embedded.console import Console
from sahur.embedded.home import Home
from sahur.embedded.reporting import (
    ExitStatus,
    ReportRequest,
    document,
    exit_status,
    file_report,
    follow,
    read_body,
)
from sahur.embedded.system import System
from sahur.embedded.terminal import Terminal
from sahur.issues import mapping
from sahur_core.errors import EmbeddedError, InputError, NotFound, SahurError
from sahur_core.trace import trace

_START_SECONDS = 180


class Command(BaseCommand):
    help = "Files a report on a repository, follows its investigation and prints the solution."
    epilog = "Exit status: 0 solved, 3 inconclusive, 1 failed, 2 bad input."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = self.epilog
        parser.add_argument("--repository", required=True, metavar="PATH_OR_URL", help="the git repository to investigate")
        parser.add_argument("--commit", default="", metavar="SHA", help="commit, branch or tag (usual: the default branch)")
        parser.add_argument("--title", default="", help="usual: the first line of the report")
        parser.add_argument("--body-file", required=True, metavar="FILE", help="what went wrong; - reads standard input")
        parser.add_argument("--team", default="", metavar="KEY", help="the team to file it for")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            request = ReportRequest(
                title=options["title"],
                body=read_body(options["body_file"]),
                repository=options["repository"],
                revision=options["commit"],
                team=options["team"],
            )
            request.check()
            status = self._run(request, as_json=options["as_json"])
        except (InputError, NotFound) as error:
            self.stderr.write(str(error))
            status = ExitStatus.BAD_INPUT
        except SahurError as error:
            self.stderr.write(str(error))
            status = ExitStatus.FAILED
        sys.exit(status)

    def _run(self, request: ReportRequest, *, as_json: bool) -> int:
        home = Home(settings.EMBEDDED_DIR)
        if settings.IS_EMBEDDED and not home.is_locked():
            return self._run_in_own_system(home, request, as_json=as_json)
        if settings.IS_EMBEDDED:
            # The shell of this command may name another address than the shell that started the system.
            settings.PUBLIC_URL = _wait_until_ready(home)
        return self._run_here(request, as_json=as_json)

    def _run_here(self, request: ReportRequest, *, as_json: bool) -> int:
        terminal = Terminal(sys.stderr if as_json else sys.stdout)
        with trace():
            _, submitted = file_report(request, _user_name())
        issue = submitted.issue
        terminal.line(f"{issue.key}  {issue.title}", "bold")
        terminal.line(issue.address, "dim")
        try:
            run = follow(submitted.run.id, terminal, stop_when_waiting=as_json or not terminal.is_interactive)
        except KeyboardInterrupt:
            terminal.line(f"\nThe run goes on without you. Watch it: {issue.address}", "yellow")
            return 130
        if hasattr(run, "solution"):
            terminal.solution(mapping.solution(run.solution))
        if run.status == "waiting":
            terminal.line(f"The run waits for an answer: {issue.address}", "yellow")
        if as_json:
            self.stdout.write(json.dumps(document(run), indent=2, ensure_ascii=False))
        return exit_status(run)

    def _run_in_own_system(self, home: Home, request: ReportRequest, *, as_json: bool) -> int:
        """Start the system, run this very command in its environment, stop the system."""
        console = Console(sys.stderr)
        console.say("SAHUR is not running: it is started for this report and stopped after it.")
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "report", "--body-file", "-", "--title", request.title]
        command += ["--repository", request.repository, "--commit", request.revision, "--team", request.team]
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        with System(home, settings.BASE_DIR, console, with_flower=False) as system:
            child = subprocess.Popen([*command, *(["--json"] if as_json else [])], stdin=subprocess.PIPE)
            try:
                _hand_over(child, request.body)
                while child.poll() is None:
                    time.sleep(0.2)
                    system.tend()
            except KeyboardInterrupt:
                console.say("The run goes on when SAHUR is started again: `make run`.")
                return 130
            finally:
                if child.poll() is None:
                    child.terminate()
                child.wait()
        return child.returncode


def _wait_until_ready(home: Home) -> str:
    """The address of the running system. Raises `EmbeddedError`."""
    deadline = time.monotonic() + _START_SECONDS
    while (status := home.status()) is None or status.phase != "ready":
        if time.monotonic() > deadline or not home.is_locked():
            raise EmbeddedError("SAHUR is starting or stopping, and did not get ready.", next_step="Try again in a moment.")
        time.sleep(0.2)
    return status.url


def _hand_over(child: subprocess.Popen[bytes], body: str) -> None:
    assert child.stdin is not None  # noqa: S101 - it was started with a pipe
    with child.stdin as stdin:
        stdin.write(body.encode())


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"

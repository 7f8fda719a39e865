"""Files a report from the command line and follows its run in the terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from sahur.accounts.actor import Actor, system_actor
from sahur.accounts.models import Team
from sahur.batch import actions
from sahur.batch.patience import patient
from sahur.embedded.terminal import Terminal
from sahur.issues import mapping, models, selectors
from sahur.issues.services.reports import check_report
from sahur_core import errors
from sahur_core.code.git.repository import check_revision
from sahur_core.code.git.source import check_source
from sahur_core.events import TERMINAL_KINDS, Event, TextStreamed
from sahur_core.issues import RunStatus, Source, Verdict

_POLL_SECONDS = 0.2
_QUIET_SECONDS = 2.0
_SILENT_SECONDS = 15.0
_RESTART_SECONDS = 60.0
"""How long the database may be away: it is started again by those who run it."""


class ExitStatus(IntEnum):
    """Of `manage.py report`."""

    SOLVED = 0
    FAILED = 1
    BAD_INPUT = 2
    INCONCLUSIVE = 3


# A run that failed because of what was asked, not because of us.
_BAD_INPUT_CODES = {
    error.code
    for error in (
        errors.ReportError,
        errors.RepositoryRefused,
        errors.RepositoryMissing,
        errors.RepositoryEmpty,
        errors.RevisionMissing,
    )
}


@dataclass(frozen=True)
class ReportRequest:
    """What the command line asks for."""

    title: str
    body: str
    repository: str
    revision: str = ""
    team: str = ""

    def check(self) -> None:
        """Raises `InputError` for what no run could use, before anything is started."""
        check_report(self.title, self.body, settings.MAX_REPORT_CHARS)
        check_revision(self.revision)
        check_source(
            self.repository,
            allow_local=True,
            roots=settings.REPOSITORY_ROOTS,
            private_hosts=settings.REPOSITORY_PRIVATE_HOSTS,
        )
        check_folder(self.repository)


def check_folder(repository: str) -> None:
    """Refuse a folder of this machine that is no whole git repository with a commit; addresses are left to the run.

    Raises `RepositoryRefused`.
    """
    folder = Path(repository)
    if not folder.is_dir():
        return
    top = _ask_git(folder, "--show-toplevel")
    is_bare = _ask_git(folder, "--is-bare-repository") == "true"
    if not top and not is_bare:
        raise errors.RepositoryRefused(
            f"{repository} is not a git repository.", next_step="Give the folder of a clone.", field="repository"
        )
    if top and Path(top).resolve() != folder.resolve():
        raise errors.RepositoryRefused(
            f"{repository} is a folder inside a git repository.", next_step=f"Give {top}", field="repository"
        )
    if not _ask_git(folder, "--verify", "--quiet", "HEAD^{commit}"):
        raise errors.RepositoryRefused(
            f"{repository} has no commit yet.", next_step="Commit something, then report again.", field="repository"
        )


def _ask_git(folder: Path, *question: str) -> str:
    """What `git rev-parse` answers; empty if it cannot. It runs nothing of the repository, whoever owns that."""
    # Variables such as GIT_DIR, which git sets for its hooks, would answer for another repository.
    environ = {"PATH": os.defpath}
    command = [shutil.which("git") or "git", "-c", "safe.directory=*", "-C", str(folder), "rev-parse", *question]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False).stdout.strip()


def read_body(name: str) -> str:
    """The text of the file, or of standard input for `-`. Raises `ReportError` for what is no usable text."""
    limit = 4 * settings.MAX_REPORT_CHARS + 4
    try:
        if name == "-":
            data = sys.stdin.buffer.read(limit)
        else:
            with Path(name).open("rb") as file:
                data = file.read(limit)
    except OSError as error:
        raise errors.ReportError(
            f"The report {name} cannot be read: {error.strerror}.", next_step="Check the path.", field="body"
        ) from error
    if len(data) == limit:
        raise errors.ReportError(
            f"The report is longer than {settings.MAX_REPORT_CHARS:,} characters.",
            next_step="Keep the error and the lines around it; link to the rest.",
            field="body",
        )
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise errors.ReportError(
            "The report looks like binary data, not UTF-8 text.", next_step="Paste it as text.", field="body"
        ) from error


def file_report(request: ReportRequest, reporter: str) -> tuple[Actor, actions.Submitted]:
    """File the report as somebody who may report for the team. Raises `SahurError`."""
    key = (request.team or settings.SLACK_TEAM_KEY).upper()
    team = Team.objects.filter(key=key).first() if key.isprintable() else None
    if team is None:
        raise errors.NotFound(f"There is no team {key}.", next_step="Name one with --team.")
    actor = system_actor(team, reporter)
    submission = actions.Submission(
        title=request.title,
        body=request.body,
        source=Source.CLI,
        team_id=team.pk,
        repository=request.repository,
        revision=request.revision,
        allow_local=True,
    )
    return actor, actions.submit_issue(actor, submission)


class WaitingNotice:
    """Says that nothing comes: that no worker has taken the run yet, and later that the one that did says nothing.

    After two seconds, for a run under way after fifteen; then every four (ten where nobody may be watching).
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._since: float | None = None
        self._next = 0.0
        self._is_taken = False

    def hear(self, kind: str) -> None:
        """An event of this kind came."""
        self._is_taken = self._is_taken or kind != "run.queued"
        self._since = None

    def look(self, now: float) -> None:
        """To be called again and again with the monotonic time, in seconds, while nothing happens."""
        if self._since is None:
            self._since, self._next = now, now + (_SILENT_SECONDS if self._is_taken else _QUIET_SECONDS)
        if now >= self._next:
            self._next = now + (4.0 if self._terminal.is_interactive else 10.0)
            what = "Nothing new from the run; a worker that is lost is replaced" if self._is_taken else "Waiting for a worker"
            self._terminal.line(f"{what} … {now - self._since:.0f} s", "dim", indent=2)


def unread(event: Event, cursor: int, printed: list[Event]) -> Event:
    """The event without what of its text was printed: it may have been joined with pieces that were read before.

    `printed` are the events since the last one that was no text; what a terminal has shown cannot be replaced.
    """
    if event.first_seq > cursor or not isinstance(event.payload, TextStreamed):
        return event
    known = [each.payload.text for each in printed if each.seq >= event.first_seq and isinstance(each.payload, TextStreamed)]
    rest = event.payload.text.removeprefix("".join(known))
    return event.model_copy(update={"payload": TextStreamed(step_id=event.payload.step_id, text=rest)})


def follow(run_id: Any, terminal: Terminal, *, stop_when_waiting: bool) -> models.Run:
    """Print the run's events until it ends; returns it then.

    With `stop_when_waiting`, a run that waits for a person is not waited for: nobody is here to answer.
    """
    cursor = 0
    printed: list[Event] = []
    waiting = WaitingNotice(terminal)
    while True:
        batch = patient(partial(selectors.read_events, run_id, cursor), _RESTART_SECONDS)
        for event in batch:
            terminal.show(unread(event, cursor, printed).payload)
            cursor = event.seq
            printed = [*printed, event] if isinstance(event.payload, TextStreamed) else []
            waiting.hear(event.payload.kind)
        if batch and batch[-1].payload.kind in TERMINAL_KINDS:
            break
        if batch and batch[-1].payload.kind == "run.waiting" and stop_when_waiting:
            break
        if not batch:
            waiting.look(time.monotonic())
            time.sleep(_POLL_SECONDS)
    rows = models.Run.objects.select_related("issue", "solution")
    return patient(partial(rows.get, id=run_id), _RESTART_SECONDS)


def exit_status(run: models.Run) -> ExitStatus:
    """What the run's end means to the shell."""
    if run.status == RunStatus.SUCCEEDED:
        return ExitStatus.INCONCLUSIVE if run.verdict == Verdict.INCONCLUSIVE else ExitStatus.SOLVED
    if run.status == RunStatus.WAITING:
        return ExitStatus.INCONCLUSIVE
    return ExitStatus.BAD_INPUT if run.failure.get("code") in _BAD_INPUT_CODES else ExitStatus.FAILED


def document(run: models.Run) -> dict[str, Any]:
    """The outcome for machines, with the fields of `sahur_core.issues`."""
    solution = mapping.solution(run.solution).model_dump(mode="json") if hasattr(run, "solution") else None
    rows = models.Evidence.objects.filter(run=run).order_by("number")
    return {
        "issue": {"key": run.issue.key, "title": run.issue.title, "url": run.issue.address},
        "run": {
            "id": str(run.id),
            "number": run.number,
            "status": run.status,
            "stage": run.stage,
            "failure": run.failure or None,
            "usage": run.usage,
        },
        "verdict": run.verdict or None,
        "solution": solution,
        "evidence": [mapping.evidence(row).model_dump(mode="json") for row in rows],
    }

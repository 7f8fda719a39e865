"""Reports from the command line: what is read, what is refused, and what the exit status means."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from sahur.accounts.models import Membership, Team, User
from sahur.batch import actions
from sahur.embedded import first_start, reporting
from sahur.embedded.reporting import ExitStatus, ReportRequest
from sahur.embedded.terminal import Terminal
from sahur.issues import models
from sahur_core.errors import NotFound, ReportError, RepositoryRefused


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\xff\xfe\x00binary", "binary"), (b"x" * 900_000, "longer than 200,000 characters")],
)
def test_what_is_no_usable_text_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "report").write_bytes(content)
    with pytest.raises(ReportError, match=reason):
        reporting.read_body(str(tmp_path / "report"))


def test_a_report_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("Es bricht — hier.\n")
    assert reporting.read_body(str(tmp_path / "report")) == "Es bricht — hier.\n"


def test_bad_input_is_refused_before_anything_starts() -> None:
    with pytest.raises(ReportError, match="empty"):
        ReportRequest("", " \n", ".").check()
    with pytest.raises(RepositoryRefused):
        ReportRequest("It broke", "", "file:///etc").check()


@pytest.mark.parametrize(
    ("status", "verdict", "code", "expected"),
    [
        ("succeeded", "confirmed", "", ExitStatus.SOLVED),
        ("succeeded", "likely", "", ExitStatus.SOLVED),
        ("succeeded", "inconclusive", "", ExitStatus.INCONCLUSIVE),
        ("waiting", "", "", ExitStatus.INCONCLUSIVE),
        ("canceled", "", "", ExitStatus.FAILED),
        ("failed", "", "model_misconfigured", ExitStatus.FAILED),
        ("failed", "", "repository_empty", ExitStatus.BAD_INPUT),
        ("failed", "", "revision_missing", ExitStatus.BAD_INPUT),
    ],
)
def test_exit_status(status: str, verdict: str, code: str, expected: ExitStatus) -> None:
    run = models.Run(status=status, verdict=verdict, failure={"code": code} if code else {})
    assert reporting.exit_status(run) == expected


@pytest.mark.django_db
def test_a_report_is_filed_for_the_team_as_its_reporter(tmp_path: Path) -> None:
    first_start.ensure_team()
    _, submitted = reporting.file_report(ReportRequest("It broke", "at noon", str(tmp_path)), "ann")
    issue = submitted.issue
    assert (issue.key, issue.source, issue.reporter_name) == ("SAH-1", "cli", "ann")
    assert issue.repository is not None
    assert issue.repository.source == str(tmp_path)


@pytest.mark.django_db
def test_an_unknown_team_is_refused() -> None:
    with pytest.raises(NotFound, match="no team NOPE"):
        reporting.file_report(ReportRequest("It broke", "", ".", team="nope"), "ann")
    with pytest.raises(NotFound):
        reporting.file_report(ReportRequest("It broke", "", ".", team="\udcff"), "ann")


@pytest.mark.django_db(transaction=True)
def test_following_ends_with_the_run_and_shows_its_end(tmp_path: Path) -> None:
    first_start.ensure_team()
    actor, submitted = reporting.file_report(ReportRequest("It broke", "", str(tmp_path)), "ann")
    actions.stop_run(actor, submitted.run.id)
    stream = io.StringIO()
    run = reporting.follow(submitted.run.id, Terminal(stream), stop_when_waiting=True)
    assert run.status == "canceled"
    assert "Stopped by ann" in stream.getvalue()
    assert reporting.document(run)["run"]["status"] == "canceled"


@pytest.mark.django_db
def test_the_first_user_is_made_once_with_a_one_time_password() -> None:
    first = first_start.ensure_first_user()
    assert first is not None
    user = User.objects.get(username=first.username)
    assert user.check_password(first.password)
    assert user.must_change_password
    assert user.is_superuser
    assert Membership.objects.get(user=user).role == "admin"
    assert first_start.ensure_first_user() is None
    assert Team.objects.count() == 1


def test_the_page_of_an_issue_is_named(settings: SimpleNamespace) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8001"
    assert models.Issue(key="SAH-1").address == "http://127.0.0.1:8001/issues/SAH-1/"


def test_waiting_for_a_worker_is_said_until_one_comes() -> None:
    stream = io.StringIO()
    waiting = reporting.WaitingNotice(Terminal(stream))
    for now in range(100, 114):
        waiting.look(float(now))
    assert stream.getvalue() == "  Waiting for a worker … 2 s\n  Waiting for a worker … 12 s\n"


def test_a_run_that_says_nothing_any_more_is_told_of() -> None:
    stream = io.StringIO()
    waiting = reporting.WaitingNotice(Terminal(stream))
    waiting.hear("stage.started")
    for now in (100.0, 114.0):
        waiting.look(now)
    assert stream.getvalue() == ""
    waiting.look(115.0)
    assert stream.getvalue() == "  Nothing new from the run; a worker that is lost is replaced … 15 s\n"
    waiting.hear("step.started")
    waiting.look(116.0)
    assert stream.getvalue().count("\n") == 1


def test_only_the_top_of_a_repository_with_a_commit_is_taken(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "sub").mkdir(parents=True)
    git = ["git", "-C", str(top), "-c", "user.name=a", "-c", "user.email=a@b"]
    with pytest.raises(RepositoryRefused, match="not a git repository"):
        reporting.check_folder(str(top))
    subprocess.run([*git, "init", "-q"], check=True)
    with pytest.raises(RepositoryRefused, match="no commit"):
        reporting.check_folder(str(top))
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    reporting.check_folder(str(top))
    with pytest.raises(RepositoryRefused, match=f"Give {top}"):
        reporting.check_folder(str(top / "sub"))

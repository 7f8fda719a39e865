"""What changed between two commits, tags or dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sahur_core.code.git.changes import pull_request_of, what_changed
from sahur_core.code.git.repository import Repository
from sahur_core.code.records import Commit
from sahur_core.errors import RevisionMissing
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]


def _merge(origin: Origin, branch: str, message: str) -> str:
    origin.git("merge", "--quiet", "--no-ff", "-m", message, branch)
    return origin.git("rev-parse", "HEAD")


def _history(origin: Origin) -> tuple[str, str]:
    """A release, then two pull requests, one of them merged and one squashed, and a loose commit."""
    first = origin.commit("Start", {"shop/cart.py": "a\n" * 10, "docs/index.md": "x\n"})
    origin.git("tag", "v1.0")
    origin.git("checkout", "--quiet", "-b", "fix")
    origin.commit("Round the total", {"shop/cart.py": "a\n" * 10 + "b\n" * 3})
    origin.git("checkout", "--quiet", "main")
    _merge(origin, "fix", "Merge pull request #12 from ada/fix\n\nRound totals half up")
    origin.commit("Describe the cart (#13)", {"docs/index.md": "y\nz\n"})
    return first, origin.commit("Bump", {"logo.png": b"\x89PNG\0"})


def test_commits_files_and_pull_requests_are_told_with_counts(origin: Origin, cloned: Clone) -> None:
    first, last = _history(origin)
    found = what_changed(cloned(), "v1.0")
    assert (found.base, found.head, found.total_commits, found.only_in_base) == (first, last, 3, 0)
    assert [commit.summary for commit in found.commits] == ["Bump", "Describe the cart (#13)", "Round the total"]
    assert [(request.number, request.title) for request in found.pull_requests] == [
        (13, "Describe the cart"),
        (12, "Round totals half up"),
    ]
    files = [(file.path, file.added, file.deleted) for file in found.files]
    assert sorted(files[:2]) == [("docs/index.md", 2, 1), ("shop/cart.py", 3, 0)]
    assert files[2] == ("logo.png", None, None)
    assert (found.total_files, found.added, found.deleted) == (3, 5, 1)


def test_a_path_narrows_it(origin: Origin, cloned: Clone) -> None:
    _history(origin)
    found = what_changed(cloned(), "v1.0", "main", path="shop")
    assert [commit.summary for commit in found.commits] == ["Round the total"]
    assert [request.number for request in found.pull_requests] == [12]
    assert [file.path for file in found.files] == ["shop/cart.py"]


def test_pages_hold_everything_once(origin: Origin, cloned: Clone) -> None:
    _history(origin)
    repository = cloned()
    pages = [what_changed(repository, "v1.0", offset=offset, limit=2) for offset in (0, 2)]
    assert [len(page.commits) for page in pages] == [2, 1]
    assert len({file.path for page in pages for file in page.files}) == 3


def test_dates_stand_for_the_last_commit_before_them(origin: Origin, cloned: Clone) -> None:
    first, _ = _history(origin)
    repository = cloned()
    assert what_changed(repository, "2026-01-02", "main").base == first
    with pytest.raises(RevisionMissing, match="no commit before 1999-01-01"):
        what_changed(repository, "1999-01-01")


def test_branches_that_went_apart_are_said(origin: Origin, cloned: Clone) -> None:
    origin.commit("Start", {"a.txt": "1\n"})
    origin.git("branch", "old")
    origin.commit("New", {"a.txt": "2\n"})
    origin.git("checkout", "--quiet", "old")
    origin.commit("Hotfix", {"b.txt": "1\n"})
    found = what_changed(cloned(), "old", "main")
    assert (found.total_commits, found.only_in_base) == (1, 1)


@pytest.mark.parametrize(
    ("summary", "body", "number", "title"),
    [
        ("Merge pull request #7 from ada/x", "Fix it\n\nLong story", 7, "Fix it"),
        ("Merge pull request #7 from ada/x", "", 7, "Merge pull request #7 from ada/x"),
        ("Merged in ada/x (pull request #8)", "Fix it", 8, "Fix it"),
        ("Merge branch 'x' into 'main'", "Fix it\n\nSee merge request shop/cart!9", 9, "Fix it"),
        ("Merged PR 10: Fix it", "", 10, "Fix it"),
        ("Fix it (#11)", "", 11, "Fix it"),
        ("Fix #12 for good", "", 0, ""),
    ],
)
def test_pull_requests_are_known_as_the_hosts_write_them(summary: str, body: str, number: int, title: str) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    found = pull_request_of(Commit(sha="a" * 40, author="Ada", authored_at=at, committed_at=at, summary=summary, body=body))
    assert (found.number, found.title) == (number, title) if found else number == 0

"""What a revision means; one that means nothing is answered with what may have been meant."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.git.revisions import git_date, is_date, resolve_point
from sahur_core.errors import InputError, RevisionMissing
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]


def test_branches_tags_shas_and_their_parents_are_commits(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    second = origin.commit("Second", {"a.txt": "2\n"})
    origin.git("tag", "-a", "v1.0", "-m", "One", first)
    origin.git("branch", "fix/total-of-#3", first)
    repository = cloned()
    for revision in ("v1.0", "tags/v1.0", "fix/total-of-#3", first, first[:9], "main~1", "main^", "HEAD~1", f"{second[:9]}^"):
        assert repository.resolve(revision) == first
    for revision in ("", "HEAD", "main", "heads/main", second):
        assert repository.resolve(revision) == second


def test_of_a_branch_and_a_tag_of_one_name_the_branch_is_meant(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    second = origin.commit("Second", {"a.txt": "2\n"})
    origin.git("tag", "main", first)
    repository = cloned()
    assert (repository.resolve("main"), repository.resolve("tags/main")) == (second, first)
    assert repository.resolve("main~1") == first


@pytest.mark.parametrize(
    ("wanted", "near"), [("relase/2.1", "release/2.1"), ("2.1", "release/2.1"), ("origin/main", "main"), ("v1.0.1", "v1.0")]
)
def test_an_unknown_name_is_answered_with_the_nearest(origin: Origin, cloned: Clone, wanted: str, near: str) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    origin.git("branch", "release/2.1")
    origin.git("tag", "v1.0")
    with pytest.raises(RevisionMissing, match="no branch, tag or commit") as error:
        cloned().resolve(wanted)
    assert near in error.value.next_step
    assert "The default branch is main." in error.value.next_step


def test_a_renamed_default_branch_is_told(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {"a.txt": "1\n"})
    cloned()
    origin.git("branch", "--move", "main", "trunk")
    repository = cloned()
    assert repository.resolve("") == repository.resolve("trunk") == sha
    with pytest.raises(RevisionMissing) as error:
        repository.resolve("main")
    assert "The default branch is trunk." in error.value.next_step


def test_more_parents_than_there_are_is_told(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {"a.txt": "1\n"})
    with pytest.raises(RevisionMissing, match=rf"main is the commit {sha[:12]}, and its history has no main~3"):
        cloned().resolve("main~3")


def test_what_is_no_commit_is_told(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    blob = origin.git("rev-parse", "HEAD:a.txt")
    with pytest.raises(InputError, match="no commit but a file or folder"):
        cloned().resolve(blob[:10])


def test_a_short_sha_of_several_commits_is_told(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    tree, seen = origin.git("rev-parse", "HEAD^{tree}"), dict[str, bytes]()
    for number in range(5000):
        body = f"tree {tree}\nauthor A <a@b> {number} +0000\ncommitter A <a@b> {number} +0000\n\nTwin\n".encode()
        sha = hashlib.sha1(b"commit %d\0%s" % (len(body), body), usedforsecurity=False).hexdigest()
        if sha[:4] in seen:
            break
        seen[sha[:4]] = body
    for name, content in (("one", seen[sha[:4]]), ("two", body)):
        (origin.path / name).write_bytes(content)
        origin.git("branch", name, origin.git("hash-object", "-t", "commit", "-w", name))
    with pytest.raises(InputError, match=f"{sha[:4]} is the beginning of several commits") as error:
        cloned().resolve(sha[:4])
    assert sha[:10] in error.value.next_step


def test_a_date_is_the_last_commit_before_it(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})  # on 2026-01-01
    second = origin.commit("Second", {"a.txt": "2\n"})
    repository = cloned()
    assert resolve_point(repository.git, "2026-01-02", second) == first
    assert resolve_point(repository.git, "2026-01-02 23:00", second) == second
    with pytest.raises(RevisionMissing, match="no commit before 2020-01-01"):
        resolve_point(repository.git, "2020-01-01", second)


def test_a_tag_that_is_called_like_a_day_is_the_tag(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    second = origin.commit("Second", {"a.txt": "2\n"})
    origin.git("tag", "2026-01-20", first)
    assert resolve_point(cloned().git, "2026-01-20", second) == first


@pytest.mark.parametrize(
    "text", ["2026-01-31", "2026-01-31T10:00:00Z", "2026-01-31 10:00 +0200", "2 weeks ago", "an hour ago", "yesterday"]
)
def test_dates_are_known_by_their_form(text: str) -> None:
    assert is_date(text)
    assert git_date(text, "since").startswith(text)


@pytest.mark.parametrize("text", ["tuesday's deploy", "v1.0", "31.01.2026", "--exec=x", "now; rm"])
def test_what_git_would_take_for_now_is_no_date(text: str) -> None:
    with pytest.raises(InputError, match="is not a date") as error:
        git_date(text, "since")
    assert error.value.field == "since"

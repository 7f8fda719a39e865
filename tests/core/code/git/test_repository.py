"""Reads of a clone stay inside of it, are capped, and say clearly what cannot be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sahur_core.code.git.repository import MAX_DIFF_BYTES, MAX_LINE_CHARS, MAX_MATCHES, MAX_READ_LINES, Repository
from sahur_core.errors import InputError, NotFound, RepositoryEmpty, RepositoryMissing, RevisionMissing
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]

SHOP = """class Order:
    def total(self):
        return 1

    def tax(self):
        return 2


def total():
    return 3
"""


def test_a_clone_that_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(RepositoryMissing, match="not been cloned yet"):
        Repository.open(tmp_path)


def test_branches_tags_and_short_shas_are_resolved(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {"a.txt": "1\n"})
    origin.git("tag", "-a", "v1.0", "-m", "Version 1")
    repository = cloned()
    assert {repository.resolve(name) for name in ("", "main", "v1.0", sha, sha[:8], "HEAD", "refs/heads/main")} == {sha}


@pytest.mark.parametrize(
    "revision", ["--all", "-n1", "main..main", "main:a.txt", ":/First", "HEAD@{1}", "^main", "a b", "main\n", "$(x)"]
)
def test_what_is_no_revision_is_refused(origin: Origin, cloned: Clone, revision: str) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    repository = cloned()
    if revision == "main\n":
        assert repository.resolve(revision) == repository.resolve("main")
        return
    with pytest.raises(InputError, match="is not a revision"):
        repository.resolve(revision)


def test_unknown_revisions_are_told(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    for revision in ("nothing", "1" * 40, "abcdef1"):
        with pytest.raises(RevisionMissing, match="no branch, tag or commit"):
            cloned().read(revision, "a.txt")


def test_a_clone_without_commits_is_told(tmp_path: Path, origin: Origin) -> None:
    origin.git("init", "--quiet", "--bare", str(tmp_path / "store" / "git"))
    with pytest.raises(RepositoryEmpty):
        Repository.open(tmp_path / "store").resolve("")


def test_files_are_listed_by_folder_and_glob(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.py": "", "x/b.py": "", "x/y/c.py": "", "x/d.md": "", "ü ö.txt": ""})
    repository = cloned()
    assert repository.list_files("main") == ["a.py", "x/b.py", "x/d.md", "x/y/c.py", "ü ö.txt"]
    assert repository.list_files("main", path="x") == ["x/b.py", "x/d.md", "x/y/c.py"]
    assert repository.list_files("main", pattern="*.py") == ["a.py", "x/b.py", "x/y/c.py"]
    assert repository.list_files("main", pattern="x/**/*.py") == ["x/b.py", "x/y/c.py"]
    assert repository.list_files("main", path="nothing") == []


ESCAPES = ["../x", "a/../../x", "/etc/passwd", "~/x", "a\nb", "a\0b", "..", "x" * 5000]


@pytest.mark.parametrize("path", ESCAPES)
def test_paths_outside_of_the_repository_are_refused(origin: Origin, cloned: Clone, path: str) -> None:
    sha = origin.commit("First", {"a.txt": "1\n"})
    repository = cloned()
    reads = [
        lambda: repository.read(sha, path),
        lambda: repository.list_files(sha, path=path),
        lambda: repository.grep(sha, "x", path=path),
        lambda: repository.log(sha, path=path),
        lambda: repository.blame(sha, path, 1, 1),
        lambda: repository.show(sha, path=path),
        lambda: repository.diff(sha, sha, path),
    ]
    for read in reads:
        with pytest.raises(InputError, match="is not a path in the repository"):
            read()


@pytest.mark.parametrize("path", ["--output=x", "-x", ":(glob)**", ":!a.txt", "*"])
def test_paths_are_never_options_or_patterns(origin: Origin, cloned: Clone, path: str) -> None:
    sha = origin.commit("First", {"a.txt": "1\n"})
    repository = cloned()
    with pytest.raises(NotFound):
        repository.read(sha, path)
    assert repository.list_files(sha, path=path) == []
    assert repository.grep(sha, "1", path=path) == []
    assert repository.log(sha, path=path) == []


def test_a_range_of_lines_is_read_with_its_numbers(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {"a.txt": "one\ntwo\r\nthree\n"})
    found = cloned().read("main", "a.txt", 2, 9)
    assert (found.commit, found.start, found.end, found.total_lines, found.lines) == (sha, 2, 3, 3, ["two", "three"])
    assert found.numbered() == "    2  two\n    3  three"
    assert cloned().read("main", "a.txt", 7).lines == []
    assert found.to_json()["path"] == "a.txt"


def test_long_files_and_lines_are_cut_and_said_to_be(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"long.txt": "x\n" * (MAX_READ_LINES + 5), "wide.txt": "y" * 10_000, "short.txt": "z\n"})
    repository = cloned()
    long, wide, short = (repository.read("main", name) for name in ("long.txt", "wide.txt", "short.txt"))
    assert (len(long.lines), long.is_truncated) == (MAX_READ_LINES, True)
    assert wide.lines == ["y" * MAX_LINE_CHARS + "… [9,500 more characters]"]
    assert (wide.is_truncated, wide.notes) == (True, ["Cut to 500 characters: line 1."])
    assert not short.is_truncated


def test_huge_files_are_read_up_to_the_limit(origin: Origin, cloned: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    origin.commit("First", {"huge.txt": "0123456789\n" * 4000})
    monkeypatch.setattr("sahur_core.code.git.files.MAX_FILE_BYTES", 10_000)
    found = cloned().read("main", "huge.txt", 1, 2)
    assert (found.lines, found.is_truncated) == (["0123456789"] * 2, True)
    assert found.notes == ["Only the first 10,000 of 44,000 bytes were read."]


def test_other_encodings_are_read_and_binary_files_are_refused(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"latin.txt": "Größe".encode("latin-1"), "bom.txt": "\ufeffé".encode(), "image.png": b"\x89PNG\0\0"})
    repository = cloned()
    assert repository.read("main", "latin.txt").lines == ["Größe"]
    assert repository.read("main", "bom.txt").lines == ["é"]
    with pytest.raises(InputError, match="is a binary file"):
        repository.read("main", "image.png")


def test_links_and_folders_are_not_read_as_files(origin: Origin, cloned: Clone) -> None:
    (origin.path / "link").symlink_to("/etc/passwd")
    origin.commit("First", {"folder/a.txt": "1\n"})
    repository = cloned()
    with pytest.raises(InputError, match="symbolic link to '/etc/passwd'"):
        repository.read("main", "link")
    with pytest.raises(InputError, match=r"folder is a folder. It holds: a.txt"):
        repository.read("main", "folder")
    assert repository.list_files("main") == ["folder/a.txt"]


def test_literals_and_expressions_are_found_in_text_files_only(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.py": "x = f(1)\ny = g(22)\n", "b/c.py": "f(1)\n", "d.bin": b"f(1)\0"})
    repository = cloned()
    assert [(match.path, match.line) for match in repository.grep("main", "f(1)")] == [("a.py", 1), ("b/c.py", 1)]
    assert [match.text for match in repository.grep("main", r"\w\(\d{2}\)", regex=True)] == ["y = g(22)"]
    assert [match.path for match in repository.grep("main", "f(1)", path="b")] == ["b/c.py"]
    assert repository.grep("main", "--not-an-option") == []


def test_expressions_work_on_files_that_are_not_utf_8(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"latin.txt": "Größe\nGrad 12\n".encode("latin-1"), "utf.txt": "Größe\n"})
    assert [match.path for match in cloned().grep("main", r"Gr\w+ \d+", regex=True)] == ["latin.txt"]
    assert [match.path for match in cloned().grep("main", r"^Grö.e$", regex=True)] == ["utf.txt"]


def test_matches_are_capped(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {f"{number}.txt": "hit\n" * 90 for number in range(5)})
    assert len(cloned().grep("main", "hit")) == MAX_MATCHES
    assert len(cloned().grep("main", "hit", limit=7)) == 7


@pytest.mark.parametrize("pattern", ["(", "[", "*x", "(?P<"])
def test_invalid_expressions_are_the_askers_mistake(origin: Origin, cloned: Clone, pattern: str) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    with pytest.raises(InputError, match="cannot be used"):
        cloned().grep("main", pattern, regex=True)


@pytest.mark.parametrize("pattern", ["", "  ", "a\nb", "a\0b", "x" * 2000])
def test_patterns_that_make_no_sense_are_refused(origin: Origin, cloned: Clone, pattern: str) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    with pytest.raises(InputError, match="pattern is empty"):
        cloned().grep("main", pattern)


def test_an_expression_bomb_ends_as_a_clear_error(origin: Origin, cloned: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sahur_core.code.git.search.GREP_SECONDS", 0.5)
    origin.commit("First", {"a.txt": ("a" * 400 + "!\n") * 2000})
    repository = cloned()
    with pytest.raises(InputError, match=r"took longer than|cannot be used"):
        repository.grep("main", r"^(a|a)*(a|a)*(a|a)*(a|aa)+$", regex=True)


def test_the_log_finds_commits_by_path_message_and_date(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("Add a\n\nWith a body.\nTwo lines.", {"a.txt": "1\n"})
    second = origin.commit("Add b [x]", {"b.txt": "1\n"})
    origin.git("mv", "a.txt", "c.txt")
    third = origin.commit("Rename", {})
    repository = cloned()
    assert [commit.sha for commit in repository.log("main")] == [third, second, first]
    assert [commit.sha for commit in repository.log("main", path="c.txt")] == [third, first]
    assert [commit.sha for commit in repository.log("main", grep="ADD B [")] == [second]
    assert [commit.sha for commit in repository.log("main", since="2026-01-03")] == [third]
    assert [commit.sha for commit in repository.log("main", limit=1)] == [third]
    (oldest,) = repository.log(first)
    assert (oldest.summary, oldest.body, oldest.author) == ("Add a", "With a body.\nTwo lines.", "Ada")
    with pytest.raises(InputError, match="is not a date"):
        repository.log("main", since="--exec=x")


def test_the_log_of_a_function_leaves_out_its_neighbors(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"shop.py": SHOP})
    second = origin.commit("Second", {"shop.py": SHOP.replace("return 2", "return 20")})
    third = origin.commit("Third", {"shop.py": SHOP.replace("return 2", "return 20").replace("return 1", "return 10")})
    repository = cloned()
    assert [commit.sha for commit in repository.log("main", path="shop.py", function="Order.tax")] == [second, first]
    assert [commit.sha for commit in repository.log("main", path="shop.py", function="Order.total")] == [third, first]
    assert [commit.sha for commit in repository.log("main", path="shop.py", function="Order.total", grep="third")] == [third]
    assert repository.log("main", path="shop.py", function="Order.tax", since="2026-01-03") == []
    with pytest.raises(NotFound, match="no definition of nothing"):
        repository.log("main", path="shop.py", function="nothing")
    with pytest.raises(InputError, match="needs its path"):
        repository.log("main", function="total")


def test_hostile_messages_and_names_cannot_forge_commits(origin: Origin, cloned: Clone) -> None:
    message = "x\x01\x02\x1e commit 0000\n\nAuthor: Mallory\n\x1b[31mred"
    sha = origin.commit(message, {"a\x01b\ttab.txt": "1\n"})
    (commit,) = cloned().recent("main")
    assert (commit.sha, commit.author) == (sha, "Ada")
    assert len(commit.files) == 1


def test_the_last_change_of_each_file_of_some_folders(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"docs/a.md": "1\n", "notes/b.md": "1\n", "c.md": "1\n"})
    second = origin.commit("Second", {"notes/b.md": "2\n"})
    origin.commit("Third", {"c.md": "2\n"})
    changes = cloned().last_changes("main", ["docs", "notes"])
    assert {path: commit.sha for path, commit in changes.items()} == {"docs/a.md": first, "notes/b.md": second, "": first}
    assert [commit.summary for commit in cloned().last_changes("main", ["nowhere"]).values()] == ["Third"]
    with pytest.raises(InputError):
        cloned().last_changes("main", ["../etc"])


def test_blame_tells_who_changed_each_line(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"a.txt": "one\ntwo\nthree\n"})
    second = origin.commit("Second", {"a.txt": "one\nTWO\n   three\n"})
    lines = cloned().blame("main", "a.txt", 1, 99)
    assert [(line.line, line.sha, line.text) for line in lines] == [(1, first, "one"), (2, second, "TWO"), (3, first, "   three")]
    assert lines[1].summary == "Second"
    assert cloned().blame("main", "a.txt", 50, 60) == []
    with pytest.raises(NotFound):
        cloned().blame("main", "b.txt", 1, 1)


def test_a_commit_is_shown_with_its_diff(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.txt": "1\n", "b.txt": "1\n"})
    sha = origin.commit("Second", {"a.txt": "2\n", "b.txt": None, "c.bin": b"\0\1"})
    detail = cloned().show(sha)
    assert [(change.path, change.added, change.deleted) for change in detail.diff.files] == [
        ("a.txt", 1, 1),
        ("b.txt", 0, 1),
        ("c.bin", None, None),
    ]
    assert detail.commit.files == ["a.txt", "b.txt", "c.bin"]
    assert "-1\n+2" in detail.diff.text
    assert "b.txt" not in cloned().show(sha, path="a.txt").diff.text


def test_the_first_commit_is_shown_whole(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {"a.txt": "1\n"})
    assert "+1" in cloned().show(sha).diff.text


def test_a_merge_is_shown_against_its_first_parent(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    origin.git("checkout", "--quiet", "-b", "side")
    origin.commit("Side", {"b.txt": "1\n"})
    origin.git("checkout", "--quiet", "main")
    origin.commit("Main", {"c.txt": "1\n"})
    origin.git("merge", "--quiet", "--no-ff", "-m", "Merge", "side")
    assert [change.path for change in cloned().show("main").diff.files] == ["b.txt"]


def test_diffs_between_commits_follow_renames_and_are_cut(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"a.txt": "same\n" * 20, "big.txt": "1\n"})
    origin.git("mv", "a.txt", "ü.txt")
    second = origin.commit("Second", {"big.txt": os.urandom(400_000).hex()})
    diff = cloned().diff(first, second)
    assert sorted((change.path, change.added) for change in diff.files) == [("big.txt", 1), ("ü.txt", 0)]
    assert diff.is_truncated
    assert len(diff.text) == MAX_DIFF_BYTES


def test_contents_of_many_blobs_come_in_order(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {f"{number:03}.txt": f"{number}\n" * number for number in range(450)})
    repository = cloned()
    contents = list(repository.read_blobs([entry.blob for entry in repository.entries("main")]))
    assert contents == [f"{number}\n".encode() * number for number in range(450)]

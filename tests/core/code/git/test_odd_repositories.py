"""Repositories that are rare and exist: each is read, or told for what it is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sahur_core.code.git.changes import what_changed
from sahur_core.code.git.clone import keep_commit
from sahur_core.code.git.listing import list_tree
from sahur_core.code.git.owners import owners_of
from sahur_core.code.git.repository import Repository
from sahur_core.errors import NotFound, RepositoryMissing, RevisionMissing
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]


def test_a_first_commit_shows_all_of_its_files(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {"a.txt": "1\n", "b.txt": "2\n"})
    repository = cloned()
    found = repository.show(sha)
    assert [file.path for file in found.diff.files] == ["a.txt", "b.txt"]
    assert repository.parents(sha) == []
    assert [commit.sha for commit in repository.log(sha)] == [sha]
    with pytest.raises(RevisionMissing, match="its history has no main~1"):
        repository.resolve("main~1")


def test_histories_without_a_common_beginning_are_compared(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    origin.git("checkout", "--quiet", "--orphan", "pages")
    origin.git("rm", "-rf", "--quiet", ".")
    origin.commit("Pages", {"index.html": "x\n"})
    found = what_changed(cloned(), "main", "pages")
    assert (found.total_commits, found.only_in_base) == (1, 1)
    assert {file.path for file in found.files} == {"a.txt", "index.html"}


def test_an_octopus_merge_is_shown_against_its_first_parent(origin: Origin, cloned: Clone) -> None:
    base = origin.commit("First", {"a.txt": "1\n"})
    for name in ("one", "two", "three"):
        origin.git("checkout", "--quiet", "-b", name, base)
        origin.commit(f"Add {name}", {f"{name}.txt": "1\n"})
    origin.git("checkout", "--quiet", "main")
    origin.commit("Go on", {"b.txt": "1\n"})
    origin.git("merge", "--quiet", "-m", "All at once", "one", "two", "three")
    repository = cloned()
    assert len(repository.parents("main")) == 4
    assert {file.path for file in repository.show("main").diff.files} == {"one.txt", "two.txt", "three.txt"}
    assert what_changed(repository, base).total_commits == 4


def test_grafts_and_replacements_do_not_change_what_was(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    second = origin.commit("Second", {"a.txt": "2\n"})
    origin.git("replace", "--graft", second)
    repository = cloned()
    (tmp_path / "store" / "git" / "info").mkdir(exist_ok=True)
    (tmp_path / "store" / "git" / "info" / "grafts").write_text(f"{second}\n")
    assert repository.parents(second) == [first]
    assert [commit.sha for commit in repository.log("main")] == [second, first]


def test_a_source_whose_history_is_cut_by_grafts_is_told(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    second = origin.commit("Second", {"a.txt": "2\n"})
    (origin.path / ".git" / "info").mkdir(exist_ok=True)
    (origin.path / ".git" / "info" / "grafts").write_text(f"{second}\n")
    with pytest.raises(RepositoryMissing, match="commits of its history are missing") as error:
        cloned()
    assert "info/grafts" in error.value.next_step


def test_paths_of_any_bytes_are_listed_read_blamed_and_compared(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"plain.txt": "0\n"})
    raw = [b"caf\xe9.txt", b"new\nline.txt", b'"quoted".txt', b"tab\there.txt", b" space .txt"]
    for name in raw:
        Path(os.fsdecode(os.path.join(os.fsencode(origin.path), name))).write_text("1\n")  # noqa: PTH118
    second = origin.commit("Second", {})
    repository = cloned()
    listed = list_tree(repository, second).files
    assert set(listed) == {
        "plain.txt",
        '"caf\\351.txt"',
        '"new\\nline.txt"',
        '"\\"quoted\\".txt"',
        '"tab\\there.txt"',
        '" space .txt"',
    }
    odd = sorted(set(listed) - {"plain.txt"})
    for path in odd:
        assert repository.read(second, path).lines == ["1"]
        assert [line.sha for line in repository.blame(second, path, 1, 1)] == [second]
        assert [commit.sha for commit in repository.log(second, path=path)] == [second]
        assert owners_of(repository, second, path).people[0].lines == 1
    assert sorted(file.path for file in repository.diff(first, second).files) == odd
    assert sorted(repository.show(second).commit.files) == odd
    assert sorted(file.path for file in what_changed(repository, first).files) == odd


def test_a_run_reads_its_commit_after_a_force_push(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    lost = origin.commit("Lost", {"a.txt": "2\n"})
    cloned()
    keep_commit(tmp_path / "store", lost)
    origin.git("reset", "--quiet", "--hard", first)
    new = origin.commit("Other", {"b.txt": "1\n"})
    repository = cloned()
    subprocess.run(["git", f"--git-dir={tmp_path}/store/git", "gc", "--prune=now", "--quiet"], check=True)
    assert repository.read(lost, "a.txt").lines == ["2"]
    assert repository.resolve(lost[:10]) == lost
    found = what_changed(repository, lost, "main")
    assert (found.head, found.total_commits, found.only_in_base) == (new, 1, 1)
    assert lost[:12] not in "".join(commit.sha for commit in repository.log("main"))


@pytest.mark.full
def test_a_hundred_thousand_files_are_listed_by_folder_page_and_name(origin: Origin, cloned: Clone) -> None:
    lines = [
        "blob",
        "mark :1",
        "data 2",
        "1",
        "",
        "commit refs/heads/main",
        "committer A <a@b> 1767261600 +0000",
        "data 4",
        "Many",
    ]
    lines += [f"M 100644 :1 src/p{number // 1000}/m{number // 100}/file{number}.py" for number in range(100_000)]
    subprocess.run(["git", "fast-import", "--quiet"], cwd=origin.path, input="\n".join([*lines, ""]).encode(), check=True)
    repository = cloned()
    found = list_tree(repository, "main", depth=2)
    assert (found.files, len(found.folders), found.folders["src/p7"], found.is_capped) == ([], 100, 1000, False)
    assert len(list_tree(repository, "main").files) == 100_000
    assert list_tree(repository, "main", pattern="file99999.py").files == ["src/p99/m999/file99999.py"]
    with pytest.raises(NotFound) as error:
        repository.read("main", "src/file4242.py")
    assert "Similar: src/p4/m42/file4242.py" in error.value.next_step


def test_a_listing_says_what_is_no_file(origin: Origin, cloned: Clone) -> None:
    (origin.path / "link").symlink_to("../../etc")
    inner = origin.commit("Inner", {"src/a.py": "1\n", "src/deep/b.py": "2\n", "c.py": "3\n"})
    origin.git("update-index", "--add", "--cacheinfo", f"160000,{inner},lib")
    origin.git("commit", "--quiet", "-m", "Take the library in")
    repository = cloned()
    found = list_tree(repository, "main", depth=1)
    assert (found.files, found.folders) == (["c.py"], {"src": 2})
    assert [(link.path, link.target) for link in found.links] == [("link", "../../etc")]
    assert [(each.path, each.url, each.commit) for each in found.submodules] == [("lib", "", inner)]
    assert list_tree(repository, "main", "src", depth=1).folders == {"src/deep": 1}
    assert list_tree(repository, "main", "c.py").files == ["c.py"]
    with pytest.raises(NotFound, match=r"There is no file nothing"):
        list_tree(repository, "main", "nothing")

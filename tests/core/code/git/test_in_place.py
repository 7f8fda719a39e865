"""Somebody's repository, read where it lies."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from sahur_core.code.git.in_place import find_git_dir, open_in_place
from sahur_core.errors import RepositoryEmpty, RepositoryMissing, RevisionMissing


def snapshot(folder):
    return {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


def test_a_work_tree_is_read_and_not_written_to(origin, tmp_path):
    commit = origin.commit("one", {"a.py": "x = 1\n"})
    before = snapshot(origin.path)
    found = open_in_place(origin.path, "main", tmp_path / "cache")
    assert found.commit == commit
    assert not found.is_shallow
    assert found.repository.read(commit, "a.py").lines == ["x = 1"]
    assert [entry.summary for entry in found.repository.log(commit)] == ["one"]
    assert snapshot(origin.path) == before


def test_nothing_is_copied(origin, tmp_path):
    origin.commit("one", {"a.bin": bytes(range(256)) * 4000})
    open_in_place(origin.path, "", tmp_path / "cache")
    assert sum(path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file()) < 20_000


@pytest.mark.parametrize("kind", ["bare", "linked", "moved git dir"])
def test_bare_repositories_and_linked_work_trees_are_read_too(origin, tmp_path, kind):
    commit = origin.commit("one", {"a.py": "x = 1\n"})
    place = tmp_path / "other"
    if kind == "linked":
        origin.git("worktree", "add", "--quiet", "--detach", str(place), commit)
    elif kind == "bare":
        origin.git("clone", "--quiet", "--bare", str(origin.path), str(place))
    else:
        origin.git("clone", "--quiet", f"--separate-git-dir={tmp_path / 'elsewhere'}", str(origin.path), str(place))
    assert open_in_place(place, "", tmp_path / "cache").repository.list_files(commit) == ["a.py"]


def test_a_shallow_history_is_read_to_its_end_and_said(origin, tmp_path):
    origin.commit("one", {"a.py": "1\n"})
    commit = origin.commit("two", {"a.py": "2\n"})
    origin.git("clone", "--quiet", "--depth=1", f"file://{origin.path}", str(tmp_path / "shallow"))
    found = open_in_place(tmp_path / "shallow", "", tmp_path / "cache")
    assert found.is_shallow
    assert [entry.summary for entry in found.repository.log(commit)] == ["two"]
    origin.git("-C", str(tmp_path / "shallow"), "fetch", "--quiet", "--unshallow")
    whole = open_in_place(tmp_path / "shallow", "", tmp_path / "cache")
    assert not whole.is_shallow
    assert [entry.summary for entry in whole.repository.log(commit)] == ["two", "one"]


def test_a_repository_that_was_moved_is_found_anew(origin, tmp_path):
    commit = origin.commit("one", {"a.py": "1\n"})
    open_in_place(origin.path, "", tmp_path / "cache")
    moved = tmp_path / "moved"
    shutil.move(origin.path, moved)
    assert open_in_place(moved, "", tmp_path / "cache").repository.list_files(commit) == ["a.py"]


def test_its_configuration_starts_no_program(origin, tmp_path):
    commit = origin.commit("one", {"a.py": "1\n", ".gitattributes": "*.py diff=evil\n"})
    marker = tmp_path / "started"
    origin.git("config", "diff.evil.textconv", f"touch {marker}; cat")
    origin.git("config", "core.fsmonitor", f"touch {marker}")
    (origin.path / ".git" / "info").mkdir(exist_ok=True)
    (origin.path / ".git" / "info" / "attributes").write_text("*.py diff=evil\n")
    repository = open_in_place(origin.path, "", tmp_path / "cache").repository
    repository.blame(commit, "a.py", 1, 1)
    repository.show(commit)
    repository.log_lines(commit, "a.py", 1, 1)
    assert not marker.exists()


def test_what_is_no_repository_says_so(tmp_path):
    (tmp_path / "plain").mkdir()
    with pytest.raises(RepositoryMissing, match="not a git repository"):
        find_git_dir(tmp_path / "plain")


def test_an_empty_repository_and_an_unknown_commit_say_so(origin, tmp_path):
    with pytest.raises(RepositoryEmpty):
        open_in_place(origin.path, "", tmp_path / "cache")
    origin.commit("one", {"a.py": "1\n"})
    with pytest.raises(RevisionMissing, match="nowhere"):
        open_in_place(origin.path, "nowhere", tmp_path / "cache")


def test_a_repository_of_sha256_objects_is_read(tmp_path):
    place = tmp_path / "new"
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    for arguments in (
        ("init", "--quiet", "--object-format=sha256", str(place)),
        ("-C", str(place), "-c", "user.name=Ada", "-c", "user.email=a@example.org", "commit", "-qm", "one", "--allow-empty"),
    ):
        subprocess.run(["git", *arguments], check=True, env=environment)
    assert len(open_in_place(place, "", tmp_path / "cache").commit) == 64


def test_the_tags_of_the_source_are_known(origin, tmp_path):
    sha = origin.commit("First", {"a.py": "x = 1\n"})
    origin.git("tag", "v1.0")
    origin.git("tag", "-a", "v1.1", "-m", "annotated")
    opened = open_in_place(origin.path, "", tmp_path / "view")
    assert opened.repository.tags() == {"v1.0": sha, "v1.1": sha}

"""One bare clone per repository: complete or absent, fresh after an update, whole again after a kill."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sahur_core.code.git.clone import clone_or_update, keep_commit, locked
from sahur_core.code.git.repository import Repository
from sahur_core.errors import RepositoryEmpty, RepositoryMissing, RepositoryRefused, RevisionMissing
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]


def _nothing(_: str) -> None:
    return None


def test_an_update_brings_new_commits_and_drops_deleted_branches(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    origin.git("branch", "old")
    assert cloned().resolve("old") == first
    second = origin.commit("Second", {"a.txt": "2\n"})
    origin.git("branch", "-D", "old")
    repository = cloned()
    assert repository.resolve("") == repository.resolve("main") == second
    with pytest.raises(RevisionMissing, match="no branch, tag or commit old"):
        repository.resolve("old")


def test_rewritten_history_is_taken_over_and_kept_commits_stay(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    second = origin.commit("Second", {"a.txt": "2\n"})
    cloned()
    keep_commit(tmp_path / "store", second)
    origin.git("reset", "--hard", first)
    repository = cloned()
    subprocess.run(["git", f"--git-dir={tmp_path}/store/git", "gc", "--prune=now", "--quiet"], check=True)
    assert repository.resolve("") == first
    assert repository.read(second, "a.txt").lines == ["2"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_local_repository_of_another_user_is_cloned(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {"a.txt": "1\n"})
    for path in [origin.path, *origin.path.rglob("*")]:
        os.chown(path, 12345, 12345)
    assert cloned().resolve("") == sha


def test_the_default_branch_follows_the_remote(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    cloned()
    origin.git("checkout", "--quiet", "-b", "trunk")
    new = origin.commit("Second", {"a.txt": "2\n"})
    assert cloned().resolve("") == new


def test_a_detached_head_is_cloned_too(origin: Origin, cloned: Clone) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    origin.git("checkout", "--quiet", "--detach")
    loose = origin.commit("Loose", {"a.txt": "2\n"})
    repository = cloned()
    assert (repository.resolve(""), repository.resolve("main")) == (loose, first)


def test_a_commit_that_no_branch_holds_is_fetched_on_its_own(origin: Origin, tmp_path: Path) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    lost = origin.commit("Lost", {"a.txt": "2\n"})
    origin.git("reset", "--hard", "HEAD~1")
    origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone_or_update(str(origin.path), tmp_path / "store", _nothing, wanted=lost)
    assert Repository.open(tmp_path / "store").resolve(lost) == lost
    with pytest.raises(RevisionMissing, match="is not in"):
        clone_or_update(str(origin.path), tmp_path / "store", _nothing, wanted="1" * 40)


def test_an_empty_repository_is_told_as_such(origin: Origin, cloned: Clone) -> None:
    with pytest.raises(RepositoryEmpty, match="has no commit") as error:
        cloned()
    assert "Push a commit" in error.value.next_step


def test_a_shallow_clone_is_told_as_such(origin: Origin, tmp_path: Path) -> None:
    for number in range(2):
        origin.commit(f"Change {number}", {"a.txt": f"{number}\n"})
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{origin.path}", str(shallow)], check=True)
    with pytest.raises(RepositoryMissing, match="shallow clone") as error:
        clone_or_update(str(shallow), tmp_path / "store", lambda _: None)
    assert "--unshallow" in error.value.next_step


def test_a_folder_that_is_no_repository_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(RepositoryMissing, match="it is not a git repository"):
        clone_or_update(str(tmp_path), tmp_path / "store", _nothing)
    assert not (tmp_path / "store" / "git").exists()


def test_a_host_that_does_not_answer_is_told_as_such(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    source = f"https://127.0.0.1:{port}/a"
    with pytest.raises(RepositoryMissing, match="its host does not answer"):
        clone_or_update(source, tmp_path / "store", _nothing, private_hosts=["127.0.0.1"])
    with pytest.raises(RepositoryRefused):
        clone_or_update(source, tmp_path / "store", _nothing)


def test_a_failed_update_leaves_the_clone_as_it_was(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    repository = cloned()
    shutil.move(origin.path, tmp_path / "gone")
    with pytest.raises(RepositoryMissing):
        cloned()
    assert repository.resolve("") == first


def test_the_next_run_cleans_up_after_a_killed_one(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    store = tmp_path / "store"
    (store / "git.new" / "objects").mkdir(parents=True)
    cloned()
    leftovers = [
        store / "git" / name for name in ("packed-refs.lock", "HEAD.lock", "refs/heads/main.lock", "objects/pack/tmp_pack_x")
    ]
    for leftover in leftovers:
        leftover.parent.mkdir(parents=True, exist_ok=True)
        leftover.write_text("")
    second = origin.commit("Second", {"a.txt": "2\n"})
    assert cloned().resolve("main") == second
    assert not any(leftover.exists() for leftover in leftovers)


def test_a_torn_clone_is_made_anew(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    first = origin.commit("First", {"a.txt": "1\n"})
    cloned()
    shutil.rmtree(tmp_path / "store" / "git" / "objects")
    assert cloned().read(first, "a.txt").lines == ["1"]


def test_a_kill_in_the_middle_of_a_first_clone_leaves_no_clone(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    first = origin.commit("First", {f"{number}.bin": os.urandom(200_000) for number in range(20)})
    code = (
        "import sys, os, signal; from pathlib import Path; from sahur_core.code.git.clone import clone_or_update\n"
        "clone_or_update(sys.argv[1], Path(sys.argv[2]), lambda text: '%' in text and os.kill(os.getpid(), signal.SIGKILL))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(origin.path), str(tmp_path / "store")], check=False, cwd=Path.cwd())
    assert done.returncode == -9
    with pytest.raises(RepositoryMissing, match="not been cloned yet"):
        Repository.open(tmp_path / "store")
    assert cloned().resolve("") == first


def test_progress_is_told_in_words(origin: Origin, tmp_path: Path) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    told: list[str] = []
    clone_or_update(str(origin.path), tmp_path / "store", told.append)
    assert told[0] == "Asking for the branches"
    assert "Receiving objects: 100 %" in told


def test_a_second_preparation_waits_for_the_first(tmp_path: Path) -> None:
    told: list[str] = []
    is_in = threading.Event()

    def prepare() -> None:
        with locked(tmp_path, told.append):
            is_in.set()

    with locked(tmp_path):
        second = threading.Thread(target=prepare)
        second.start()
        while not told:
            second.join(0.01)
        assert not is_in.is_set()
    second.join()
    assert told == ["Waiting for another process that prepares this repository"]


def test_an_orphaned_git_process_keeps_the_lock(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        orphan = subprocess.Popen(["sleep", "60"], pass_fds=(lock,))
    with (tmp_path / "lock").open("w") as handle:
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        orphan.kill()
        orphan.wait()
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_hooks_filters_and_programs_of_the_source_never_run(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    script = f"#!/bin/sh\ntouch '{marker}'\n"
    attributes = "* filter=evil diff=evil\n"
    sha = origin.commit("First", {"a.txt": "1\n", ".gitattributes": attributes, ".gitconfig": "[core]\n\tpager = touch x\n"})
    for hook in ("post-checkout", "pre-upload-pack", "post-update", "reference-transaction", "fsmonitor-watchman"):
        path = origin.path / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
    evil = tmp_path / "evil.sh"
    evil.write_text(script)
    evil.chmod(0o755)
    for key in ("filter.evil.smudge", "diff.evil.command", "diff.evil.textconv", "core.fsmonitor", "uploadpack.packObjectsHook"):
        origin.git("config", key, str(evil))
    repository = cloned()
    repository.show(sha)
    repository.diff(sha, sha)
    repository.grep(sha, "1")
    repository.blame(sha, "a.txt", 1, 1)
    assert not marker.exists()

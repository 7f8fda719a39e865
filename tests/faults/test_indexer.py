"""The indexer is killed at its work, again and again; what it leaves is whole, and the next one goes on."""

from __future__ import annotations

import hashlib
import hmac
import signal
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sahur_core.code.index.build import open_index
from tests.e2e.system import SignedInClient
from tests.faults.setting import Setting
from tests.waiting import PROCESSES_SECONDS, wait_for

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults"), pytest.mark.full]
FILES = 1500
MODULE = "\n".join(f"def work_{number}(items, rate):\n    return [item * rate for item in items]\n" for number in range(40))


def git(path: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    return subprocess.run(["git", "-C", str(path), *identity, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def source(setting: Setting, tmp_path: Path) -> Path:
    """A repository whose index takes some seconds."""
    path = setting.system.folder / tmp_path.name
    for number in range(FILES):
        file = path / f"part_{number % 30}" / f"module_{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {number}\n{MODULE}")
    git(path, "init", "-q", "-b", "main")
    commit(path, "first")
    return path


def commit(path: Path, message: str) -> str:
    git(path, "add", ".")
    git(path, "commit", "-qm", message)
    return git(path, "rev-parse", "HEAD").strip()


def add(client: SignedInClient, source: Path) -> str:
    answer = client.post("/api/repositories/", json={"source": str(source)})
    assert answer.status_code == 201, answer.text
    return f"/api/repositories/{answer.json()['id']}/"


def checkout(client: SignedInClient, address: str) -> dict[str, Any]:
    (found,) = client.get(address).json()["checkouts"]
    assert isinstance(found, dict)
    return found


def wait_until(client: SignedInClient, address: str, *states: str) -> None:
    wait_for(lambda: checkout(client, address)["state"] in states, PROCESSES_SECONDS, " or ".join(states))


def assert_whole(setting: Setting, address: str, commit: str) -> None:
    """Clone and index can be read from end to end, and nothing lies beside them."""
    folder = setting.system.folder / "repositories" / address.split("/")[3]
    git(folder / "git", "fsck", "--full", "--strict")
    index = open_index(folder, commit)
    assert len(index.paths) == FILES
    assert not list(folder.rglob("*.new")) + list(folder.rglob("tmp_*")) + list(folder.rglob("*.lock"))


@pytest.mark.parametrize("state", ["cloning", "indexing"])
def test_a_killed_indexer_leaves_nothing_half(setting: Setting, source: Path, state: str) -> None:
    with setting.system.client("ada") as client:
        address = add(client, source)
        for _ in range(3):
            wait_until(client, address, state, "ready")
            setting.system.kill("indexer")
            setting.system.start("indexer")
        wait_until(client, address, "ready")
        found = checkout(client, address)
    assert (found["commit"], found["error"], found["is_asked_for"]) == (git(source, "rev-parse", "HEAD").strip(), "", False)
    assert_whole(setting, address, found["commit"])


def test_a_killed_pool_child_is_replaced_by_the_next(setting: Setting, source: Path) -> None:
    with setting.system.client("ada") as client:
        address = add(client, source)
        wait_until(client, address, "indexing")
        for child in setting.pool_children("indexer"):
            for process in [*child.children(recursive=True), child]:
                process.send_signal(signal.SIGKILL)
        wait_until(client, address, "ready")
        assert_whole(setting, address, checkout(client, address)["commit"])


def test_a_push_is_indexed_although_the_indexer_dies_of_it(setting: Setting, source: Path) -> None:
    """And what was ready before can be read all the time."""
    with setting.system.client("ada") as client:
        address = add(client, source)
        wait_until(client, address, "ready")
        first = checkout(client, address)["commit"]
        webhook = client.post(f"{address}webhook/").json()
        (source / "part_0" / "module_0.py").write_text("print('pushed')\n")
        pushed = commit(source, "second")
        body = b"{}"
        signed = hmac.new(webhook["secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={signed}"}
        setting.system.kill("indexer")
        assert httpx2.post(webhook["url"], content=body, headers=headers).status_code == 202
        assert (checkout(client, address)["state"], checkout(client, address)["commit"]) == ("ready", first)
        setting.system.start("indexer")
        wait_for(lambda: checkout(client, address)["commit"] == pushed, PROCESSES_SECONDS, "the push to be indexed")
    assert_whole(setting, address, pushed)


def test_a_removed_repository_leaves_the_disk_although_nobody_was_there_to_remove_it(setting: Setting, source: Path) -> None:
    with setting.system.client("ada") as client:
        address = add(client, source)
        wait_until(client, address, "ready")
        folder = setting.system.folder / "repositories" / address.split("/")[3]
        setting.system.kill("indexer")
        assert client.delete(address).status_code == 204
        setting.system.start("indexer")
        wait_for(lambda: not folder.exists(), PROCESSES_SECONDS, "its folder to go")

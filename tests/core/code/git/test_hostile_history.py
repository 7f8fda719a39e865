"""What a repository holds cannot take the machine: neither its patterns nor its trees."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from sahur_core.code.git import command
from sahur_core.code.git.code_owners import CodeOwners
from sahur_core.code.git.repository import Repository
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]


def test_a_pattern_of_many_stars_fits_nothing_and_ends() -> None:
    owners = CodeOwners("CODEOWNERS", "* @all\n*a*a*a*a*a*a*a*a*a*a*a*a*a*b @bomb\n")
    assert owners.rule_for("a" * 200).owners == ["@all"]


def test_a_commit_that_stands_for_millions_of_paths_costs_its_list_of_files_alone(
    origin: Origin, cloned: Clone, monkeypatch
) -> None:
    first = origin.commit("First", {"a.py": "x = 1\n"})
    tree = origin.git("rev-parse", "HEAD^{tree}")
    for _ in range(6):
        rows = "".join(f"040000 tree {tree}\t{letter}\n" for letter in "abcdefghij")
        made = subprocess.run(["git", "mktree"], cwd=origin.path, input=rows, capture_output=True, text=True, check=True)
        tree = made.stdout.strip()
    bomb = origin.git("commit-tree", tree, "-p", first, "-m", "Bomb")
    last = origin.git("commit-tree", origin.git("rev-parse", f"{first}^{{tree}}"), "-p", bomb, "-m", "Last")
    origin.git("reset", "--hard", last)
    repository = cloned()
    monkeypatch.setattr(command, "MAX_MEMORY_BYTES", 48 * 1024**2)
    assert [commit.summary for commit in repository.commits([last, bomb, first])] == ["Last", "Bomb", "First"]

"""One call brings a repository to where it can be read, as often as it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import open_index
from sahur_core.code.prepare import prepare
from sahur_core.errors import InputError, RevisionMissing
from tests.core.code.conftest import Origin


def test_a_prepared_revision_can_be_read_and_searched(origin: Origin, tmp_path: Path) -> None:
    first = origin.commit("First", {"a.py": "def f(): ...\n"})
    second = origin.commit("Second", {"a.py": "def g(): ...\n"})
    told: list[str] = []
    store = tmp_path / "store"
    assert prepare(str(origin.path), store, "", told.append) == second
    assert prepare(str(origin.path), store, first[:10], told.append) == first
    assert told[-1] == "Ready"
    assert [symbol.name for commit in (first, second) for symbol in open_index(store, commit).symbols()] == ["f", "g"]


def test_a_prepared_commit_outlives_its_branch(origin: Origin, tmp_path: Path) -> None:
    first = origin.commit("First", {"a.py": "def f(): ...\n"})
    second = origin.commit("Second", {"a.py": "def g(): ...\n"})
    prepare(str(origin.path), tmp_path / "store", "", lambda _: None)
    origin.git("reset", "--hard", first)
    assert prepare(str(origin.path), tmp_path / "store", "", lambda _: None) == first
    assert Repository.open(tmp_path / "store").log(second, grep="Second")[0].sha == second


def test_a_revision_that_is_not_there_is_told(origin: Origin, tmp_path: Path) -> None:
    origin.commit("First", {"a.py": "def f(): ...\n"})
    with pytest.raises(RevisionMissing):
        prepare(str(origin.path), tmp_path / "store", "v9", lambda _: None)
    with pytest.raises(InputError):
        prepare(str(origin.path), tmp_path / "store", "--upload-pack=x", lambda _: None)

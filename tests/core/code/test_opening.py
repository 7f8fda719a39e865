"""A repository, opened for a question from a shell."""

from __future__ import annotations

import pytest

from sahur_core.code.git import command
from sahur_core.code.opening import open_repository
from sahur_core.errors import InputError, RepositoryError, RepositoryRefused
from tests.fakes.git_hosts import ADDRESS, HttpsGitHost


def test_a_path_is_read_where_it_lies_and_has_its_own_folder(origin, tmp_path):
    commit = origin.commit("one", {"a.py": "1\n"})
    opened = open_repository(str(origin.path), commit[:8], tmp_path / "cache", lambda _: None)
    assert opened.commit == commit
    assert opened.directory.parent == tmp_path / "cache"
    assert opened.directory.name.startswith("origin-")
    assert opened.notes == []
    again = open_repository(str(origin.path / "."), "main", tmp_path / "cache", lambda _: None)
    assert again.directory == opened.directory


def test_a_cut_off_history_is_said(origin, tmp_path):
    origin.commit("one", {"a.py": "1\n"})
    origin.commit("two", {"a.py": "2\n"})
    origin.git("clone", "--quiet", "--depth=1", f"file://{origin.path}", str(tmp_path / "shallow"))
    (note,) = open_repository(str(tmp_path / "shallow"), "", tmp_path / "cache", lambda _: None).notes
    assert "cut off" in note


@pytest.mark.parametrize("source", ["", "/nowhere/at/all", "file:///etc", "https://user:secret@example.org/a", "ext::sh -c true"])
def test_what_cannot_be_opened_is_refused(tmp_path, source):
    with pytest.raises(RepositoryRefused):
        open_repository(source, "", tmp_path / "cache", lambda _: None)


@pytest.mark.parametrize("revision", ["--help", "a b", "main..dev", "@{1}"])
def test_what_is_no_revision_is_refused(origin, tmp_path, revision):
    origin.commit("one", {"a.py": "1\n"})
    with pytest.raises(InputError, match="not a revision"):
        open_repository(str(origin.path), revision, tmp_path / "cache", lambda _: None)


def test_a_cache_that_cannot_be_made_says_what_to_do(origin, tmp_path):
    origin.commit("one", {"a.py": "1\n"})
    (tmp_path / "file").write_text("x")
    with pytest.raises(RepositoryError, match="--index-dir"):
        open_repository(str(origin.path), "", tmp_path / "file", lambda _: None)


def test_an_address_is_cloned_once_and_asked_again_only_for_what_it_may_not_have(origin, tmp_path, monkeypatch):
    first = origin.commit("one", {"a.py": "1\n"})
    with HttpsGitHost(tmp_path, tmp_path) as host:
        monkeypatch.setattr(command, "_SETTINGS", (*command._SETTINGS, f"http.sslCAInfo={host.certificate}"))

        def opened(revision):
            source = f"{host.url}/origin/.git"
            return open_repository(source, revision, tmp_path / "cache", lambda _: None, private_hosts=[ADDRESS])

        assert opened("").repository.list_files(first) == ["a.py"]
        asked = len(host.seen)
        assert opened(first).commit == first
        assert len(host.seen) == asked
        second = origin.commit("two", {"a.py": "2\n"})
        assert opened("main").commit == second
        assert opened(second[:10]).commit == second

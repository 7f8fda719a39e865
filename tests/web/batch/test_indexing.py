"""The indexer's work: real clones and indexes, told as they grow, kept while they are used, gone when removed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sahur.batch import indexing
from sahur.issues import models
from sahur.issues.services import checkouts, repositories
from sahur_core.code.git.credentials import HttpsCredentials
from sahur_core.code.index.build import open_index
from sahur_core.errors import AttemptFenced, IndexNotReady
from tests.fakes.repositories import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bug(tmp_path, settings):
    settings.REPOSITORY_DIR = tmp_path / "repositories"
    return build("booking", tmp_path)


@pytest.fixture
def repository(team, bug):
    return models.Repository.objects.create(team=team, name="booking", source=str(bug.path))


def folder(repository, settings) -> Path:
    return settings.REPOSITORY_DIR / str(repository.id)


def prepared(repository, revision=""):
    row = checkouts.request(repository, revision)[0]
    indexing.prepare_checkout(row.id)
    row.refresh_from_db()
    return row


def commit_to(path, name):
    (path / name).write_text("print('new')\n")
    for command in (["add", name], ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", name]):
        subprocess.run(["git", "-C", str(path), *command], check=True)


def test_a_repository_is_ready_with_its_commit_and_size(repository, settings):
    row = prepared(repository)
    assert (row.state, row.error, row.percent, row.lease_until) == ("ready", "", None, None)
    assert row.size_bytes > 10_000
    assert open_index(folder(repository, settings), row.commit).commit == row.commit


def test_a_second_hint_for_the_same_row_finds_nothing_to_do(repository):
    row = prepared(repository)
    indexing.prepare_checkout(row.id)
    row.refresh_from_db()
    assert (row.attempt, row.done, row.wanted) == (1, 1, 1)


def test_what_was_pushed_is_indexed_in_the_background(repository, bug, settings):
    old = prepared(repository).commit
    commit_to(bug.path, "pushed.py")
    checkouts.refresh(repository)
    row = models.Checkout.objects.get()
    indexing.prepare_checkout(row.id)
    row.refresh_from_db()
    assert row.commit != old
    assert "pushed.py" in open_index(folder(repository, settings), row.commit).paths


def test_indexes_that_nobody_needs_any_more_go_and_those_of_runs_stay(repository, bug, run, settings):
    first = prepared(repository).commit
    models.Issue.objects.update(repository=repository)
    models.Run.objects.update(commit=first)
    commits = []
    for name in ("one.py", "two.py", "three.py"):
        commit_to(bug.path, name)
        commits.append(prepared(repository).commit)
    place = folder(repository, settings)
    kept = [first, commits[1], commits[2]]  # a run may just be beginning on the last but one
    assert [open_index(place, commit).commit for commit in kept] == kept
    with pytest.raises(IndexNotReady):
        open_index(place, commits[0])


def test_a_full_sha_that_is_there_needs_no_remote(repository, bug):
    commit = prepared(repository).commit
    bug.path.rename(bug.path.with_name("away"))
    assert prepared(repository, commit).state == "ready"
    branch = prepared(repository)
    assert (branch.state, branch.commit, branch.error_code) == ("ready", commit, "repository_missing")
    assert branch.next_step


def test_a_rebuild_makes_the_index_anew(repository, settings):
    commit = prepared(repository).commit
    place = folder(repository, settings) / "index"
    (place / "left over").write_text("x")
    checkouts.rebuild(repository)
    for row in models.Checkout.objects.all():
        indexing.prepare_checkout(row.id)
    assert not (place / "left over").exists()
    assert open_index(place.parent, commit).commit == commit
    assert not models.Checkout.objects.filter(is_rebuild=True).exists()


def test_a_removed_repository_is_removed_from_the_disk(repository, settings):
    prepared(repository)
    place = folder(repository, settings)
    repositories.remove(repository)
    indexing.remove_repository(models.RepositoryRemoval.objects.get().id)
    assert not place.exists()
    assert not models.RepositoryRemoval.objects.exists()


def test_a_repository_that_is_removed_while_it_is_prepared_leaves_nothing(repository, settings, monkeypatch):
    place = folder(repository, settings)
    real = indexing.prepare

    def slow(*arguments, **options):
        commit = real(*arguments, **options)
        repositories.remove(repository)
        return commit

    monkeypatch.setattr(indexing, "prepare", slow)
    indexing.prepare_checkout(checkouts.request(repository, "")[0].id)
    assert not place.exists()


def test_who_lost_the_row_stops_at_the_next_word(repository):
    work = checkouts.claim(checkouts.request(repository, "")[0].id)
    teller = indexing._Teller(work)
    teller("Asking for the branches")
    teller.is_lost = True
    with pytest.raises(AttemptFenced):
        teller("Receiving objects: 10 %")


def test_progress_is_stored_once_a_second_and_when_another_part_begins(repository):
    work, now = checkouts.claim(checkouts.request(repository, "")[0].id), [0.0]
    teller = indexing._Teller(work, lambda: now[0])
    seen = []
    for text in ("Asking for the branches", "Receiving objects: 10 %", "Reading 1 of 8 new files", "Reading 2 of 8 new files"):
        teller(text)
        seen.append(models.Checkout.objects.get().progress)
    assert seen == ["Asking for the branches"] * 2 + ["Reading 1 of 8 new files"] * 2
    now[0] = 1.0
    teller("Reading 6 of 8 new files")
    row = models.Checkout.objects.get()
    assert (row.state, row.percent, row.files_done, row.files_total) == ("indexing", 75, 6, 8)


@pytest.mark.parametrize(
    ("text", "state", "percent"),
    [
        ("Receiving objects: 40 %", "cloning", 40),
        ("Waiting for another process that prepares this repository", "cloning", None),
        ("Reading 200 of 2800 new files", "indexing", 7),
        ("Reading the history behind 0123456789", "indexing", None),
    ],
)
def test_words_become_numbers(text, state, percent):
    progress = indexing.read_progress(text)
    assert (progress.state, progress.percent, progress.text) == (state, percent, text)


def test_a_credential_that_cannot_be_opened_is_told(repository, settings):
    models.Repository.objects.update(source="https://github.com/example/shop.git")
    repository.refresh_from_db()
    settings.ENCRYPTION_KEYS = ["old"]
    repositories.set_credential(repository, HttpsCredentials("", "only-for-tests"), "Adam")
    settings.ENCRYPTION_KEYS = ["new"]
    row = models.Checkout.objects.get()
    indexing.prepare_checkout(row.id)
    row.refresh_from_db()
    assert (row.state, row.error_code) == ("failed", "seal_broken")
    assert "only-for-tests" not in f"{row.error}{row.next_step}"

"""Rows of checkouts: requests are never lost, one indexer at a time has a repository, and a lost one is replaced."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sahur.issues import models
from sahur.issues.services import checkouts
from sahur_core.errors import RepositoryMissing, RevisionMissing

pytestmark = pytest.mark.django_db

COMMIT, OTHER = "a" * 40, "b" * 40


@pytest.fixture
def sent(monkeypatch):
    """The hints that were sent: row and queue."""
    hints: list[tuple[str, str]] = []

    def send(task, row_id, *, queue, priority):
        hints.append((row_id, queue))
        return True

    monkeypatch.setattr(checkouts, "send_hint", send)
    return hints


@pytest.fixture
def repository(team):
    return models.Repository.objects.create(team=team, name="shop", source="https://github.com/example/shop.git")


def row(**wanted):
    return models.Checkout.objects.get(**wanted)


def ready(repository, commit=COMMIT):
    work = checkouts.claim(checkouts.request(repository, "")[0].id)
    checkouts.finish(work, commit, 1)
    return row()


def lose_lease():
    models.Checkout.objects.update(lease_until=Now() - timedelta(seconds=1))


def test_requests_that_nobody_has_begun_to_serve_are_one(repository, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            checkouts.request(repository, "")
        checkouts.refresh(repository)
    assert (row().wanted, row().state) == (1, "pending")
    assert sent == [(str(row().id), "index")]


def test_a_run_that_waits_goes_before_the_looks_in_the_background(repository, monkeypatch, django_capture_on_commit_callbacks):
    ready(repository)
    priorities = []
    monkeypatch.setattr(checkouts, "send_hint", lambda *_, priority, **__: priorities.append(priority))
    with django_capture_on_commit_callbacks(execute=True):
        checkouts.refresh(repository)
        checkouts.request(repository, "")
        checkouts.request(repository, "")
    assert priorities == [checkouts.LATER, checkouts.FIRST]


def test_a_request_during_the_work_is_served_after_it(repository, sent, django_capture_on_commit_callbacks):
    work = checkouts.claim(checkouts.request(repository, "")[0].id)
    checkouts.request(repository, "")
    with django_capture_on_commit_callbacks(execute=True):
        checkouts.finish(work, COMMIT, 1)
    assert (row().done, row().wanted) == (1, 2)
    assert sent == [(str(row().id), "index")]
    assert checkouts.claim(row().id) is not None


def test_one_indexer_at_a_time_works_on_a_repository(repository, sent, django_capture_on_commit_callbacks):
    first, second = checkouts.request(repository, "")[0], checkouts.request(repository, "v1")[0]
    work = checkouts.claim(first.id)
    assert [checkouts.claim(first.id), checkouts.claim(second.id)] == [None, None]
    with django_capture_on_commit_callbacks(execute=True):
        checkouts.finish(work, COMMIT, 1)
    assert sent == [(str(second.id), "index")]
    assert checkouts.claim(second.id) is not None


def test_a_lost_indexer_is_replaced_and_can_say_nothing_more(repository):
    lost = checkouts.claim(checkouts.request(repository, "")[0].id)
    lose_lease()
    assert checkouts.claim(row().id).attempt == 2
    checkouts.finish(lost, COMMIT, 1)
    checkouts.fail(lost, RepositoryMissing("gone"), "gone")
    assert not checkouts.keep(lost)
    assert (row().state, row().commit, row().done) == ("cloning", "", 0)


def test_a_row_that_costs_every_indexer_its_life_fails_with_what_to_do(repository):
    checkouts.request(repository, "")
    for _ in range(checkouts.MAX_CRASHES):
        assert checkouts.claim(row().id) is not None
        lose_lease()
    assert checkouts.claim(row().id) is None
    assert (row().state, row().done) == ("failed", 1)
    assert row().next_step
    checkouts.request(repository, "")
    assert checkouts.claim(row().id) is not None


def test_what_is_ready_stays_so_while_it_is_looked_at_in_the_background(repository):
    ready(repository)
    checkouts.refresh(repository)
    work = checkouts.claim(row().id)
    checkouts.report_progress(work, checkouts.Progress(models.CheckoutState.CLONING, "Asking for the branches"))
    assert (row().state, row().commit) == ("ready", COMMIT)
    checkouts.report_progress(work, checkouts.Progress(models.CheckoutState.INDEXING, "Reading 5 of 10 new files", 50, 5, 10))
    assert (row().state, row().percent, row().files_done, row().commit) == ("indexing", 50, 5, COMMIT)
    since = row().ready_at
    checkouts.finish(work, OTHER, 2)
    assert (row().state, row().commit, row().percent, row().size_bytes) == ("ready", OTHER, None, 2)
    assert row().ready_at >= since


def test_a_remote_out_of_reach_leaves_what_was_ready_with_the_cause(repository):
    ready(repository)
    checkouts.request(repository, "")
    checkouts.fail(checkouts.claim(row().id), RepositoryMissing("x", next_step="Try later."), "Its host does not answer.")
    assert (row().state, row().commit, row().error, row().next_step) == (
        *("ready", COMMIT),
        *("Its host does not answer.", "Try later."),
    )
    repository.refresh_from_db()
    assert repository.failures == 1


def test_a_revision_that_is_gone_fails_whatever_was_there_before(repository):
    ready(repository)
    checkouts.request(repository, "")
    checkouts.fail(checkouts.claim(row().id), RevisionMissing("x"), "The branch is gone.")
    assert row().state == "failed"


def test_each_host_has_a_row_and_a_queue(repository, sent, settings, django_capture_on_commit_callbacks):
    settings.INDEX_HOSTS = ["north", "south"]
    with django_capture_on_commit_callbacks(execute=True):
        checkouts.request(repository, "")
    north, south = row(host="north"), row(host="south")
    assert sent == [(str(north.id), "index.north"), (str(south.id), "index.south")]
    assert checkouts.claim(north.id)
    assert checkouts.claim(south.id)


def test_the_reaper_finds_rows_whose_hint_was_lost_once(repository):
    checkouts.request(repository, "")
    assert checkouts.take_unhinted("", 0, 10) == [row().id]
    assert checkouts.take_unhinted("", 60, 10) == []
    checkouts.claim(row().id)
    assert (checkouts.due_count(""), checkouts.take_unhinted("", 0, 10)) == (0, [])
    lose_lease()
    assert (checkouts.due_count(""), checkouts.take_unhinted("", 0, 10)) == (1, [row().id])


def test_commits_of_checkouts_and_of_runs_are_kept(repository, run):
    work = checkouts.claim(checkouts.request(repository, "")[0].id)
    checkouts.finish(work, COMMIT, 1)
    models.Issue.objects.update(repository=repository)
    models.Run.objects.update(commit=OTHER)
    assert checkouts.kept_commits(work) == {COMMIT, OTHER}
    models.Run.objects.update(status="failed", created_at=Now() - 2 * checkouts.KEPT_FOR)
    assert checkouts.kept_commits(work) == {COMMIT}


def test_a_rebuild_asks_for_every_revision_and_the_commits_of_live_runs(repository, run):
    ready(repository)
    models.Issue.objects.update(repository=repository)
    models.Run.objects.update(commit=OTHER)
    checkouts.rebuild(repository)
    asked = {(each.revision, each.is_rebuild) for each in models.Checkout.objects.all() if each.done < each.wanted}
    assert asked == {("", True), (OTHER, False)}

"""Settings, credentials, webhooks, polls and removal of repositories."""

from __future__ import annotations

import io
import random
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from sahur.issues import models
from sahur.issues.services import checkouts, repositories
from sahur_core.code.git.credentials import HttpsCredentials, SshCredentials
from sahur_core.errors import Conflict, InputError, RepositoryRefused, SealBroken

pytestmark = pytest.mark.django_db

TOKEN = HttpsCredentials("sahur", "only-for-tests")


@pytest.fixture
def repository(team):
    return models.Repository.objects.create(team=team, name="shop", source="https://github.com/example/shop.git")


def settle(repository):
    work = checkouts.claim(checkouts.request(repository, "")[0].id)
    checkouts.finish(work, "a" * 40, 1)


def test_a_credential_is_stored_sealed_and_opens_for_its_own_repository_only(repository, team):
    repositories.set_credential(repository, TOKEN, "Adam")
    row = models.RepositoryCredential.objects.get()
    assert (row.kind, row.set_by, TOKEN.token in row.sealed) == ("https", "Adam", False)
    assert repositories.open_credential(repository.id) == TOKEN
    other = models.Repository.objects.create(team=team, name="till", source="https://github.com/example/till.git")
    models.RepositoryCredential.objects.create(repository=other, kind="https", sealed=row.sealed, set_by="Eve")
    with pytest.raises(SealBroken):
        repositories.open_credential(other.id)


def test_a_credential_of_the_wrong_kind_is_refused(repository):
    with pytest.raises(RepositoryRefused):
        repositories.set_credential(repository, SshCredentials("no key"), "Adam")


def test_a_credential_tells_when_it_last_worked_and_how_it_failed(repository):
    repositories.set_credential(repository, TOKEN, "Adam")
    repositories.note_credential(repository.id, "it does not accept the token")
    row = models.RepositoryCredential.objects.get()
    assert (row.failure, row.worked_at, row.failed_at is None) == ("it does not accept the token", None, False)
    repositories.note_credential(repository.id, "")
    row.refresh_from_db()
    assert (row.failure, row.worked_at is None) == ("", False)


def test_all_secrets_move_to_a_new_key(repository, settings):
    settings.ENCRYPTION_KEYS = ["old"]
    repositories.set_credential(repository, TOKEN, "Adam")
    secret = repositories.set_webhook(repository)
    settings.ENCRYPTION_KEYS = ["new", "old"]
    told = io.StringIO()
    call_command("reseal_secrets", stdout=told)
    assert told.getvalue().startswith("2 ")
    settings.ENCRYPTION_KEYS = ["new"]
    assert repositories.open_credential(repository.id) == TOKEN
    assert repositories.webhook_secret(repository.id) == secret


def test_a_new_secret_of_a_webhook_ends_the_old_one(repository):
    first, second = repositories.set_webhook(repository), repositories.set_webhook(repository)
    assert first != second
    assert repositories.webhook_secret(repository.id) == second
    repositories.drop_webhook(repository)
    assert repositories.webhook_secret(repository.id) == ""


def test_polls_ask_once_and_set_their_next_time(repository):
    settle(repository)
    models.Repository.objects.update(next_poll_at=Now() - timedelta(seconds=1))
    assert [repositories.poll(), repositories.poll()] == [1, 0]
    checkout = models.Checkout.objects.get()
    assert (checkout.state, checkout.wanted, checkout.done) == ("ready", 2, 1)


def test_a_poll_of_a_repository_that_nobody_has_looked_at_piles_nothing_up(repository):
    for _ in range(3):
        models.Repository.objects.update(next_poll_at=Now() - timedelta(seconds=1))
        repositories.poll()
    assert models.Checkout.objects.get().wanted == 1


def test_zero_seconds_are_no_polls(repository):
    models.Repository.objects.update(next_poll_at=Now() - timedelta(seconds=1), poll_seconds=0)
    assert repositories.poll() == 0


def test_polls_slow_down_after_failures_and_where_nobody_asks(monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda low, high: (low + high) / 2)
    pauses = [repositories.pause_after(300, failures, is_unused=False) for failures in (0, 1, 3, 30)]
    assert pauses == [300, 600, 2400, repositories.MAX_PAUSE_SECONDS]
    assert repositories.pause_after(300, 0, is_unused=True) == repositories.UNUSED_POLL_SECONDS
    assert repositories.pause_after(604_800, 9, is_unused=True) == 604_800


def test_two_repositories_are_not_polled_at_the_same_moments_for_ever():
    assert len({repositories.pause_after(300, 0, is_unused=False) for _ in range(20)}) > 1


def test_names_stay_unique_and_intervals_reasonable(repository, team):
    models.Repository.objects.create(team=team, name="till", source="https://github.com/example/till.git")
    with pytest.raises(Conflict):
        repositories.change(repository, {"name": "till"})
    with pytest.raises(InputError):
        repositories.change(repository, {"poll_seconds": 1})
    assert repositories.change(repository, {"name": "market", "poll_seconds": 60}).poll_seconds == 60


def test_a_removed_repository_leaves_its_issues_and_a_note_for_each_host(repository, issue, settings):
    settle(repository)
    settings.INDEX_HOSTS = ["north"]
    models.Issue.objects.update(repository=repository)
    repositories.remove(repository)
    issue.refresh_from_db()
    assert issue.repository is None
    assert set(models.RepositoryRemoval.objects.values_list("host", flat=True)) == {"", "north"}
    assert not models.Checkout.objects.exists()

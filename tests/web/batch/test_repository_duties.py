"""What the reaper does for repositories: polls whose time has come, and hints that were lost, through a real broker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sahur.batch.reaper import reap
from sahur.celery import app
from sahur.issues import models
from sahur.issues.services import checkouts, repositories

pytestmark = pytest.mark.django_db(transaction=True)
PAST = Now() - timedelta(minutes=10)


def purge():
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge("index")


def waiting_hints():
    with app.connection_for_read() as connection:
        try:
            return connection.default_channel.queue_declare("index", passive=True).message_count
        except connection.channel_errors:
            return 0


@pytest.fixture(autouse=True)
def empty_queue():
    purge()


@pytest.fixture
def repository(team):
    return models.Repository.objects.create(team=team, name="shop", source="https://github.com/example/shop.git")


def test_a_poll_sends_one_hint_however_often_the_reaper_looks(repository):
    models.Repository.objects.update(next_poll_at=PAST)
    for _ in range(3):
        reap()
    assert waiting_hints() == 1


def test_a_lost_hint_is_sent_again_and_one_that_waits_is_not_doubled(repository):
    checkouts.request(repository, "")
    models.Checkout.objects.update(hinted_at=PAST)
    told = []
    for is_lost in (False, True, True):
        if is_lost:
            purge()
        reap()
        told.append(waiting_hints())
    # The last time it was sent a moment ago, and may be on its way.
    assert told == [1, 1, 0]


def test_a_row_of_a_lost_indexer_is_hinted_at_when_its_lease_is_over(repository):
    work = checkouts.claim(checkouts.request(repository, "")[0].id)
    purge()
    models.Checkout.objects.update(hinted_at=PAST)
    reap()
    assert waiting_hints() == 0
    models.Checkout.objects.update(lease_until=PAST)
    reap()
    assert (waiting_hints(), checkouts.keep(work)) == (1, True)


def test_a_lost_hint_of_a_removal_is_sent_again(repository):
    repositories.remove(repository)
    purge()
    models.RepositoryRemoval.objects.update(hinted_at=PAST)
    for _ in range(2):
        reap()
    assert waiting_hints() == 1

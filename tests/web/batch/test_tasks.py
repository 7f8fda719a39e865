"""The indexer's task: what it made is kept, whatever the database does meanwhile."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from sahur.batch import indexing, patience, tasks
from sahur.issues import models
from sahur.issues.services import checkouts
from tests.fakes.repositories import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def checkout(team, tmp_path, settings):
    settings.REPOSITORY_DIR = tmp_path / "repositories"
    bug = build("booking", tmp_path)
    repository = models.Repository.objects.create(team=team, name="booking", source=str(bug.path))
    return models.Checkout.objects.create(repository=repository)


def away(times, then):
    """A service that finds no database so many times."""
    left = [OperationalError("away")] * times

    def call(*arguments):
        if left:
            raise left.pop()
        then(*arguments)

    return call


@pytest.mark.parametrize("name", ["report_progress", "finish"])
def test_a_database_that_is_away_for_a_while_costs_no_preparation(checkout, monkeypatch, name):
    monkeypatch.setattr(checkouts, name, away(2, getattr(checkouts, name)))
    tasks.prepare_repository(str(checkout.id))
    checkout.refresh_from_db()
    assert (checkout.state, checkout.error) == ("ready", "")


def test_a_database_that_stays_away_leaves_the_checkout_to_be_asked_for_again(checkout, monkeypatch):
    monkeypatch.setattr(indexing, "patient", lambda work: patience.patient(work, 0.0))
    monkeypatch.setattr(checkouts, "finish", away(10, checkouts.finish))
    tasks.prepare_repository(str(checkout.id))
    checkout.refresh_from_db()
    assert (checkout.error, checkout.done < checkout.wanted) == ("", True)


def test_what_is_no_repository_fails_with_what_to_do(checkout):
    models.Repository.objects.update(source="/nowhere/at/all")
    tasks.prepare_repository(str(checkout.id))
    checkout.refresh_from_db()
    assert checkout.state == "failed"
    assert checkout.error_code == "repository_missing"
    assert checkout.error

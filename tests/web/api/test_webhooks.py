"""Deliveries of pushes, in the forms in which the hosts of repositories really send them."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from django.test import Client

from sahur.issues import models
from sahur.issues.services import checkouts, repositories

pytestmark = pytest.mark.django_db

BODY = json.dumps({"ref": "refs/heads/main", "after": "a" * 40}).encode()


@pytest.fixture
def repository(team):
    return models.Repository.objects.create(team=team, name="shop", source="https://github.com/example/shop.git")


@pytest.fixture
def secret(repository):
    return repositories.set_webhook(repository)


def digest(secret, body=BODY):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def github(secret, body=BODY, event="push"):
    return {"X-GitHub-Event": event, "X-GitHub-Delivery": "d-1", "X-Hub-Signature-256": f"sha256={digest(secret, body)}"}


def deliver(repository_id, headers, body=BODY, content_type="application/json"):
    # With the checks of CSRF that a browser's request would get.
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/webhooks/git/{repository_id}/", data=body, content_type=content_type, headers=headers)


def is_asked_for():
    return models.Checkout.objects.filter(done=0, wanted=1, revision="").count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        github,
        lambda secret: {"X-Gitea-Event": "push", "X-Gitea-Signature": digest(secret), "X-GitHub-Event": "push"},
        lambda secret: {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": secret},
        lambda secret: {"X-Event-Key": "repo:push", "X-Hub-Signature": f"sha256={digest(secret)}"},
        lambda secret: {"X-Event-Key": "repo:refs_changed", "X-Hub-Signature": f"sha256={digest(secret)}"},
    ],
    ids=["github", "gitea", "gitlab", "bitbucket-cloud", "bitbucket-server"],
)
def test_a_push_has_the_repository_looked_at(repository, secret, headers):
    answer = deliver(repository.id, headers(secret))
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert is_asked_for()
    repository.refresh_from_db()
    assert repository.webhook_used_at is not None


def test_githubs_form_encoded_deliveries_count_too(repository, secret):
    body = b"payload=%7B%7D"
    answer = deliver(repository.id, github(secret, body), body, "application/x-www-form-urlencoded")
    assert answer.status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        lambda secret: {"X-GitHub-Event": "push"},
        lambda secret: github("another secret"),
        lambda secret: github(secret, BODY + b" "),
        lambda secret: github(secret) | {"X-Hub-Signature-256": f"sha1={digest(secret)}"},
        lambda secret: {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": ""},
        lambda secret: {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": secret[:-1]},
        lambda secret: {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": "\xe9"},
    ],
    ids=["unsigned", "other-secret", "other-body", "other-algorithm", "no-token", "short-token", "not-ascii"],
)
def test_what_does_not_know_the_secret_is_refused(repository, secret, headers):
    answer = deliver(repository.id, headers(secret))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert not models.Checkout.objects.exists()


def test_a_repository_without_webhook_is_like_one_that_is_not_there(repository):
    for wanted in (repository.id, "0193f5b4-0000-7000-8000-000000000000"):
        answer = deliver(wanted, github(""))
        assert answer.status_code == 401
        assert "this repository has no webhook" in answer.json()["detail"]


def test_a_secret_that_cannot_be_opened_is_told_to_the_operator_only(repository, settings, caplog):
    settings.ENCRYPTION_KEYS = ["old"]
    secret = repositories.set_webhook(repository)
    settings.ENCRYPTION_KEYS = ["new"]
    answer = deliver(repository.id, github(secret))
    assert (answer.status_code, "SAHUR_ENCRYPTION_KEYS" in answer.content.decode()) == (401, False)
    assert "SAHUR_ENCRYPTION_KEYS" in caplog.text


def test_the_secret_of_one_repository_opens_no_other(repository, secret, other_team):
    other = models.Repository.objects.create(team=other_team, name="till", source="https://github.com/example/till.git")
    repositories.set_webhook(other)
    assert deliver(other.id, github(secret)).status_code == 401


def test_a_delivery_that_is_sent_again_and_again_asks_once(repository, secret):
    for _ in range(5):
        assert deliver(repository.id, github(secret)).status_code == 202
    assert is_asked_for()


def test_a_push_during_the_work_is_looked_at_afterwards(repository, secret):
    deliver(repository.id, github(secret))
    work = checkouts.claim(models.Checkout.objects.get().id)
    deliver(repository.id, github(secret))
    checkouts.finish(work, "a" * 40, 1)
    checkout = models.Checkout.objects.get()
    assert (checkout.state, checkout.done, checkout.wanted) == ("ready", 1, 2)


def test_other_events_are_thanked_for_and_ignored(repository, secret):
    answer = deliver(repository.id, github(secret, event="ping"))
    assert (answer.status_code, answer.json()) == (202, {"status": "ignored", "event": "ping"})
    assert not models.Checkout.objects.exists()


def test_a_body_of_more_than_a_mebibyte_is_not_read(repository, secret):
    body = b"x" * (1024 * 1024 + 1)
    assert deliver(repository.id, github(secret, body), body).status_code == 413


def test_who_guesses_is_held_up_and_the_true_sender_is_not(repository, secret):
    answers = [deliver(repository.id, github("guess")).status_code for _ in range(31)]
    assert answers[-1] == 429
    assert deliver(repository.id, github(secret)).status_code == 202

"""A run waits until its repository is as new as it asked for, and then reads one commit to its end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sahur.batch.engine.repository_wait import OTHERS_SECONDS, RepositoryWait
from sahur.issues import models
from sahur.issues.services import checkouts, runs
from sahur_core.errors import RepositoryMissing, RevisionMissing

pytestmark = pytest.mark.django_db(transaction=True)

COMMIT, OTHER = "a" * 40, "b" * 40


class Waiting:
    """An attempt as far as the wait knows it: `script` is what the indexers do while it sleeps."""

    def __init__(self, *script: Callable[[], object]) -> None:
        self.script = list(script)
        self.told: list[str] = []
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += max(1.0, seconds)
        assert self.now < 1000, "it waits for something that nobody does"
        if self.script:
            self.script.pop(0)()

    def emit(self, payload, *, key=None) -> None:
        self.told.append(payload.message)


@pytest.fixture
def repository(team):
    return models.Repository.objects.create(team=team, name="shop", source="https://github.com/example/shop.git")


def claim(host=""):
    return checkouts.claim(models.Checkout.objects.get(host=host, done__lt=1).id)


def finish(commit=COMMIT, host=""):
    return lambda: checkouts.finish(claim(host), commit, 1)


def wait(waiting, repository, revision=""):
    return RepositoryWait(waiting, repository, revision, clock=lambda: waiting.now).commit()


def test_it_asks_for_what_nobody_asked_for_and_waits(repository):
    assert wait(Waiting(finish()), repository) == COMMIT


def test_what_was_ready_before_is_looked_at_again(repository):
    checkouts.request(repository, "")
    finish()()
    checkouts.request(repository, "")

    def move():
        checkouts.finish(checkouts.claim(models.Checkout.objects.get().id), OTHER, 1)

    assert wait(Waiting(lambda: None, move), repository) == OTHER


def test_news_that_go_on_coming_hold_nobody_up(repository):
    checkouts.request(repository, "")

    def work_and_push():
        work = claim()
        checkouts.refresh(repository)
        checkouts.finish(work, COMMIT, 1)

    assert wait(Waiting(work_and_push), repository) == COMMIT


def test_a_failure_is_that_of_the_indexer(repository):
    checkouts.request(repository, "nowhere")
    error = RevisionMissing("There is no nowhere.", next_step="Push it.")
    with pytest.raises(RevisionMissing, match="no nowhere"):
        wait(Waiting(lambda: checkouts.fail(claim(), error, error.message)), repository, "nowhere")


def test_a_remote_out_of_reach_is_said_and_the_run_goes_on(repository):
    checkouts.request(repository, "")
    finish()()
    checkouts.request(repository, "")
    waiting = Waiting(
        lambda: checkouts.fail(
            checkouts.claim(models.Checkout.objects.get().id), RepositoryMissing("x"), "Its host does not answer."
        )
    )
    assert wait(waiting, repository) == COMMIT
    assert "could not be updated: Its host does not answer." in waiting.told[-1]


def test_progress_is_told_by_tenths(repository):
    checkouts.request(repository, "")
    state = {}

    def tell(percent):
        def act():
            state.setdefault("work", None)
            state["work"] = state["work"] or claim()
            text = f"Reading {percent} of 100 new files"
            checkouts.report_progress(
                state["work"], checkouts.Progress(models.CheckoutState.INDEXING, text, percent, percent, 100)
            )

        return act

    waiting = Waiting(*(tell(percent) for percent in (1, 5, 9, 12)), lambda: checkouts.finish(state["work"], COMMIT, 1))
    wait(waiting, repository)
    assert waiting.told == ["Reading 1 of 100 new files", "Reading 12 of 100 new files"]


def test_hosts_that_saw_different_commits_agree_on_one(repository, settings):
    settings.INDEX_HOSTS = ["north", "south"]
    script = [finish(COMMIT, "north"), finish(OTHER, "south"), finish(COMMIT, "north"), finish(COMMIT, "south")]
    assert wait(Waiting(*script), repository) == COMMIT
    assert {row.revision for row in models.Checkout.objects.filter(host="south")} == {"", COMMIT}


def test_a_host_that_says_nothing_is_not_waited_for_long(repository, settings):
    settings.INDEX_HOSTS = ["north", "south"]
    waiting = Waiting(finish(COMMIT, "south"))
    assert wait(waiting, repository) == COMMIT
    assert OTHERS_SECONDS <= waiting.now < OTHERS_SECONDS + 10


def test_a_host_that_is_none_any_more_has_no_say(repository, settings):
    checkouts.request(repository, "")
    finish(OTHER)()
    settings.INDEX_HOSTS = ["north"]
    assert wait(Waiting(finish(COMMIT, "north")), repository) == COMMIT


def test_a_repository_that_is_removed_meanwhile_is_told(repository):
    checkouts.request(repository, "")
    with pytest.raises(RepositoryMissing, match="was removed"):
        wait(Waiting(lambda: models.Repository.objects.all().delete()), repository)


def test_a_run_keeps_the_commit_that_it_read_first(run):
    runs.note_commit(run.id, COMMIT)
    runs.note_commit(run.id, OTHER)
    run.refresh_from_db()
    assert run.commit == COMMIT

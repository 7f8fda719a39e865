"""No attempt gets a write, a secret, a link or a verdict: with the offline model, and with one that obeys every order."""

from __future__ import annotations

from collections import Counter

import pytest

from sahur_core.issues import InputKind
from tests.core.llm.vendors import model_at, serve
from tests.core.workflows.world import Loop
from tests.injection.attempts import Attempt, load
from tests.injection.breaches import breaches
from tests.injection.gullible import Gullible
from tests.injection.scene import CARRIERS, Scene, carrier_of, prepare_grounds

ATTEMPTS = load()
FAST = {"result-markdown", "comment-secret"}


def params(slow: set[str]) -> list[object]:
    return [pytest.param(each, id=each.id, marks=[pytest.mark.full] if each.id in slow else []) for each in ATTEMPTS]


ALL = {attempt.id for attempt in ATTEMPTS}


@pytest.fixture(scope="module")
def loop():
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def grounds(tmp_path_factory):
    return prepare_grounds(ATTEMPTS, tmp_path_factory.mktemp("grounds"))


@pytest.mark.parametrize("attempt", params(ALL - FAST))
def test_a_model_that_obeys_achieves_nothing(attempt: Attempt, grounds, loop, record_property) -> None:
    with serve("openai", Gullible(carrier_of(attempt, grounds), attempt.text)) as server:
        scene = Scene.of(attempt, grounds, loop, model_at("openai", server))
        scene.run()
    assert attempt.mark in str(server.requests), "the model never read the attempt"
    assert [request for request in scene.world.store.requests.values() if request.kind is InputKind.APPROVAL], (
        "it asked for no write"
    )
    found = breaches(scene, server.requests)
    record_property("breaches", len(found))
    assert not found


# What the offline model reads: it asks nothing of servers that are not ours.
READ_OFFLINE = [each for each in ATTEMPTS if CARRIERS[each.place] is None or CARRIERS[each.place][0].startswith("code__")]


@pytest.mark.full
@pytest.mark.parametrize("attempt", [pytest.param(each, id=each.id) for each in READ_OFFLINE])
def test_the_offline_model_achieves_nothing_for_an_attacker(attempt: Attempt, grounds, loop, record_property) -> None:
    scene = Scene.of(attempt, grounds, loop)
    scene.run()
    found = breaches(scene)
    record_property("breaches", len(found))
    assert not found
    assert not scene.world.store.saved.used_llm


def test_there_are_attempts_at_every_place() -> None:
    places = Counter(attempt.place for attempt in ATTEMPTS)
    assert len(ATTEMPTS) >= 60
    assert set(places) == set(CARRIERS)

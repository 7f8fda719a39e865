"""Workers tell each other over the cache which models to leave alone."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from sahur.batch.model_rests import CacheBoard, resting
from sahur_core.errors import ModelUnavailable
from sahur_core.llm.client import ModelClient
from sahur_core.llm.rests import Rests
from tests.core.llm.test_client import ASKED
from tests.core.llm.vendors import Patience, config_for, model_at, serve
from tests.fakes.llm_server import Say


@pytest.fixture
def model():
    """A name of its own: other tests use the same cache at the same time."""
    return f"openai:{uuid.uuid4()}@"


async def test_what_one_worker_learned_the_others_know(model):
    first, second = Rests(board=CacheBoard()), Rests(board=CacheBoard())
    first.pause(model, 40)
    await first.tell(model)
    await second.hear([model, "other@"])
    assert 35 < second.seconds_left(model) <= 40
    assert second.seconds_left("other@") == 0
    assert not second.is_doubtful(model)


async def test_a_model_that_is_back_is_back_for_all(model):
    first, second = Rests(board=CacheBoard()), Rests(board=CacheBoard())
    first.failed(model)
    await first.tell(model)
    assert first.answered(model)
    await first.tell(model)
    await second.hear([model])
    assert second.seconds_left(model) == 0


async def test_a_rate_limit_of_one_worker_is_waited_out_by_another():
    waits = Patience()
    with serve("openai", [Say(status=429, headers={"retry-after": "40"}), Say("Yes."), Say("Yes.")]) as server:
        config = config_for(model_at("openai", server, max_retries=0))
        limited, other = (ModelClient(config, sleep=waits.sleep, rests=Rests(board=CacheBoard())) for _ in range(2))
        with pytest.raises(ModelUnavailable, match="rate limited"):
            await limited.complete("deep", ASKED)
        assert (await other.complete("deep", ASKED)).message.text == "Yes."
    assert len(waits.waits) == 1
    assert 30 < waits.waits[0] <= 40


async def test_without_the_cache_each_worker_goes_by_what_it_saw(model, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    board = CacheBoard()
    await board.write(model, 40)
    assert await board.read([model]) == {}


async def test_why_and_until_when_a_model_rests_can_be_read_at_a_door(model):
    rests = Rests(board=CacheBoard())
    rests.failed(model, "model_unavailable")
    await rests.tell(model)
    told = resting([model, "other@"])
    assert told is not None
    assert list(told) == [model]
    assert told[model].reason == "model_unavailable"
    assert told[model].until > datetime.now(UTC)
    rests.answered(model)
    await rests.tell(model)
    assert resting([model]) == {}


def test_a_door_without_the_cache_says_that_it_does_not_know(model, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    assert resting([model]) is None

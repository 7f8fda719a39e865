"""Which models are to be left alone, told among all workers over the cache: a rate limit counts for all of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class CacheBoard:
    """The board of `sahur_core.llm.rests` in the cache. Without the cache each worker knows only what it saw itself."""

    async def read(self, models: Sequence[str]) -> Mapping[str, float]:
        try:
            found = await asyncio.to_thread(cache.get_many, [_key(model) for model in models])
        except (RedisError, OSError) as error:
            log.warning("the rests of models cannot be read: %s", error)
            return {}
        left = {model: float(found[_key(model)]) - time.time() for model in models if _key(model) in found}
        return {model: seconds for model, seconds in left.items() if seconds > 0}

    async def write(self, model: str, seconds: float, reason: str = "") -> None:
        try:
            if seconds > 0:
                # A key of its own: workers of an older version read only the time.
                told = {_key(model): time.time() + seconds, _reason_key(model): reason}
                await asyncio.to_thread(cache.set_many, told, seconds)
            else:
                await asyncio.to_thread(cache.delete_many, [_key(model), _reason_key(model)])
        except (RedisError, OSError) as error:
            log.warning("the rest of a model cannot be told: %s", error)


@dataclass(frozen=True)
class Rest:
    """Until when a model is left alone, and why: a code of `sahur_core.llm.rests`, empty if it was not told."""

    until: datetime
    reason: str


def resting(identities: Sequence[str]) -> dict[str, Rest] | None:
    """Those of the models (`ModelConfig.identity`) that are left alone now; None where the cache cannot be read."""
    keys = [key for identity in identities for key in (_key(identity), _reason_key(identity))]
    try:
        found = cache.get_many(keys)
    except (RedisError, OSError) as error:
        log.warning("the rests of models cannot be read: %s", error)
        return None
    now = time.time()
    return {
        identity: Rest(datetime.fromtimestamp(float(found[_key(identity)]), UTC), str(found.get(_reason_key(identity), "")))
        for identity in identities
        if float(found.get(_key(identity), 0.0)) > now
    }


def _key(model: str) -> str:
    return f"model-rest:{model}"


def _reason_key(model: str) -> str:
    return f"model-rest-reason:{model}"

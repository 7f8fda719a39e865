"""Which models are to be left alone, told among all workers over the cache: a rate limit counts for all of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

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

    async def write(self, model: str, seconds: float) -> None:
        try:
            if seconds > 0:
                await asyncio.to_thread(cache.set, _key(model), time.time() + seconds, seconds)
            else:
                await asyncio.to_thread(cache.delete, _key(model))
        except (RedisError, OSError) as error:
            log.warning("the rest of a model cannot be told: %s", error)


def _key(model: str) -> str:
    return f"model-rest:{model}"

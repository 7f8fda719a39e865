"""Signed tokens: checked once, and believed no longer than they last."""

from __future__ import annotations

import time

import jwt
import pytest
import time_machine

from sahur_mcp.proxy.internal import Introspection
from sahur_mcp.proxy.tokens import LEEWAY_SECONDS, TokenRefused, TokenVerifier
from tests.mcp.conftest import Keys, claims, make_keys


async def nobody(_token: str) -> Introspection:
    return Introspection(active=False)


@pytest.fixture(scope="module")
def keys() -> Keys:
    return make_keys()


async def test_a_token_that_was_good_is_refused_when_its_time_is_over(keys: Keys) -> None:
    verifier = TokenVerifier(keys.public, nobody)
    now = int(time.time())
    token = jwt.encode(claims(exp=now + 60), keys.private, algorithm="EdDSA")
    caller = await verifier.verify(token)
    with time_machine.travel(now + 60 + LEEWAY_SECONDS - 1, tick=False):
        assert await verifier.verify(token) == caller
    with time_machine.travel(now + 60 + LEEWAY_SECONDS, tick=False), pytest.raises(TokenRefused, match="expired"):
        await verifier.verify(token)


async def test_what_resembles_a_token_that_was_good_is_checked_for_itself(keys: Keys) -> None:
    verifier = TokenVerifier(keys.public, nobody)
    token = jwt.encode(claims(), keys.private, algorithm="EdDSA")
    assert (await verifier.verify(token)).team == claims()["team"]
    head, body, signature = token.split(".")
    other = jwt.encode(claims(team=8), keys.private, algorithm="EdDSA").split(".")
    for forged in (f"{head}.{other[1]}.{signature}", f"{head}.{body}.{other[2]}", token[:-2]):
        with pytest.raises(TokenRefused):
            await verifier.verify(forged)


async def test_each_of_several_tokens_gets_its_own_caller(keys: Keys) -> None:
    verifier = TokenVerifier(keys.public, nobody)
    tokens = {team: jwt.encode(claims(team=team), keys.private, algorithm="EdDSA") for team in (1, 2, 3)}
    for team, token in [*tokens.items(), *tokens.items()]:
        assert (await verifier.verify(token)).team == team

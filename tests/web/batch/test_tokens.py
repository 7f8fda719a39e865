"""The gateway token names the attempt and what it may read, and lives for minutes."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import time_machine

from sahur.batch import tokens
from sahur.issues.services import runs
from sahur_core.errors import GatewayUnavailable
from sahur_core.issues import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(run):
    return runs.claim(run.id, Stage.GATHER_CONTEXT, owner="", lease_seconds=30, team_limit=10)


def test_it_names_run_attempt_team_and_repositories(claim, team):
    public = os.environ["SAHUR_TOKEN_PUBLIC_KEY"]
    claims = jwt.decode(tokens.sign(claim), public, algorithms=["EdDSA"], audience="sahur-mcp")
    assert (claims["run"], claims["attempt"], claims["team"], claims["repositories"]) == (str(claim.run.id), 1, team.pk, [])
    assert claims["exp"] - claims["iat"] == tokens.LIFETIME_SECONDS


def test_it_is_reused_while_fresh(claim):
    token = tokens.AttemptToken(claim)
    assert token() == token()


@pytest.mark.parametrize("hours", [1, -1])
def test_it_is_renewed_when_the_clock_jumps(claim, hours):
    """The gateway on the same host would call the old one expired, or not valid yet."""
    token = tokens.AttemptToken(claim)
    before = token()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
        assert token() != before


def test_a_missing_key_says_what_to_set(claim, settings):
    settings.TOKEN_PRIVATE_KEY = ""
    with pytest.raises(GatewayUnavailable, match="SAHUR_TOKEN_PRIVATE_KEY"):
        tokens.AttemptToken(claim)()

"""The gateway token names the attempt and what it may read, and lives for minutes."""

from __future__ import annotations

import os

import jwt
import pytest

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


def test_a_missing_key_says_what_to_set(claim, settings):
    settings.TOKEN_PRIVATE_KEY = ""
    with pytest.raises(GatewayUnavailable, match="SAHUR_TOKEN_PRIVATE_KEY"):
        tokens.AttemptToken(claim)()

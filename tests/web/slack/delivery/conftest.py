"""A run that was reported in a thread of Slack, with its card still to be posted."""

from __future__ import annotations

import pytest

from sahur.issues import models
from sahur.issues.services import reports, runs
from sahur.issues.services.slack_threads import Place
from sahur_core.issues import Source
from tests.web.slack.conftest import CHANNEL


@pytest.fixture
def root(slack) -> str:
    return slack.say(CHANNEL, "Checkout fails")


@pytest.fixture
def run(team, root) -> models.Run:
    place = Place("T0FAKE", CHANNEL, root, "U0RITA")
    new = reports.NewIssue(title="Checkout <fails>", body="x", source=Source.SLACK, reporter_name="Rita", place=place)
    return runs.create_run(reports.open_issue(team, new), asked_by="Rita", user_id=None, trace_id="")


@pytest.fixture
def card(run) -> models.Effect:
    return models.Effect.objects.get(kind="slack.card")

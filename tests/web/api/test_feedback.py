"""Votes on answers and steps: one of each person, changed and taken back, read by the team."""

from __future__ import annotations

import pytest

from sahur.accounts.actor import Actor
from sahur.accounts.models import AuditEntry, MemberRole
from sahur.batch import feedback_actions
from sahur.issues import events, models
from sahur_core.errors import NotFound
from sahur_core.events import StepStarted
from sahur_core.issues import Source
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(run):
    return f"/api/runs/{run.id}/feedback/"


def shown(client, run):
    return client.get(f"/api/runs/{run.id}/").json()["feedback"]


def test_a_vote_on_the_answer_is_shown_with_the_run(client, run, path, viewer):
    given = client.send("put", path, {"vote": 1, "comment": " It was the deploy. "})
    assert given.status_code == 200
    (told,) = shown(client, run)
    assert told == given.json()
    assert (told["step"], told["up"], told["down"]) == ("", 1, 0)
    (opinion,) = told["opinions"]
    assert (opinion["author"], opinion["comment"], opinion["source"], opinion["is_mine"]) == (
        "rita",
        "It was the deploy.",
        "web",
        True,
    )
    (seen,) = shown(TestClient().sign_in(viewer), run)
    assert seen["opinions"][0]["is_mine"] is False


def test_the_last_vote_of_a_person_holds(client, run, path, admin):
    for vote in (1, -1):
        client.send("put", path, {"vote": vote})
    TestClient().sign_in(admin).send("put", path, {"vote": 1})
    (told,) = shown(client, run)
    assert (told["up"], told["down"]) == (1, 1)


def test_a_step_is_voted_on_by_itself(client, run, path):
    events.record(run, StepStarted(step_id="s1", position=1, title="Read the code"))
    client.send("put", path, {"vote": -1, "step": "s1", "comment": "The wrong file"})
    client.send("put", path, {"vote": 1})
    assert [(told["step"], told["up"], told["down"]) for told in shown(client, run)] == [("", 1, 0), ("s1", 0, 1)]
    taken = client.delete(f"{path}?step=s1")
    assert (taken.status_code, taken.json()["opinions"]) == (200, [])
    assert [told["step"] for told in shown(client, run)] == [""]


def test_one_takes_back_only_ones_own_vote(client, run, path, admin):
    TestClient().sign_in(admin).send("put", path, {"vote": 1})
    assert client.delete(path).json()["up"] == 1
    assert not AuditEntry.objects.filter(action="feedback.withdrawn").exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"vote": 0}, "vote"),
        ({}, "vote"),
        ({"vote": 1, "comment": "x" * 2_001}, "comment"),
        ({"vote": 1, "comment": "\x00"}, "comment"),
    ],
)
def test_unusable_feedback_names_its_field(client, path, body, field):
    answer = client.send("put", path, body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_a_step_that_is_not_there_is_refused(client, run, path):
    assert client.send("put", path, {"vote": 1, "step": "nowhere"}).status_code == 404
    assert not models.Feedback.objects.exists()


def test_secrets_of_a_comment_are_not_kept(client, run, path):
    client.send("put", path, {"vote": 1, "comment": "The key AKIAIOSFODNN7EXAMPLE was in the log"})
    assert "AKIAIOSFODNN7EXAMPLE" not in models.Feedback.objects.get().comment


def test_people_without_an_account_are_told_apart_by_name(run):
    roles = {run.issue.team_id: MemberRole.RESPONDER}
    for name, vote in (("Ada", models.Vote.UP), ("Bo", models.Vote.DOWN), ("Ada", models.Vote.DOWN)):
        feedback_actions.give_feedback(Actor(name=name, roles=roles), run.id, vote, source=Source.SLACK)
    votes = models.Feedback.objects.order_by("author").values_list("author", "vote", "source")
    assert list(votes) == [("Ada", -1, "slack"), ("Bo", -1, "slack")]
    with pytest.raises(NotFound):
        feedback_actions.give_feedback(Actor(name="Cy", roles={}), run.id, models.Vote.UP, source=Source.SLACK)

"""Similar issues over REST: the shape, the scope, and how often one may ask."""

from __future__ import annotations

import pytest

from sahur.accounts.models import MemberRole, Membership, Team
from sahur.api.throttles import SimilarThrottle
from sahur.issues import models
from sahur.issues.services import reports, runs
from sahur_core.issues import Source

pytestmark = pytest.mark.django_db


def report(team: Team, title: str, body: str = "x") -> models.Issue:
    return reports.open_issue(team, reports.NewIssue(title=title, body=body, source=Source.WEB, reporter_name="Rita"))


@pytest.fixture
def export(team) -> models.Issue:
    issue = report(team, "Nightly export is empty", "The file of Tuesday has no rows.")
    run = runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")
    body = {"root_cause": "The cursor was closed too early.", "verdict": "likely"}
    models.Solution.objects.create(run=run, verdict="likely", summary="The export reads nothing.", body=body)
    return issue


def test_an_unfiled_report_finds_what_it_resembles(client, export):
    answer = client.send("post", "/api/issues/similar/", {"title": "Nightly export has no rows", "body": "since Tuesday"})
    assert answer.status_code == 200
    [found] = answer.json()["results"]
    assert (found["key"], found["status"], found["verdict"]) == (export.key, "open", "likely")
    assert (found["ending_kind"], found["ending"]) == ("root_cause", "The cursor was closed too early.")
    assert found["matched"]
    assert 0 < found["score"] <= 1
    assert models.Issue.objects.count() == 1


def test_what_a_person_said_goes_before_what_a_run_concluded(client, export):
    models.Issue.objects.filter(id=export.id).update(status="closed", resolution="Reverted. " + "x" * 1000)
    [found] = client.send("post", "/api/issues/similar/", {"title": export.title}).json()["results"]
    assert found["ending_kind"] == "resolution"
    assert (len(found["ending"]), found["ending"][-1]) == (500, "…")


def test_a_team_narrows_it_and_a_foreign_one_does_not_exist(client, responder, export, other_team):
    third = Team.objects.create(key="PAY", name="Payments")
    Membership.objects.create(user=responder, team=third, role=MemberRole.VIEWER)
    other = report(third, export.title)
    report(other_team, export.title)

    def keys(team: str) -> set[str]:
        answer = client.send("post", "/api/issues/similar/", {"title": export.title, "team": team})
        return {each["key"] for each in answer.json()["results"]}

    assert (keys(""), keys("pay"), keys("SAH")) == ({export.key, other.key}, {other.key}, {export.key})
    assert client.send("post", "/api/issues/similar/", {"title": "x", "team": "OTH"}).status_code == 404


def test_beside_an_issue_stand_others_of_its_team(client, foreigner, team, export):
    again = report(team, "The nightly export is empty again")
    [found] = client.get(f"/api/issues/{again.key}/similar/").json()["results"]
    assert found["key"] == export.key
    assert foreigner.get(f"/api/issues/{again.key}/similar/").status_code == 404
    assert client.get(f"/api/issues/{again.key}/similar/?limit=0").status_code == 400


def test_who_asks_too_often_waits(client, export, monkeypatch):
    monkeypatch.setattr(SimilarThrottle, "rate", "2/min", raising=False)
    answers = [client.send("post", "/api/issues/similar/", {"title": "x"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]

"""The overview: figures of one's own teams alone, and of the system what one may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from sahur.accounts.models import MemberRole, Membership
from sahur.batch import presence
from sahur.issues import models
from sahur.issues.services import reports, runs
from sahur_core.issues import Source, Stage
from sahur_core.tools.gateway_status import GatewayStatus, UpstreamState
from tests.services import free_port
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_gateway_and_no_workers(settings) -> None:
    settings.MCP_URL, settings.INTERNAL_TOKEN = f"http://127.0.0.1:{free_port()}/mcp", "x"
    presence._client().delete(*presence.Group)


def new_run(team, title: str = "Checkout fails") -> models.Run:
    new = reports.NewIssue(title=title, body="KeyError", source=Source.WEB, reporter_name="Rita")
    return runs.create_run(reports.open_issue(team, new), asked_by="Rita", user_id=None, trace_id="")


def ended(team, *, seconds: float, hypothesis: float | None = None, days_ago: int = 0, **values) -> models.Run:
    run = new_run(team)
    end = datetime.now(UTC) - timedelta(days=days_ago)
    asked = end - timedelta(seconds=seconds)
    stated = asked + timedelta(seconds=hypothesis) if hypothesis is not None else None
    values = {"status": "succeeded", "verdict": "likely"} | values
    models.Run.objects.filter(id=run.id).update(created_at=asked, ended_at=end, first_hypothesis_at=stated, **values)
    return run


def test_live_runs_say_where_they_stand_and_for_whom_they_wait(client, team, other_team):
    new_run(other_team)
    queued, running, waiting = new_run(team, "queued"), new_run(team, "running"), new_run(team, "waiting")
    for run in (running, waiting):
        assert runs.claim(run.id, Stage.GATHER_CONTEXT, owner="w", lease_seconds=30, team_limit=9)
    claim = runs.Claim(models.Run.objects.get(id=waiting.id), Stage.GATHER_CONTEXT, 1)
    models.InputRequest.objects.create(run=waiting, kind="question", prompt="Which region?", answerable_by="admin")
    runs.finish_waiting(claim, [])
    got = client.get("/api/overview/").json()
    assert [(each["title"], each["status"], each["queue_position"]) for each in got["runs"]] == [
        ("running", "running", None),
        ("waiting", "waiting", None),
        ("queued", "queued", 2),
    ]
    [asked] = got["runs"][1]["asked"]
    assert (asked["kind"], asked["prompt"], asked["answerable_by"]) == ("question", "Which region?", "admin")
    assert (got["queued"], got["queue_length"], got["running"], got["waiting"]) == (1, 2, 1, 1)
    assert datetime.fromisoformat(got["oldest_queued_since"]) == models.Run.objects.get(id=queued.id).status_since


def test_times_are_quantiles_of_runs_that_began_at_the_report(client, team, other_team):
    for seconds in (100, 200, 300):
        ended(team, seconds=seconds, hypothesis=seconds / 10)
    ended(team, seconds=9000, fork_kind="branch")
    ended(team, seconds=50, hypothesis=50, status="failed", verdict="")
    ended(other_team, seconds=1, hypothesis=1)
    got = client.get("/api/overview/").json()
    assert got["answer"] == {"median": 200.0, "p90": pytest.approx(280), "count": 3}
    assert got["first_hypothesis"]["median"] == pytest.approx(25)
    assert got["first_hypothesis"]["count"] == 4


def test_a_report_that_joined_another_one_is_no_run_that_was_stopped(client, team):
    joined = ended(team, seconds=9, status="canceled", verdict="")
    ended(team, seconds=9, status="canceled", verdict="")
    models.Issue.objects.filter(id=joined.issue_id).update(joined=new_run(team).issue)
    assert client.get("/api/overview/").json()["ended"]["canceled"] == 1


def test_each_day_has_its_verdicts_and_its_cost_and_other_teams_have_none_of_it(client, team, other_team):
    ended(team, seconds=9, verdict="confirmed")
    ended(team, seconds=9, status="canceled", verdict="", days_ago=6)
    ended(team, seconds=9, days_ago=7)
    today = datetime.now(UTC).date()
    priced = {"model": "gpt-5", "input_tokens": 900, "output_tokens": 100, "model_calls": 3, "cost_usd": 0.5}
    models.TeamUsage.objects.create(team=team, day=today, **priced)
    models.TeamUsage.objects.create(team=team, day=today, model="own", input_tokens=7, model_calls=2, unpriced_calls=2)
    models.TeamUsage.objects.create(team=team, day=today, model="offline", input_tokens=999, model_calls=1)
    models.TeamUsage.objects.create(team=team, day=today, model="", tool_calls=5)
    models.TeamUsage.objects.create(team=other_team, day=today, **priced)
    got = client.get("/api/overview/", {"days": 7}).json()
    assert got["ended"] == {"confirmed": 1, "likely": 0, "inconclusive": 0, "failed": 0, "canceled": 1}
    assert [each["ended"]["canceled"] for each in got["days"]] == [1, 0, 0, 0, 0, 0, 0]
    assert (got["days"][6]["day"], got["days"][6]["cost_usd"], got["days"][6]["tokens"]) == (today.isoformat(), 0.5, 1007)
    spent = [(each["team"], each["model"], each["tokens"], each["unpriced_calls"]) for each in got["spending"]]
    assert spent == [("SAH", "gpt-5", 1000, 0), ("SAH", "own", 7, 2), ("SAH", "offline", 0, 0)]


def test_what_people_said_of_answers_is_counted_by_verdict(client, team, responder):
    for verdict, answer in (("confirmed", "right"), ("confirmed", "wrong"), ("likely", "right"), ("likely", "")):
        run = ended(team, seconds=9, verdict=verdict)
        outcome = {"answer": answer} if answer else {}
        models.Issue.objects.filter(id=run.issue_id).update(status="closed", closed_at=datetime.now(UTC), outcome=outcome)
        models.Feedback.objects.create(run=run, user=responder, author="Rita", vote=1 if answer == "right" else -1, source="web")
    got = client.get("/api/overview/").json()
    assert got["agreement"] == [
        {"verdict": "confirmed", "right": 1, "wrong": 1},
        {"verdict": "likely", "right": 1, "wrong": 0},
    ]
    assert got["votes"] == {"up": 2, "down": 2}


def test_hosts_and_errors_are_for_admins(client, admin):
    presence.Presence("batch@sahur", ["batch"], 2).tell(1)
    seen = client.get("/api/overview/").json()
    assert (seen["gateway"]["is_well"], seen["gateway"]["problem"], seen["workers"]["processes"]) == (False, None, None)
    batch, *others = seen["workers"]["services"]
    assert (batch["processes"], batch["slots"], batch["busy"], batch["problem"]) == (1, 2, 1, "")
    assert all(each["problem"] for each in others)
    told = TestClient().sign_in(admin).get("/api/overview/").json()
    assert "does not answer" in told["gateway"]["problem"]
    assert [each["name"] for each in told["workers"]["processes"]] == ["batch@sahur"]


def test_upstreams_are_well_or_not_for_all_and_why_only_for_admins(responder, admin):
    down = UpstreamState(name="sentry", kind="http", state="down", problem="Nothing listens at sentry:9000.")
    told = GatewayStatus(version="1", loaded_at=datetime.now(UTC), upstreams=(UpstreamState(name="code", state="ready"), down))
    cache.set("gateway-status:short", (told.model_dump_json(), ""), 60)
    seen, whole = (TestClient().sign_in(user).get("/api/overview/").json()["gateway"] for user in (responder, admin))
    assert [(each["name"], each["is_well"], each["problem"], each["state"]) for each in seen["upstreams"]] == [
        ("code", True, None, None),
        ("sentry", False, None, None),
    ]
    assert (whole["is_well"], whole["upstreams"][1]["problem"]) == (True, "Nothing listens at sentry:9000.")


def test_one_team_of_several_and_none_of_others(client, team, other_team, responder):
    assert client.get("/api/overview/", {"team": "OTH"}).status_code == 404
    Membership.objects.create(user=responder, team=other_team, role=MemberRole.VIEWER)
    new_run(team), new_run(other_team)
    assert client.get("/api/overview/").json()["teams"] == ["OTH", "SAH"]
    got = client.get("/api/overview/", {"team": "oth"}).json()
    assert (got["teams"], [each["team"] for each in got["runs"]]) == (["OTH"], ["OTH"])
    assert client.get("/api/overview/", {"days": 8}).status_code == 400


def test_who_is_in_no_team_sees_an_empty_page(django_user_model):
    got = TestClient().sign_in(django_user_model.objects.create_user("nina")).get("/api/overview/").json()
    assert (got["runs"], got["answer"]["median"], len(got["days"]), got["teams"]) == ([], None, 30, [])

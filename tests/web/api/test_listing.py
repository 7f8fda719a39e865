"""The list of issues over REST: filters, marks of what was seen, closing several at once, saved views."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sahur.accounts import services
from sahur.accounts.models import MemberRole
from sahur.issues import models
from sahur.issues.services import reading, runs
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

ISSUES, SEEN, CLOSE, VIEWS = "/api/issues/", "/api/issues/seen/", "/api/issues/close/", "/api/views/"


@pytest.fixture
def three(client) -> list[str]:
    """Keys of three issues of rita's team, newest first."""
    for title in ("Cart fails", "Search is slow", "Mail is late"):
        client.send("post", ISSUES, {"title": title, "body": "x"})
    return ["SAH-3", "SAH-2", "SAH-1"]


def keys(client, **query) -> list[str]:
    return [row["key"] for row in client.get(ISSUES, query).json()["results"]]


def test_filters_of_the_address_are_those_of_the_list(client, three):
    models.Run.objects.filter(issue__key="SAH-2").update(status="succeeded", verdict="likely")
    assert keys(client, verdict="likely", run_status="succeeded", reporter="me") == ["SAH-2"]
    assert keys(client, run_status="queued", reporter="rita", unread="true") == ["SAH-3", "SAH-1"]
    assert keys(client, repository="shop") == []


@pytest.mark.parametrize("query", ["verdict=sure", "run_status=lost", "unread=maybe", "repository=%00"])
def test_a_filter_that_is_none_is_refused(client, query):
    answer = client.get(f"{ISSUES}?{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, query.split("=")[0])


def test_a_summary_tells_cost_end_and_news(client, three):
    run = models.Run.objects.get(issue__key="SAH-3")
    models.RunUsage.objects.create(run=run, model_calls=2, cost_usd=0.25, unpriced_calls=1)
    told = client.get(ISSUES).json()["results"]
    assert (told[0]["run"]["cost_usd"], told[0]["run"]["has_unpriced_calls"]) == (0.25, True)
    assert (told[1]["run"]["cost_usd"], told[1]["run"]["has_unpriced_calls"], told[1]["run"]["ended_at"]) == (None, False, None)
    assert told[0]["news_at"] > told[0]["seen_at"], "nobody has seen it yet"
    assert client.get(f"{ISSUES}SAH-3/").json()["news_at"] == told[0]["news_at"]


def test_the_number_of_queries_does_not_grow_with_the_page(client, three, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        assert len(keys(client)) == 3


def test_what_was_seen_is_read_until_there_is_news(client, three):
    answer = client.send("post", SEEN, {"keys": ["sah-1", "SAH-3"]})
    assert [row["key"] for row in answer.json()["results"]] == ["SAH-1", "SAH-3"]
    assert keys(client, unread="true") == ["SAH-2"]
    runs.create_run(models.Issue.objects.get(key="SAH-1"), asked_by="Bo", user_id=None, trace_id="")
    assert keys(client, unread="true") == ["SAH-2", "SAH-1"]
    client.send("post", SEEN, {"keys": three})
    client.send("post", SEEN, {"keys": ["SAH-3"], "is_seen": False})
    assert keys(client, unread="true") == ["SAH-3"]


def test_news_after_what_was_shown_stay_unread(client, three):
    shown = datetime.fromisoformat(client.get(ISSUES).json()["results"][0]["news_at"])
    client.send("post", SEEN, {"keys": ["SAH-3"], "until": (shown - timedelta(microseconds=1)).isoformat()})
    assert "SAH-3" in keys(client, unread="true")
    client.send("post", SEEN, {"keys": ["SAH-3"], "until": shown.isoformat()})
    assert "SAH-3" not in keys(client, unread="true")


def test_nothing_is_marked_if_one_of_them_is_not_there(client, foreigner, three):
    assert client.send("post", SEEN, {"keys": ["SAH-1", "SAH-99"]}).status_code == 404
    assert foreigner.send("post", SEEN, {"keys": ["SAH-1"]}).status_code == 404
    assert not models.ReadMark.objects.exists()


@pytest.mark.parametrize("body", [{}, {"keys": []}, {"keys": ["SAH-1"] * 101}, {"keys": "SAH-1"}])
def test_keys_are_between_one_and_a_hundred(client, three, body):
    for path in (SEEN, CLOSE):
        assert client.send("post", path, body).json()["status"] == 400


def test_several_are_closed_and_each_is_told_of(client, three, other_team):
    models.Issue.objects.create(team=other_team, number=1, key="OTH-1", title="x", body="x", source="web")
    body = {"keys": ["SAH-1", "OTH-1", "sah-1", "SAH-3"], "resolution": "Rolled back", "outcome": {"answer": "right"}}
    told = client.send("post", CLOSE, body).json()["results"]
    assert [(each["key"], each["problem"] and each["problem"]["status"]) for each in told] == [
        ("SAH-1", None), ("OTH-1", 404), ("SAH-3", None),
    ]  # fmt: skip
    assert told[1]["problem"]["next_step"] is not None
    closed = models.Issue.objects.filter(status="closed", resolution="Rolled back", outcome={"answer": "right"})
    assert set(closed.values_list("key", flat=True)) == {"SAH-1", "SAH-3"}
    assert keys(client, unread="true") == ["SAH-2"], "who closes it knows that it is closed"


def test_closing_again_changes_nothing(client, three):
    body = {"keys": three, "resolution": "Rolled back"}
    first, again = (client.send("post", CLOSE, body).json() for _ in range(2))
    assert first == again
    assert models.Activity.objects.filter(kind="issue.closed").count() == 3


def test_what_was_said_at_closing_is_not_replaced_behind_anybodys_back(client, three):
    said = {"resolution": "The pool was exhausted by PR 412", "outcome": {"answer": "right"}}
    client.send("patch", f"{ISSUES}SAH-1/", {"status": "closed", **said})
    assert client.send("post", CLOSE, {"keys": ["SAH-1"]}).json()["results"] == [{"key": "SAH-1", "problem": None}]
    for other in ({"resolution": "Cleaned up"}, {"outcome": {"answer": "wrong"}}):
        problem = client.send("post", CLOSE, {"keys": ["SAH-1"], **other}).json()["results"][0]["problem"]
        assert (problem["code"], "reopen" in problem["next_step"]) == ("conflict", True)
    kept = models.Issue.objects.get(key="SAH-1")
    assert {"resolution": kept.resolution, "outcome": kept.outcome} == said


def test_what_was_left_out_at_closing_may_be_told_later(client, three):
    client.send("post", CLOSE, {"keys": ["SAH-1"]})
    closed_at = models.Issue.objects.get(key="SAH-1").closed_at
    client.send("post", CLOSE, {"keys": ["SAH-1"], "resolution": "Rolled back", "outcome": {"answer": "right"}})
    told = models.Issue.objects.get(key="SAH-1")
    assert (told.resolution, told.outcome, told.closed_at) == ("Rolled back", {"answer": "right"}, closed_at)


def test_seeing_tells_a_foreign_issue_from_none_by_nothing(client, three, other_team):
    models.Issue.objects.filter(key="SAH-3").update(key="OPS-1", team=other_team)
    foreign, none = (client.send("post", SEEN, {"keys": ["SAH-1", key]}) for key in ("OPS-1", "OPS-2"))
    assert (foreign.status_code, none.status_code) == (404, 404)
    assert foreign.json()["detail"].replace("OPS-1", "OPS-2") == none.json()["detail"]
    assert set(foreign.json()) == set(none.json())
    assert foreign.json()["next_step"] == none.json()["next_step"]


def test_who_only_reads_closes_nothing(viewer, three):
    told = TestClient().sign_in(viewer).send("post", CLOSE, {"keys": three}).json()["results"]
    assert [each["problem"]["code"] for each in told] == ["not_permitted"] * 3
    assert not models.Issue.objects.filter(status="closed").exists()


def test_a_view_is_saved_changed_and_forgotten(client):
    saved = client.send("post", VIEWS, {"name": "Waiting", "query": "?run_status=waiting&page=3&q=&team=SAH"})
    assert saved.status_code == 201
    assert saved.json()["query"] == "run_status=waiting&team=SAH"
    again = client.send("post", VIEWS, {"name": "Waiting", "query": "team=SAH&run_status=waiting"})
    assert (again.status_code, again.json()["id"]) == (200, saved.json()["id"])
    path = f"{VIEWS}{saved.json()['id']}/"
    assert client.send("patch", path, {"name": "For me"}).json()["query"] == "run_status=waiting&team=SAH"
    assert client.send("patch", path, {"query": "unread=on"}).json()["query"] == "unread=true"
    assert [view["name"] for view in client.get(VIEWS).json()["results"]] == ["For me"]
    assert client.send("delete", path).status_code == 204
    assert client.send("delete", path).status_code == 404


def test_a_name_is_one_view(client):
    client.send("post", VIEWS, {"name": "Mine", "query": "reporter=me"})
    other = client.send("post", VIEWS, {"name": "Open", "query": "status=open"}).json()
    assert client.send("post", VIEWS, {"name": "Mine", "query": "unread=true"}).status_code == 409
    assert client.send("patch", f"{VIEWS}{other['id']}/", {"name": "Mine"}).status_code == 409


def test_views_have_a_limit(client, responder):
    for number in range(reading.MAX_VIEWS):
        reading.add_view(responder.pk, f"View {number}", "")
    answer = client.send("post", VIEWS, {"name": "One more"})
    assert (answer.status_code, answer.json()["field"]) == (400, "name")


def test_a_view_that_the_list_could_not_show_is_refused(client):
    assert client.send("post", VIEWS, {"name": "Odd", "query": "verdict=sure"}).status_code == 400
    assert client.send("post", VIEWS, {"name": " ", "query": ""}).status_code == 400


def test_views_are_one_persons_and_a_token_is_its_owners(client, anonymous, foreigner, responder):
    view = client.send("post", VIEWS, {"name": "Mine", "query": "reporter=me"}).json()
    assert foreigner.get(VIEWS).json()["results"] == []
    for method in ("patch", "delete"):
        assert foreigner.send(method, f"{VIEWS}{view['id']}/", {"name": "Theirs"}).status_code == 404
    _, key = services.create_api_token(responder, "ci", role=MemberRole.VIEWER, by="rita")
    assert anonymous.send("get", VIEWS, Authorization=f"Bearer {key}").json()["results"] == [view]

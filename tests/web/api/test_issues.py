"""Reporting and reading issues over REST."""

import base64
import uuid

import pytest

from sahur.accounts import services
from sahur.accounts.models import MemberRole
from sahur.issues import models
from sahur.issues.services import reports
from sahur_core.evaluation.case import Case
from sahur_core.issues import Source
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

ISSUES = "/api/issues/"
# A cursor of ours in form, of a moment that PostgreSQL has not.
OUT_OF_RANGE = "cursor=" + base64.b64encode(f"9999-12-31T23:59:59-23:59 {uuid.UUID(int=0)}".encode()).decode()
REPORT = {"title": "Checkout fails", "body": "KeyError: 'rate'"}


def test_report_makes_an_issue_and_a_run(client):
    answer = client.send("post", ISSUES, REPORT)
    assert answer.status_code == 201
    issue = answer.json()
    assert (issue["key"], issue["status"], issue["source"], issue["reporter"]) == ("SAH-1", "open", "web", "rita")
    assert [run["status"] for run in issue["runs"]] == ["queued"]
    assert issue["run"] == issue["runs"][0]
    assert issue["activity"][0]["kind"] == "issue.opened"
    assert client.get(f"{ISSUES}SAH-1/").json() == issue


def test_a_report_says_how_bad_it_is(client):
    assert client.send("post", ISSUES, REPORT | {"severity": "high"}).json()["severity"] == "high"
    assert client.get(f"{ISSUES}SAH-1/").json()["severity"] == "high"
    assert client.send("post", ISSUES, REPORT).json()["severity"] is None
    answer = client.send("post", ISSUES, REPORT | {"severity": "awful"})
    assert (answer.status_code, answer.json()["field"]) == (400, "severity")


def test_report_of_a_machine_says_so(anonymous, responder):
    _, key = services.create_api_token(responder, "ci", by="rita")
    answer = anonymous.send("post", ISSUES, REPORT, Authorization=f"Bearer {key}")
    assert answer.json()["source"] == "api"


def test_same_key_and_body_is_the_same_issue(client):
    first = client.send("post", ISSUES, REPORT, Idempotency_Key="k-1")
    again = client.send("post", ISSUES, REPORT, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["key"] == again.json()["key"]
    assert models.Run.objects.count() == 1


def test_same_key_with_another_body_is_a_conflict(client):
    client.send("post", ISSUES, REPORT, Idempotency_Key="k-1")
    answer = client.send("post", ISSUES, {**REPORT, "body": "something else"}, Idempotency_Key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert models.Issue.objects.count() == 1


def test_same_key_of_another_user_is_another_issue(client, admin):
    client.send("post", ISSUES, REPORT, Idempotency_Key="k-1")
    assert TestClient().sign_in(admin).send("post", ISSUES, REPORT, Idempotency_Key="k-1").status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "k\u00e4"])
def test_unusable_idempotency_key_is_refused(client, key):
    answer = client.send("post", ISSUES, REPORT, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "empty"),
        ({"title": "  ", "body": "\n"}, "empty"),
        ({"title": "x", "body": "a" * 200_001}, "limit"),
        ({"title": "x" * 301, "body": "y"}, "longer"),
        ({"title": "x", "body": "PK\x03\x04\x00\x00"}, "binary"),
        ({"title": "nul\x00", "body": "y"}, "binary"),
    ],
)
def test_unusable_report_is_refused_in_clear_words(client, body, word):
    answer = client.send("post", ISSUES, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_report")
    assert word in answer.json()["detail"]
    assert answer.json()["next_step"]
    assert not models.Issue.objects.exists()


def test_half_a_surrogate_pair_is_refused(client):
    answer = client.post(ISSUES, data=b'{"title": "x", "body": "\\ud800"}', content_type="application/json")
    assert (answer.status_code, answer.json()["field"]) == (400, "body")


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00binary", b"", b"[1]", b"{", b'{"title": NaN}', b"[" * 100_000])
def test_body_that_is_no_json_object_is_refused(client, raw):
    answer = client.post(ISSUES, data=raw, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["next_step"]


def test_enormous_body_is_refused_before_it_is_parsed(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
    answer = client.send("post", ISSUES, {"title": "x", "body": "y" * 1024 * 1024})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_other_media_types_are_refused(client):
    answer = client.post(ISSUES, data="title=x", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_local_path_is_not_a_repository_at_this_door(client, tmp_path):
    answer = client.send("post", ISSUES, {**REPORT, "repository": str(tmp_path)})
    assert (answer.status_code, answer.json()["code"]) == (400, "repository_refused")
    assert not models.Issue.objects.exists()


def test_unknown_name_of_a_repository_is_told_at_its_field(client):
    answer = client.send("post", ISSUES, {**REPORT, "repository": "nowhere"})
    assert (answer.status_code, answer.json()["field"]) == (400, "repository")
    assert not models.Issue.objects.exists()


def test_viewer_may_not_report(viewer):
    answer = TestClient().sign_in(viewer).send("post", ISSUES, REPORT)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_token_is_capped_below_its_owner(anonymous, admin):
    _, key = services.create_api_token(admin, "reader", role=MemberRole.VIEWER, by="adam")
    assert anonymous.send("get", ISSUES, Authorization=f"Bearer {key}").status_code == 200
    assert anonymous.send("post", ISSUES, REPORT, Authorization=f"Bearer {key}").status_code == 403


def test_foreign_team_does_not_exist(client, foreigner, issue):
    assert foreigner.get(f"{ISSUES}{issue.key}/").status_code == 404
    assert foreigner.send("post", ISSUES, {**REPORT, "team": "SAH"}).status_code == 404
    assert foreigner.get(ISSUES).json()["results"] == []


def test_pages_show_every_issue_once_though_new_ones_come(client):
    for number in range(5):
        client.send("post", ISSUES, {"title": f"Problem {number}", "body": "x"})
    first = client.get(f"{ISSUES}?limit=2").json()
    client.send("post", ISSUES, {"title": "Newer", "body": "x"})
    seen, cursor = [row["key"] for row in first["results"]], first["next"]
    while cursor:
        page = client.get(ISSUES, {"limit": 2, "cursor": cursor}).json()
        seen, cursor = seen + [row["key"] for row in page["results"]], page["next"]
    assert seen == ["SAH-5", "SAH-4", "SAH-3", "SAH-2", "SAH-1"]


def test_list_is_filtered(client):
    client.send("post", ISSUES, {"title": "Broken cart", "body": "x"})
    client.send("post", ISSUES, {"title": "Slow search", "body": "x"})
    client.send("patch", f"{ISSUES}SAH-1/", {"status": "closed", "resolution": "rolled back"})

    def keys(**query):
        return [row["key"] for row in client.get(ISSUES, query).json()["results"]]

    assert keys(status="open") == ["SAH-2"]
    assert keys(q="cart") == ["SAH-1"]
    assert keys(team="OTH") == []
    assert keys(team="", status="", q="", cursor="") == ["SAH-2", "SAH-1"]


@pytest.mark.parametrize(
    "query",
    ["cursor=!!", "cursor=YWJj", "status=gone", "limit=0", "limit=x", "q=%00", "cursor=%C3%A4", OUT_OF_RANGE],
)
def test_unusable_query_is_refused(client, query):
    answer = client.get(f"{ISSUES}?{query}")
    assert answer.status_code == 400
    assert answer.json()["field"] == query.split("=")[0]


def test_issue_is_closed_and_reopened(client, issue):
    answer = client.send("patch", f"{ISSUES}{issue.key}/", {"status": "closed", "resolution": "rolled back"})
    assert (answer.json()["status"], answer.json()["resolution"]) == ("closed", "rolled back")
    assert client.send("patch", f"{ISSUES}{issue.key}/", {"status": "open"}).json()["status"] == "open"
    assert client.send("patch", f"{ISSUES}{issue.key}/", {"status": "lost"}).json()["field"] == "status"


def test_same_client_id_starts_one_run(client, issue):
    first = client.send("post", f"{ISSUES}{issue.key}/runs/", {"client_id": "c-1"})
    again = client.send("post", f"{ISSUES}{issue.key}/runs/", {"client_id": "c-1"})
    assert first.status_code == 201
    assert first.json()["issue"] == issue.key
    assert first.json()["id"] == again.json()["id"]


def test_another_run_may_use_another_model(client, issue, settings):
    settings.MODEL_CHOICES = ["openai:gpt-5"]
    path = f"{ISSUES}{issue.key}/runs/"
    assert client.send("post", path, {"model": "openai:gpt-5"}).json()["wanted_model"] == "openai:gpt-5"
    refused = client.send("post", path, {"model": "gpt-6"})
    assert (refused.status_code, refused.json()["field"]) == (400, "model")
    assert "openai:gpt-5" in refused.json()["next_step"]


@pytest.mark.parametrize("report", [{"title": "\u202egnp.exe\u202c", "body": "x"}, {"body": "\u202egnp.exe\u202c\nmore"}])
def test_no_letter_of_a_title_is_hidden(client, report):
    assert client.send("post", ISSUES, report).json()["title"] == r"\u{202e}gnp.exe\u{202c}"


def test_how_it_ended_is_kept_and_shown_in_the_log(client):
    key = client.send("post", ISSUES, REPORT).json()["key"]
    outcome = {"answer": "wrong", "commit": "abcdef0", "files": ["shop/db.py"]}
    answer = client.send("patch", f"{ISSUES}{key}/", {"status": "closed", "resolution": "Rolled back", "outcome": outcome})
    assert answer.status_code == 200
    assert answer.json()["activity"][-1]["detail"] == {"resolution": "Rolled back", "outcome": outcome}
    client.send("patch", f"{ISSUES}{key}/", {"status": "closed", "resolution": "Rolled back"})
    assert models.Issue.objects.get(key=key).outcome == outcome, "closed again without one, it stays"
    client.send("patch", f"{ISSUES}{key}/", {"status": "open"})
    assert models.Issue.objects.get(key=key).outcome == {}


def test_an_outcome_that_contradicts_itself_is_refused(client):
    key = client.send("post", ISSUES, REPORT).json()["key"]
    change = {"status": "closed", "outcome": {"is_outside": True, "commit": "abcdef0"}}
    assert client.send("patch", f"{ISSUES}{key}/", change).status_code == 400


def test_an_issue_becomes_a_case_file_with_one_request(client):
    key = client.send("post", ISSUES, REPORT).json()["key"]
    client.send("patch", f"{ISSUES}{key}/", {"status": "closed", "outcome": {"is_outside": True}})
    answer = client.send("post", f"{ISSUES}{key}/case/")
    assert answer["Content-Disposition"] == f'attachment; filename="{key.lower()}.json"'
    case = Case.model_validate(answer.json())
    assert (case.title, case.label.outcome, case.source) == (REPORT["title"], "outside", key)


def test_an_issue_tells_which_it_has_joined_and_the_other_who_has(client, issue):
    new = reports.NewIssue(title="Payment fails", body="", source=Source.SLACK, reporter_name="Olga")
    joining = reports.open_issue(issue.team, new)
    models.Issue.objects.filter(id=joining.id).update(joined=issue)
    for channel in ("C0SECRET", "D0DIRECT"):
        models.SlackThread.objects.create(issue=issue, workspace_id="T", channel_id=channel, root_ts="1.1", joined_from=joining)
    assert client.get(f"/api/issues/{joining.key}/").json()["joined"] == issue.key
    listed = {each["key"]: each["joined"] for each in client.get("/api/issues/").json()["results"]}
    assert listed == {joining.key: issue.key, issue.key: None}
    told = client.get(f"/api/issues/{issue.key}/").json()["joined_by"]
    assert [each["where"] for each in told] == ["a private channel", "a direct message"]
    assert {(each["key"], each["reporter"]) for each in told} == {(joining.key, "Olga")}

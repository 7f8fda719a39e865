"""What other agents may do with issues: read those of their team, and write what was granted, once.

The answers are held against the models by which the gateway reads them.
"""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as current
from django.db import connection
from django.utils import timezone

from sahur.accounts import services
from sahur.accounts.actor import actor_for
from sahur.accounts.models import AuditEntry, MemberRole, Membership
from sahur.api.throttles import AgentThrottle
from sahur.batch import actions
from sahur.issues import models
from sahur.issues.services import reports, runs
from sahur_core.issues import RunStatus, Source
from sahur_core.tools.policy import arguments_hash
from sahur_mcp.servers import issue_schemas
from tests.web.api.conftest import TestClient
from tests.web.conftest import make_user

pytestmark = pytest.mark.django_db

CREATE, SAY = "issues__create_issue", "issues__add_message"
NEW = {"title": "Disk is full", "body": "No space left on device"}


class Gateway(TestClient):
    """Calls the internal endpoints with the gateway's token."""

    def call(self, path: str, body: Any = None) -> Any:
        method = "get" if body is None else "post"
        return self.send(method, f"/internal/{path}", body, Authorization=f"Bearer {current.INTERNAL_TOKEN}")

    def grant(self, tool: str, arguments: dict[str, Any], **bearer: Any) -> dict[str, Any]:
        asked = {"tool": tool, "arguments": arguments, "arguments_hash": arguments_hash(arguments), **bearer}
        return dict(self.call("grants/", asked).json())

    def do(self, path: str, grant: dict[str, Any], arguments: dict[str, Any]) -> Any:
        return self.call(path, {"effect_key": grant["effect_key"], "arguments": arguments})


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def report(team: Any, title: str, body: str = "It broke.", resolution: str = "") -> models.Issue:
    new = reports.NewIssue(title=title, body=body, source=Source.WEB, reporter_name="Rita")
    issue = reports.open_issue(team, new)
    models.Issue.objects.filter(pk=issue.pk).update(resolution=resolution)
    return issue


def solve(issue: models.Issue, root_cause: str) -> models.Run:
    run = runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")
    for number in (1, 2):
        models.Evidence.objects.create(
            run=run, number=number, statement=f"Fact {number}", receipt_id=uuid.uuid4(), tool="code__read"
        )
    body = {
        "verdict": "likely",
        "summary": "Rates are missing.",
        "root_cause": root_cause,
        "claims": [{"statement": "The key is not there.", "evidence": [2]}],
        "next_step": "Add it.",
    }
    models.Solution.objects.create(run=run, verdict="likely", summary=body["summary"], body=body)
    return run


def keys(gateway: Gateway, query: str) -> list[str]:
    return [each["key"] for each in gateway.call(f"issues/?{query}").json()["issues"]]


def bearer(user: Any, team: Any, role: MemberRole = MemberRole.RESPONDER, tools: tuple[str, ...] = ("*",)) -> dict[str, Any]:
    token, _ = services.create_api_token(user, "agent", role=role, tools=tools, by="x")
    return {"token": str(token.pk), "team": team.pk}


def approved(run: models.Run, tool: str, arguments: dict[str, Any], user: Any) -> dict[str, Any]:
    """What a run's attempt asks a grant with, after a person's approval."""
    models.RunLease.objects.filter(run=run).update(attempt=2, lease_until=timezone.now() + timedelta(seconds=30))
    models.InputRequest.objects.create(
        run=run, kind="approval", prompt="?", tool=tool, arguments=arguments, arguments_hash=arguments_hash(arguments),
        decision="approve", answered_by="rita", answered_by_user=user, answered_at=timezone.now(),
    )  # fmt: skip
    return {"run": str(run.id), "attempt": 2}


def test_search_puts_all_words_before_some_and_tells_what_came_out(gateway, team):
    solved = report(team, "Checkout fails with KeyError", resolution="The rate was added.")
    solve(solved, "No rate for CHF.")
    some = report(team, "Checkout is slow")
    report(team, "Mail is late")
    answer = gateway.call(f"issues/?team={team.pk}&q=checkout+KeyError").json()
    assert len(issue_schemas.SearchResult.model_validate(answer).issues) == 2
    found = answer["issues"]
    assert [(each["key"], each["has_all"]) for each in found] == [(solved.key, True), (some.key, False)]
    assert (found[0]["resolution"], found[0]["verdict"], found[0]["root_cause"]) == (
        "The rate was added.",
        "likely",
        "No rate for CHF.",
    )


def test_search_without_words_gives_the_newest_and_may_ask_for_one_status(gateway, team):
    first, second = report(team, "One"), report(team, "Two")
    assert keys(gateway, f"team={team.pk}") == [second.key, first.key]
    assert keys(gateway, f"team={team.pk}&status=closed") == []
    assert keys(gateway, f"team={team.pk}&limit=1") == [second.key]
    assert gateway.call(f"issues/?team={team.pk}&status=odd").status_code == 400


@pytest.mark.parametrize("question", ["' | ! & (", '"', "-", "a or", "x" * 1000, "кафе 咖啡", "%00"])
def test_any_text_may_be_searched_for(gateway, team, question):
    report(team, "Checkout fails")
    assert gateway.call(f"issues/?team={team.pk}&q={question}").status_code in (200, 400)


def test_a_run_does_not_find_its_own_issue(gateway, team, run):
    twin = report(team, "Checkout fails")
    assert keys(gateway, f"team={team.pk}&q=checkout&run={run.id}") == [twin.key]
    assert keys(gateway, f"team={team.pk}&run={run.id}") == [twin.key]
    assert set(keys(gateway, f"team={team.pk}&q=checkout")) == {twin.key, run.issue.key}
    assert gateway.call(f"issues/{run.issue.key}/?team={team.pk}&run={run.id}").json()["is_own"] is True


def test_issues_and_runs_of_other_teams_are_not_there(gateway, team, other_team, run):
    report(other_team, "Checkout fails")
    assert keys(gateway, f"team={team.pk}&q=checkout") == [run.issue.key]
    assert gateway.call(f"issues/OTH-1/?team={team.pk}").status_code == 404
    assert gateway.call(f"issues/?team={other_team.pk}&run={run.id}").status_code == 404
    assert gateway.call("issues/?team=999999").status_code == 404
    assert gateway.call("issues/").status_code == 400


def test_an_issue_is_read_with_its_solution_and_what_that_rests_on(gateway, team):
    issue = report(team, "Checkout fails", resolution="Added.")
    solve(issue, "No rate.")
    solve(issue, "No rate for CHF.")
    found = gateway.call(f"issues/{issue.key.lower()}/?team={team.pk}").json()
    assert issue_schemas.ReadResult.model_validate(found).key == issue.key
    assert (found["resolution"], found["solution"]["root_cause"], found["solved_by_run"]) == ("Added.", "No rate for CHF.", 2)
    assert [fact["number"] for fact in found["evidence"]] == [2]
    assert [each["number"] for each in found["runs"]] == [2, 1]
    assert found["is_own"] is False


def test_a_long_report_is_read_in_parts(gateway, team):
    issue = report(team, "Long", body="a" * 20_000 + "b" * 50)
    first = gateway.call(f"issues/{issue.key}/?team={team.pk}").json()
    assert (set(first["body"]), first["next_offset"], first["body_chars"]) == ({"a"}, 20_000, 20_050)
    rest = gateway.call(f"issues/{issue.key}/?team={team.pk}&offset=20000").json()
    assert (rest["body"], rest["next_offset"]) == ("b" * 50, None)


def test_team_is_named(gateway, team):
    assert gateway.call(f"teams/?team={team.pk}").json() == {"id": team.pk, "key": "SAH", "name": "SAHUR"}
    assert gateway.call("teams/?team=999999").status_code == 404


def test_a_token_files_an_issue_whose_run_starts(gateway, team, responder):
    grant = gateway.grant(CREATE, NEW, **bearer(responder, team))
    made = gateway.do("issues/", grant, NEW)
    assert (made.status_code, made.json()["key"], made.json()["run"]) == (201, "SAH-1", 1)
    assert issue_schemas.CreateIssueResult.model_validate(made.json()).is_new
    issue = models.Issue.objects.get()
    assert (issue.title, issue.source, issue.reporter_name, issue.reporter_id) == ("Disk is full", "api", "rita", responder.pk)
    assert issue.runs.get().status == RunStatus.QUEUED
    assert AuditEntry.objects.filter(action="tool_call.granted", team=team).count() == 1


def test_the_same_granted_call_twice_makes_one_issue(gateway, team, responder):
    grant = gateway.grant(CREATE, NEW, **bearer(responder, team))
    first, second = gateway.do("issues/", grant, NEW), gateway.do("issues/", grant, NEW)
    assert (second.status_code, second.json()["key"], second.json()["is_new"]) == (200, first.json()["key"], False)
    assert models.Issue.objects.count() == 1


def test_a_client_may_name_its_call_so_that_a_repetition_is_known(gateway, team, responder):
    named, asked = NEW | {"idempotency_key": "a1"}, bearer(responder, team)
    made = [gateway.do("issues/", gateway.grant(CREATE, named, **asked), named).json()["key"] for _ in range(2)]
    assert made == ["SAH-1", "SAH-1"]
    other = named | {"title": "Other"}
    assert gateway.do("issues/", gateway.grant(CREATE, other, **asked), other).status_code == 409


@pytest.mark.parametrize(
    ("tool", "changes", "word"),
    [
        (CREATE, {"role": MemberRole.VIEWER}, "role responder"),
        (CREATE, {"tools": ("code__*",)}, "not for this tool"),
        ("github__create_issue", {}, "only a run"),
        ("issues__delete", {}, "only a run"),
    ],
)
def test_a_token_is_denied_what_its_owner_may_not_do(gateway, team, responder, tool, changes, word):
    grant = gateway.grant(tool, NEW, **bearer(responder, team, **changes))
    assert (grant["granted"], grant["effect_key"], word in grant["reason"]) == (False, "", True)
    assert not models.Effect.objects.exists()
    assert AuditEntry.objects.filter(action="tool_call.denied").count() == 1


def test_a_token_is_denied_in_other_teams_and_when_it_is_gone(gateway, team, other_team, responder, viewer):
    assert gateway.grant(CREATE, NEW, **bearer(responder, other_team))["granted"] is False
    assert gateway.grant(CREATE, NEW, **bearer(viewer, team, MemberRole.ADMIN))["granted"] is False
    asked = bearer(responder, team)
    grant = gateway.grant(CREATE, NEW, **asked)
    services.revoke_api_token(uuid.UUID(asked["token"]), by="x")
    assert gateway.grant(CREATE, NEW, **asked)["granted"] is False
    assert gateway.do("issues/", grant, NEW).status_code == 403
    assert not models.Issue.objects.exists()


def test_an_agent_that_goes_round_in_circles_is_stopped_alone(gateway, team, responder, monkeypatch):
    monkeypatch.setattr(AgentThrottle, "rate", "2/min", raising=False)
    one, other = bearer(responder, team), bearer(responder, team)
    assert [gateway.grant(CREATE, NEW, **one)["granted"] for _ in range(3)] == [True, True, False]
    assert "too much" in gateway.grant(CREATE, NEW, **one)["reason"]
    assert gateway.grant(CREATE, NEW, **other)["granted"] is True


def test_a_lowered_role_counts_for_what_was_granted_before(gateway, team, responder):
    grant = gateway.grant(CREATE, NEW, **bearer(responder, team))
    Membership.objects.filter(user=responder).update(role=MemberRole.VIEWER)
    assert gateway.do("issues/", grant, NEW).status_code == 403


@pytest.mark.parametrize("forged", [{"effect_key": "tool.call:" + str(uuid.UUID(int=1))}, {"arguments": {"title": "Other"}}, {}])
def test_without_a_grant_for_exactly_this_nothing_is_written(gateway, team, responder, forged):
    grant = gateway.grant(CREATE, NEW, **bearer(responder, team))
    path = "issues/" if forged else "messages/"
    answer = gateway.call(path, {"effect_key": grant["effect_key"], "arguments": NEW} | forged)
    assert (answer.status_code, models.Issue.objects.count()) == (403, 0)


def test_a_run_files_in_the_name_of_who_approved(gateway, run, responder):
    grant = gateway.grant(CREATE, NEW, **approved(run, CREATE, NEW, responder))
    made = gateway.do("issues/", grant, NEW).json()
    issue = models.Issue.objects.get(key=made["key"])
    assert (issue.reporter_name, issue.reporter_id) == (f"rita, through run {run.issue.key}/1", responder.pk)
    assert gateway.do("issues/", grant, NEW).json()["key"] == made["key"]


def test_an_unusable_report_is_refused_in_words(gateway, team, responder):
    empty = {"title": "", "body": " "}
    answer = gateway.do("issues/", gateway.grant(CREATE, empty, **bearer(responder, team)), empty)
    assert (answer.status_code, answer.json()["field"]) == (400, "body")


def test_a_message_goes_to_the_live_run(gateway, team, run, responder):
    said = {"issue": run.issue.key, "text": "It began at noon."}
    grant = gateway.grant(SAY, said, **bearer(responder, team))
    assert [gateway.do("messages/", grant, said).json()["run"] for _ in range(2)] == [1, 1]
    assert issue_schemas.AddMessageResult.model_validate(gateway.do("messages/", grant, said).json()).is_new is False
    message = models.Message.objects.get()
    assert (message.run_id, message.text, message.status, message.author_name) == (run.id, said["text"], "queued", "rita")


def test_a_message_to_an_ended_run_starts_another_one_once(gateway, team, run, responder):
    actions.stop_run(actor_for(responder), run.id)
    said = {"issue": run.issue.key.lower(), "text": "It happens again."}
    grant = gateway.grant(SAY, said, **bearer(responder, team))
    answers = [gateway.do("messages/", grant, said).json() for _ in range(2)]
    assert [(each["run"], each["status"], each["is_new"]) for each in answers] == [
        (2, "carried_over", True),
        (2, "carried_over", False),
    ]
    assert list(models.Message.objects.filter(run__number=2).values_list("text", flat=True)) == ["It happens again."]


def test_a_message_to_a_foreign_issue_and_to_the_runs_own_is_refused(gateway, team, other_team, run, responder):
    make_user("otto", other_team, MemberRole.RESPONDER)
    report(other_team, "Theirs")
    said = {"issue": "OTH-1", "text": "x"}
    assert gateway.do("messages/", gateway.grant(SAY, said, **bearer(responder, team)), said).status_code == 404
    own = {"issue": run.issue.key, "text": "x"}
    assert gateway.do("messages/", gateway.grant(SAY, own, **approved(run, SAY, own, responder)), own).status_code == 400
    assert not models.Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_that_file_at_once_one_is_new(team, responder):
    grant = Gateway().grant(CREATE, NEW, **bearer(responder, team))
    answers, start = [], threading.Barrier(4)

    def file() -> None:
        start.wait()
        answers.append(Gateway().do("issues/", grant, NEW).status_code)
        connection.close()

    threads = [threading.Thread(target=file) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(answers), models.Issue.objects.count()) == ([200, 200, 200, 201], 1)

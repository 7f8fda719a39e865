"""What the gateway may ask, and that nobody else may."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.conf import settings as current
from django.db import connection
from django.utils import timezone

from sahur.accounts import services
from sahur.accounts.models import AuditEntry, MemberRole
from sahur.issues import models
from sahur.issues.services import runs
from sahur_core.tools.policy import arguments_hash
from tests.web.api.conftest import TestClient

pytestmark = pytest.mark.django_db

ARGUMENTS = {"issue": 7, "body": "We found it."}
PATHS = ["receipts/", "grants/", "tokens/introspect/", "repositories/", "teams/", "issues/", "issues/SAH-1/", "messages/"]


class Gateway(TestClient):
    """Calls the internal endpoints with the gateway's token."""

    def call(self, path, body=None):
        return self.send(
            "get" if body is None else "post", f"/internal/{path}", body, Authorization=f"Bearer {current.INTERNAL_TOKEN}"
        )


@pytest.fixture
def gateway():
    return Gateway()


def receipt_of(run, /, **changes):
    return {
        "id": str(uuid.uuid4()),
        "team": run.issue.team_id,
        "run": str(run.id),
        "attempt": 1,
        "caller": f"run:{run.id}",
        "upstream": "code",
        "tool": "code__read",
        "arguments": {"path": "a.py"},
        "status": "ok",
        "result": "x = 1",
        "result_hash": "0" * 64,
        "result_bytes": 5,
        "redactions": 0,
        "is_cached": False,
        "duration_ms": 3,
        "trace_id": "",
        "called_at": timezone.now().isoformat(),
    } | changes


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic internal-token-only-for-tests"])
def test_strangers_are_refused(client, path, header):
    answer = client.send("post", f"/internal/{path}", {}, Authorization=header)
    assert answer.status_code == 401


def test_without_a_token_set_nobody_gets_in(anonymous, settings):
    settings.INTERNAL_TOKEN = ""
    assert anonymous.send("get", "/internal/repositories/", Authorization="Bearer ").status_code == 401


def test_api_tokens_are_not_the_gateway(anonymous, admin):
    _, key = services.create_api_token(admin, "x", by="adam")
    assert anonymous.send("get", "/internal/repositories/", Authorization=f"Bearer {key}").status_code == 401


def test_receipts_are_stored_once(gateway, run):
    batch = {"receipts": [receipt_of(run), receipt_of(run, run=None, attempt=None)]}
    assert gateway.call("receipts/", batch).status_code == 202
    assert models.Receipt.objects.count() == 2
    assert gateway.call("receipts/", batch).json() == {"stored": 0, "refused": []}
    assert models.Receipt.objects.count() == 2


def test_receipt_of_a_foreign_run_is_refused_alone(gateway, run, other_team):
    good, foreign, nowhere = receipt_of(run), receipt_of(run, team=other_team.pk), receipt_of(run, team=0)
    answer = gateway.call("receipts/", {"receipts": [foreign, good, nowhere, {"id": "x"}, 7]}).json()
    assert answer["stored"] == 1
    assert [each["id"] for each in answer["refused"]] == ["x", "", foreign["id"], nowhere["id"]]
    assert str(models.Receipt.objects.get().id) == good["id"]


def test_receipt_with_binary_result_is_kept(gateway, run):
    batch = {"receipts": [receipt_of(run, result="a\x00b", arguments={"k\x00": ["\ud800"]})]}
    assert gateway.call("receipts/", batch).json()["stored"] == 1
    kept = models.Receipt.objects.get()
    assert (kept.result, kept.arguments) == ("a\ufffdb", {"k\ufffd": ["\ufffd"]})


def test_batch_may_be_larger_than_a_report(gateway, run):
    assert gateway.call("receipts/", {"receipts": [receipt_of(run, result="x" * 5_000_000)]}).json()["stored"] == 1


@pytest.mark.parametrize("body", [{}, {"receipts": 1}, {"receipts": {}}])
def test_body_without_a_list_is_refused(gateway, body):
    assert gateway.call("receipts/", body).status_code == 400


def own(run, attempt=2):
    """Let an attempt own the run."""
    models.RunLease.objects.filter(run=run).update(attempt=attempt, lease_until=timezone.now() + timedelta(seconds=30))


def approve(run, arguments=ARGUMENTS, decision="approve", tool="github__comment"):
    return models.InputRequest.objects.create(
        run=run,
        kind="approval",
        prompt="Comment?",
        tool=tool,
        arguments=arguments,
        arguments_hash=arguments_hash(arguments),
        decision=decision,
        answered_by="rita" if decision else "",
        answered_at=timezone.now() if decision else None,
    )


def question(run, /, **changes):
    return {
        "run": str(run.id),
        "attempt": 2,
        "tool": "github__comment",
        "arguments": ARGUMENTS,
        "arguments_hash": arguments_hash(ARGUMENTS),
    } | changes


def test_approved_call_is_granted_once(gateway, run):
    own(run)
    approval = approve(run)
    answer = gateway.call("grants/", question(run)).json()
    assert answer == {"granted": True, "reason": "Approved by rita.", "effect_key": f"tool.call:{approval.id}"}
    effect = models.Effect.objects.get()
    assert (effect.key, effect.state, effect.run_id) == (answer["effect_key"], "done", run.id)
    again = gateway.call("grants/", question(run)).json()
    assert again["granted"] is False
    assert "already used" in again["reason"]
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == ["tool_call.granted", "tool_call.denied"]


def test_call_of_a_lost_attempt_is_not_made_again_but_told_as_unknown(gateway, run):
    own(run)
    approve(run)
    assert gateway.call("grants/", question(run)).json()["granted"] is True
    own(run, attempt=3)
    again = gateway.call("grants/", question(run, attempt=3)).json()
    assert (again["granted"], "Nobody knows whether the call took effect" in again["reason"]) == (False, True)


def test_an_approval_of_the_run_that_a_fork_goes_on_from_is_not_good_for_another_call(gateway, run):
    earlier = approve(run)
    fork = runs.create_run(run.issue, asked_by="rita", user_id=None, trace_id="")
    models.Run.objects.filter(id=fork.id).update(forked_from=run)
    own(fork)
    earlier.pk, earlier.run = uuid.uuid4(), fork
    earlier.save(force_insert=True)
    assert gateway.call("grants/", question(fork)).json()["granted"] is False
    approve(fork)
    assert gateway.call("grants/", question(fork)).json()["granted"] is True


def test_second_approval_allows_a_second_call(gateway, run):
    own(run)
    approve(run)
    approve(run, decision="edit")
    assert [gateway.call("grants/", question(run)).json()["granted"] for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"attempt": 1}, "own"),
        ({"attempt": None}, "Only a run"),
        ({"run": ""}, "Only a run"),
        ({"run": str(uuid.UUID(int=1))}, "no such run"),
        ({"tool": "github__close"}, "approved"),
        ({"arguments": {"body": "other"}, "arguments_hash": arguments_hash({"body": "other"})}, "approved"),
        ({"arguments": {"body": "other"}}, "hash"),
    ],
)
def test_any_other_call_is_denied(gateway, run, changes, word):
    own(run)
    approve(run)
    answer = gateway.call("grants/", question(run, **changes))
    assert answer.status_code == 200
    assert (answer.json()["granted"], answer.json()["effect_key"]) == (False, "")
    assert word in answer.json()["reason"]
    assert not models.Effect.objects.exists()


@pytest.mark.parametrize("decision", ["", "reject"])
def test_call_that_nobody_approved_is_denied(gateway, run, decision):
    own(run)
    approve(run, decision=decision)
    assert gateway.call("grants/", question(run)).json()["granted"] is False


def test_attempt_without_lease_and_stopped_run_are_denied(gateway, run):
    approve(run)
    models.RunLease.objects.filter(run=run).update(attempt=2, lease_until=None)
    assert gateway.call("grants/", question(run)).json()["granted"] is False
    own(run)
    models.RunLease.objects.filter(run=run).update(stop_requested_by="rita")
    assert "stopped by rita" in gateway.call("grants/", question(run)).json()["reason"]


@pytest.mark.parametrize("changes", [{"run": "x"}, {"attempt": -1}, {"arguments": []}, {"arguments_hash": "short"}, {"tool": ""}])
def test_malformed_question_is_refused(gateway, run, changes):
    assert gateway.call("grants/", question(run, **changes)).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_many_that_ask_at_once_one_is_granted(run):
    own(run)
    approve(run)
    granted, start = [], threading.Barrier(4)

    def ask():
        start.wait()
        granted.append(Gateway().call("grants/", question(run)).json()["granted"])
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(granted) == [False, False, False, True]


def test_token_is_introspected_with_its_cap(gateway, admin, team):
    token, key = services.create_api_token(admin, "x", role=MemberRole.VIEWER, by="adam")
    answer = gateway.call("tokens/introspect/", {"token": key}).json()
    assert answer == {
        "active": True,
        "team_ids": [team.pk],
        "user": "adam",
        "role": "viewer",
        "team_keys": {"SAH": team.pk},
        "roles": {str(team.pk): "viewer"},
        "tools": ["*"],
        "token": str(token.pk),
    }
    services.revoke_api_token(token.pk, by="adam")
    assert gateway.call("tokens/introspect/", {"token": key}).json()["active"] is False


def test_the_teams_of_a_token_are_named_by_their_keys(gateway, admin, team, other_team):
    services.set_membership(admin, other_team, MemberRole.VIEWER, by="x")
    _, key = services.create_api_token(admin, "x", by="adam")
    answer = gateway.call("tokens/introspect/", {"token": key}).json()
    assert answer["team_keys"] == {"SAH": team.pk, "OTH": other_team.pk}
    assert (answer["roles"], answer["role"]) == ({str(team.pk): "responder", str(other_team.pk): "viewer"}, "viewer")


def test_introspection_takes_two_reads_and_a_write_a_minute(gateway, admin, django_assert_num_queries):
    _, key = services.create_api_token(admin, "x", by="adam")
    with django_assert_num_queries(3):
        gateway.call("tokens/introspect/", {"token": key})
    with django_assert_num_queries(2):
        assert gateway.call("tokens/introspect/", {"token": key}).json()["active"] is True


def test_repositories_are_named_by_id_and_by_team(gateway, team, other_team):
    mine = models.Repository.objects.create(team=team, name="shop", source="https://example.org/shop.git")
    models.Repository.objects.create(team=other_team, name="bank", source="https://example.org/bank.git")
    expected = {"id": str(mine.id), "team": team.pk, "name": "shop", "source": mine.source, "test_command": ""}
    assert gateway.call(f"repositories/?ids={mine.id},{uuid.uuid4()}").json() == {"repositories": [expected]}
    assert gateway.call(f"repositories/?teams={team.pk}").json() == {"repositories": [expected]}
    assert gateway.call("repositories/").json() == {"repositories": []}
    for query in ("ids=x", "teams=x", "teams=-1", "teams=" + "9" * 30):
        assert gateway.call(f"repositories/?{query}").status_code == 400

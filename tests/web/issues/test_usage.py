"""What is spent is counted once, with the events that tell it: by run, team, day and model, from many workers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from sahur.accounts.models import AuditEntry, MemberRole
from sahur.issues import events, models, spending
from sahur.issues.services import runs, usage
from sahur_core.errors import AttemptFenced
from sahur_core.events import ModelCallFinished, StepStarted, ToolCallFinished
from sahur_core.issues import Stage, ToolResultStatus, Usage
from tests.web.conftest import USUAL_BUDGET, make_user
from tests.web.issues.test_runs import claimed

pytestmark = pytest.mark.django_db


def model_call(model="gpt-4o", cost=0.01, tokens=100):
    spent = Usage(
        model=model, model_calls=1, input_tokens=tokens, output_tokens=20, cached_input_tokens=tokens // 2, cost_usd=cost
    )
    return events.NewEvent(ModelCallFinished(step_id="step-1", role="deep", duration_ms=5, usage=spent))


def tool_call():
    payload = ToolCallFinished(
        step_id="step-1", tool_call_id="call_1", tool="code__read", status=ToolResultStatus.OK, excerpt="x"
    )
    return events.NewEvent(payload)


def test_a_run_and_its_teams_day_count_the_same(run):
    got = claimed(run)
    assert usage.append(run, [model_call(), tool_call()], attempt=got.attempt, seconds=2.5)
    assert usage.append(run, [model_call(tokens=300)], attempt=got.attempt, seconds=1.5)
    mine, team = spending.spent_by_run(run.id), spending.spent_by_team(run.issue.team_id)
    assert mine == team
    assert (mine.tokens, mine.tool_calls, mine.model_calls, mine.seconds) == (440, 1, 2, 4.0)
    assert mine.cost_usd == pytest.approx(0.02)


def test_events_that_cost_nothing_are_stored_and_not_counted(run):
    got = claimed(run)
    assert not usage.append(
        run, [events.NewEvent(StepStarted(step_id="s", position=1, title="t"))], attempt=got.attempt, seconds=9
    )
    assert spending.spent_by_run(run.id).seconds == 0


def test_a_lost_attempt_counts_nothing(run):
    lost = claimed(run)
    runs.requeue(lost, Stage.GATHER_CONTEXT)
    with pytest.raises(AttemptFenced):
        usage.append(run, [model_call()], attempt=lost.attempt, seconds=1)
    assert not models.TeamUsage.objects.exists()
    assert not models.RunUsage.objects.exists()


def test_an_unknown_price_stays_unknown_and_is_said(run):
    got = claimed(run)
    usage.append(run, [model_call(cost=0.5), model_call("own-model", cost=None)], attempt=got.attempt, seconds=1)
    told = spending.of_run(run.id)
    assert (told["cost_usd"], told["known_cost_usd"], told["unpriced_calls"]) == (None, 0.5, 1)
    rows = {row.model: row for row in models.TeamUsage.objects.all()}
    assert (rows["own-model"].unpriced_calls, rows["gpt-4o"].unpriced_calls) == (1, 0)


def test_what_is_reckoned_for_the_offline_model_are_no_tokens_of_the_day(run):
    got = claimed(run)
    usage.append(run, [model_call("offline", cost=0.0, tokens=5000), model_call(tokens=80)], attempt=got.attempt, seconds=1)
    assert spending.spent_by_team(run.issue.team_id).tokens == 100


def test_the_end_of_a_run_keeps_what_it_spent(run):
    got = claimed(run)
    usage.append(run, [model_call(), tool_call()], attempt=got.attempt, seconds=3)
    runs.request_stop(run.id, "Rita")
    runs.cancel(got)
    run.refresh_from_db()
    assert (run.usage["model"], run.usage["model_calls"], run.usage["tool_calls"], run.usage["seconds"]) == ("gpt-4o", 1, 1, 3.0)


@pytest.mark.django_db(transaction=True)
def test_many_workers_of_one_team_lose_no_count(issue):
    claims = [claimed(runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")) for _ in range(4)]

    def work(claim):
        try:
            for _ in range(15):
                usage.append(claim.run, [model_call("b"), model_call("a"), tool_call()], attempt=claim.attempt, seconds=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, claims))
    total = spending.spent_by_team(issue.team_id)
    assert (total.model_calls, total.tool_calls, total.seconds) == (120, 60, 60.0)
    assert models.TeamUsage.objects.count() == 3


class TestDoors:
    @pytest.fixture
    def sign_in(self, client, team):
        def as_role(role):
            client.force_login(make_user(role, team, MemberRole(role)), backend="django.contrib.auth.backends.ModelBackend")
            return client

        return as_role

    def test_without_limits_of_its_own_a_team_has_those_of_the_settings(self, sign_in, team, settings):
        settings.BUDGET_RUN_COST_USD, settings.BUDGET_DAY_TOKENS = 0.3, 0
        told = sign_in("viewer").get(f"/api/teams/{team.pk}/budget/").json()
        assert (told["run_cost_usd"], told["run"]["cost_usd"], told["day"]["tokens"], told["ask_at"]) == (None, 0.3, None, 0.8)

    def test_an_admin_sets_them_and_it_is_audited(self, sign_in, team):
        body = {**USUAL_BUDGET, "run_cost_usd": 1.5, "day_cost_usd": 0, "asks": False}
        answer = sign_in("admin").put(f"/api/teams/{team.pk}/budget/", body, content_type="application/json")
        assert (answer.status_code, answer.json()["run"]["cost_usd"], answer.json()["day"]["cost_usd"]) == (200, 1.5, None)
        limits = spending.limits_of(team.pk)
        assert (limits.run.cost_usd, limits.day.cost_usd, limits.run.asks) == (1.5, None, False)
        entry = AuditEntry.objects.get(action="team_budget.changed")
        assert (entry.actor, entry.target, entry.detail["run_cost_usd"]) == ("admin", "SAH", 1.5)

    def test_a_budget_that_was_changed_meanwhile_is_not_overwritten(self, sign_in, team):
        address, admin = f"/api/teams/{team.pk}/budget/", sign_in("admin")
        never = {**USUAL_BUDGET, "run_cost_usd": 1.0, "seen_at": "1970-01-01T00:00:00Z"}
        first = admin.put(address, never, content_type="application/json").json()
        assert first["changed"]["by"] == "admin"
        assert first["defaults"]["run"]["cost_usd"] == 5.0
        late = admin.put(address, never, content_type="application/json")
        assert (late.status_code, late.json()["code"]) == (409, "conflict")
        seen = {**USUAL_BUDGET, "run_cost_usd": 2.0, "seen_at": first["changed"]["at"]}
        assert admin.put(address, seen, content_type="application/json").json()["run_cost_usd"] == 2.0

    def test_a_budget_set_in_the_admin_is_audited_too(self, admin_client, team):
        page = "/admin/issues/teambudget/add/"
        answer = admin_client.post(page, {"team": team.pk, "run_cost_usd": "2.5", "ask_at": "0.8", "asks": "on"})
        assert (answer.status_code, spending.limits_of(team.pk).run.cost_usd) == (302, 2.5)
        assert AuditEntry.objects.get(action="team_budget.changed").detail == {"run_cost_usd": 2.5}

    @pytest.mark.parametrize("body", [{"run_cost_usd": -1}, {"ask_at": 0}, {"ask_at": 2}, {"day_tokens": "many"}])
    def test_limits_that_are_none_are_refused(self, sign_in, team, body):
        sent = {**USUAL_BUDGET, **body}
        answer = sign_in("admin").put(f"/api/teams/{team.pk}/budget/", sent, content_type="application/json")
        assert (answer.status_code, answer.json()["field"]) == (400, next(iter(body)))
        assert not models.TeamBudget.objects.exists()

    @pytest.mark.parametrize("left_out", ["run_tokens", "asks"])
    def test_half_a_budget_clears_nothing(self, sign_in, team, left_out):
        models.TeamBudget.objects.create(team=team, run_tokens=5)
        sent = {name: value for name, value in USUAL_BUDGET.items() if name != left_out}
        answer = sign_in("admin").put(f"/api/teams/{team.pk}/budget/", sent, content_type="application/json")
        assert (answer.status_code, answer.json()["field"]) == (400, left_out)
        assert models.TeamBudget.objects.get().run_tokens == 5

    def test_usage_is_listed_by_day_and_model(self, sign_in, run, team):
        usage.append(run, [model_call(), tool_call()], attempt=claimed(run).attempt, seconds=2)
        today = datetime.now(UTC).date()
        models.TeamUsage.objects.create(team=team, day=today - timedelta(days=40), model="gpt-4o", model_calls=7)
        viewer = sign_in("viewer")
        told = viewer.get(f"/api/teams/{team.pk}/usage/").json()
        assert [(row["day"], row["model"], row["model_calls"], row["tool_calls"]) for row in told["results"]] == [
            (str(today), "", 0, 1),
            (str(today), "gpt-4o", 1, 0),
        ]
        assert (told["total"]["tokens"], told["total"]["seconds"]) == (120, 2.0)
        since = today - timedelta(days=60)
        assert len(viewer.get(f"/api/teams/{team.pk}/usage/?from={since}").json()["results"]) == 3

    def test_a_span_of_days_that_is_none_is_refused(self, sign_in, team):
        answer = sign_in("viewer").get(f"/api/teams/{team.pk}/usage/?from=2026-02-01&to=2026-01-01")
        assert (answer.status_code, answer.json()["field"]) == (400, "from")

    def test_a_run_tells_what_it_has_spent_while_it_runs(self, sign_in, run):
        usage.append(run, [model_call()], attempt=claimed(run).attempt, seconds=2)
        told = sign_in("viewer").get(f"/api/runs/{run.id}/").json()["usage"]
        assert (told["cost_usd"], told["model_calls"], told["seconds"]) == (0.01, 1, 2.0)

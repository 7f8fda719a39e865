"""Receipts as people find and read them: in pages, a part at a time, and only those of their own teams."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as current
from django.db import connection
from django.utils import timezone

from sahur.issues import models
from sahur.issues.services import runs

pytestmark = pytest.mark.django_db

START = timezone.now().replace(microsecond=0)


def receipt(team: Any, run: Any = None, seconds: int = 0, **more: Any) -> models.Receipt:
    """A stored receipt of a call that was made so many seconds after the start."""
    fields = {"caller": "user:rita", "upstream": "code", "tool": "code__read", "status": "ok", "is_read": True, "result": "x"}
    at = START + timedelta(seconds=seconds)
    return models.Receipt.objects.create(id=uuid.uuid4(), team=team, run=run, called_at=at, **fields | more)


def listed(client: Any, query: str = "") -> list[str]:
    answer = client.get(f"/api/receipts/?{query}")
    assert answer.status_code == 200, answer.content
    return [each["id"] for each in answer.json()["results"]]


def test_list_shows_what_was_called_without_the_result(client, team, run):
    kept = receipt(team, run, arguments={"path": "a.py"}, repeats=uuid.uuid4(), duration_ms=7, result="secret length")
    found = client.get("/api/receipts/").json()["results"]
    assert [each["id"] for each in found] == [str(kept.id)]
    told = found[0]
    assert (told["issue"], told["run"], told["arguments_start"]) == (run.issue.key, str(run.id), '{"path": "a.py"}')
    assert (told["run_number"], told["caller"]) == (1, "user:rita")
    assert (told["repeats"], told["duration_ms"], told["is_read"]) == (str(kept.repeats), 7, True)
    assert "result" not in told


def test_pages_go_from_new_to_old_without_gap_or_repetition(client, team):
    # Some at the same moment: their ids decide.
    made = [receipt(team, seconds=number // 3) for number in range(10)]
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/api/receipts/?limit=4&cursor={cursor}").json()
        seen += [each["id"] for each in page["results"]]
        receipt(team, seconds=1000)  # What comes meanwhile shifts nothing.
        cursor = page["next"]
    expected = sorted(made, key=lambda each: (each.called_at, each.id), reverse=True)
    assert seen == [str(each.id) for each in expected]


def test_each_filter_leaves_only_what_it_names(client, team, run):
    other_run = runs.create_run(run.issue, asked_by="Rita", user_id=None, trace_id="")
    first = receipt(team, run, caller=f"run:{run.id}")
    wanted = {
        f"run={other_run.id}": receipt(team, other_run, seconds=1),
        "upstream=github": receipt(team, seconds=2, upstream="github"),
        "tool=code__log": receipt(team, seconds=3, tool="code__log"),
        "status=denied": receipt(team, seconds=4, status="denied"),
        "caller=user:olga": receipt(team, seconds=5, caller="user:olga"),
        f"repeats={first.id}": receipt(team, seconds=6, repeats=first.id),
        f"since={(START + timedelta(seconds=9)).isoformat().replace('+', '%2B')}": receipt(team, seconds=9),
    }
    assert {query: listed(client, query) for query in wanted} == {query: [str(each.id)] for query, each in wanted.items()}
    assert listed(client, f"caller=run:{run.id}") == [str(first.id)]
    assert listed(client, "caller=run:nobody") == listed(client, "issue=SAH-999") == []
    by_issue = listed(client, f"issue={run.issue.key.lower()}")
    assert by_issue == [str(wanted[f"run={other_run.id}"].id), str(first.id)]


@pytest.mark.parametrize("query", ["run=x", "status=good", "since=yesterday", "limit=0", "limit=101", "cursor=x", "tool=%00"])
def test_unusable_filter_is_refused_by_name(client, query):
    answer = client.get(f"/api/receipts/?{query}")
    assert answer.status_code == 400
    assert answer.json()["field"] == query.partition("=")[0]


def test_foreign_receipts_do_not_exist(client, foreigner, team, other_team, run):
    own = receipt(team, run)
    receipt(other_team)
    assert listed(client) == [str(own.id)]
    assert listed(foreigner, f"run={run.id}") == []
    assert foreigner.get(f"/api/receipts/{own.id}/?limit=1").status_code == 404


def test_list_of_several_teams_is_one_list(client, responder, team, other_team):
    responder.memberships.create(team=other_team, role="viewer")
    made = [receipt(each, seconds=number) for number, each in enumerate([team, other_team, team, other_team])]
    assert listed(client) == [str(each.id) for each in reversed(made)]
    assert listed(client, "limit=2") == [str(made[3].id), str(made[2].id)]


def test_list_starts_at_an_index(client, team, django_assert_max_num_queries):
    for number in range(30):
        receipt(team, seconds=number)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(
            "explain select id from issues_receipt where team_id = %s order by called_at desc, id desc limit 5", [team.pk]
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "receipt_team_newest" in plan
    assert "Sort" not in plan
    with django_assert_max_num_queries(6):
        listed(client, "limit=30")


def test_a_receipt_tells_the_names_of_its_run_and_its_repository(client, team, other_team, run):
    own, foreign = (models.Repository.objects.create(team=each, name="orders", source="/orders") for each in (team, other_team))
    named = [
        client.get(f"/api/receipts/{receipt(team, run, arguments={'repository': value}).id}/").json()
        for value in (str(own.id), str(foreign.id), "no-id", 7)
    ]
    assert [each["repository"] for each in named] == ["orders", "", "", ""]
    assert (named[0]["issue"], named[0]["run_number"]) == (run.issue.key, 1)
    alone = client.get(f"/api/receipts/{receipt(team).id}/").json()
    assert (alone["issue"], alone["run_number"], alone["repository"]) == (None, None, "")


def test_large_result_comes_in_parts(client, team):
    kept = receipt(team, result="äöü" * 1000)
    parts, offset = [], 0
    while offset is not None:
        got = client.get(f"/api/receipts/{kept.id}/?offset={offset}&limit=1400").json()
        parts.append(got["result"])
        offset = got["next_offset"]
    assert ([len(part) for part in parts], got["total_chars"]) == ([1400, 1400, 200], 3000)
    assert "".join(parts) == kept.result
    whole = client.get(f"/api/receipts/{kept.id}/").json()
    assert (whole["result"], whole["next_offset"]) == (kept.result, None)


def test_part_behind_the_end_is_empty(client, team):
    got = client.get(f"/api/receipts/{receipt(team).id}/?offset=5&limit=5").json()
    assert (got["result"], got["next_offset"], got["total_chars"]) == ("", None, 1)


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "offset=99999999999"])
def test_unusable_part_is_refused(client, team, query):
    assert client.get(f"/api/receipts/{receipt(team).id}/?{query}").status_code == 400


def internal(client: Any, path: str) -> Any:
    return client.send("get", f"/internal/receipts/{path}", Authorization=f"Bearer {current.INTERNAL_TOKEN}")


def test_gateway_gets_results_of_the_named_team_and_run_only(anonymous, team, other_team, run):
    kept = receipt(team, run, result="whole")
    other_run = runs.create_run(run.issue, asked_by="Rita", user_id=None, trace_id="")
    expected = {"team": team.pk, "run": str(run.id), "tool": "code__read", "result": "whole"}
    assert internal(anonymous, f"{kept.id}/?team={team.pk}").json() == expected
    assert internal(anonymous, f"{kept.id}/?team={team.pk}&run={run.id}").json() == expected
    for query in (f"team={other_team.pk}", f"team={team.pk}&run={other_run.id}"):
        assert internal(anonymous, f"{kept.id}/?{query}").status_code == 404
    assert internal(anonymous, f"{uuid.uuid4()}/?team={team.pk}").status_code == 404
    for query in ("", "team=x", f"team={team.pk}&run=x", f"team={team.pk},{other_team.pk}"):
        assert internal(anonymous, f"{kept.id}/?{query}").status_code == 400

"""Fills an empty, migrated database by COPY, one table after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import psycopg
from django.db.models import Model

from sahur.accounts.models import Membership, Team, User
from sahur.issues import models
from tests.benchmarks.growth.world import TEAMS, RunFacts, World, as_copied, solution, usage, uuid_of

BLOCK = 4_000
"""Rows per write: Python's part of the work stays small beside PostgreSQL's."""
FEW = ("LAB", "TINY")
USERS = {"many": [key for key, _ in TEAMS], "one": ["BIG"], "few": list(FEW)}
"""Who asks, by the teams they are in: all of them, the biggest one, the two smallest."""


def fill(url: str, world: World) -> None:
    """`url` is the database of Django's default connection, whose teams and people are written through its models."""
    teams = [Team.objects.create(key=key, name=key.title()) for key, _ in TEAMS]
    for name, keys in USERS.items():
        user = User.objects.create_user(name)
        Membership.objects.bulk_create(Membership(user=user, team=team) for team in teams if team.key in keys)
    team_ids = [str(team.pk) for team in teams]
    with psycopg.connect(url, autocommit=True) as connection:
        dropped = _drop_indexes(connection)
    for model, columns, rows in _tables(world, team_ids):
        _copy(url, model, columns, rows)
    for number, team in enumerate(teams):
        Team.objects.filter(pk=team.pk).update(next_issue_number=world.team_of.count(number) + 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set maintenance_work_mem = '1GB'")
        for definition in dropped:
            connection.execute(definition)
        connection.execute("vacuum analyze")


def _drop_indexes(connection: psycopg.Connection[Any]) -> list[str]:
    """Drop those that are no constraint; their definitions. Built at the end they take a fraction of the time."""
    found = connection.execute("""
        select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename like 'issues\\_%'
        and not exists (select from pg_constraint where conname = indexname)
    """).fetchall()
    for name, _ in found:
        connection.execute(f'drop index "{name}"')
    return [definition for _, definition in found]


Table = tuple[type[Model], list[str], Iterable[str]]


def _tables(world: World, team_ids: list[str]) -> list[Table]:
    runs = world.every_run
    return [
        (models.Issue, ["id", "team_id", "number", "key", "title", "body", "status", "source", "reporter_name",
                        "created_at", "updated_at"], _issues(world, team_ids)),
        (models.Activity, ["id", "issue_id", "number", "kind", "actor", "at"], _activity(world)),
        (models.Run, ["id", "issue_id", "number", "status", "stage", "verdict", "created_at", "dispatched_at",
                      "started_at", "ended_at", "pruned_at", "compacted_at", "usage"], _runs(world)),
        (models.RunLease, ["run_id", "next_seq", "attempt", "lease_until"], _each(runs, _lease)),
        (models.Event, ["run_id", "at", "seq", "first_seq", "attempt", "kind", "key", "payload"], _events(world)),
        (models.Solution, ["id", "run_id", "verdict", "summary", "body"], _each(runs, _solution)),
        (models.Evidence, ["id", "run_id", "number", "statement", "receipt_id", "tool"], _each(runs, _evidence)),
        (models.Message, ["id", "run_id", "role", "status", "text", "created_at"], _each(runs, _messages)),
        (models.ToolCall, ["id", "run_id", "step_id", "tool", "status", "text", "created_at"], _each(runs, _tool_calls)),
        (models.Receipt, ["id", "team_id", "run_id", "caller", "upstream", "tool", "status", "result", "called_at"],
         _each(runs, lambda run: _receipts(run, team_ids))),
        (models.Effect, ["id", "key", "kind", "issue_id", "run_id", "state", "due_at"], _each(runs, _effects)),
    ]  # fmt: skip


def _copy(url: str, model: type[Model], columns: list[str], rows: Iterable[str]) -> None:
    """Columns that are not given have the default of their field."""
    meta = model._meta
    rest = [field for field in meta.concrete_fields if field.column not in columns and not field.generated]
    # A database's own default (`at`, identities) needs no value.
    rest = [field for field in rest if not field.has_db_default() and field.get_internal_type() != "BigAutoField"]
    constants = "".join("\t" + as_copied(_plain(field.get_default())) for field in rest)
    names = ", ".join(f'"{name}"' for name in [*columns, *(field.column for field in rest)])
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        # What is copied fits together: its foreign keys need not be looked up one by one.
        cursor.execute("set session_replication_role = replica")
        cursor.execute(f"truncate {meta.db_table} cascade")
        with cursor.copy(f"copy {meta.db_table} ({names}) from stdin with (freeze)") as copy:
            block: list[str] = []
            for row in rows:
                block.append(row + constants)
                if len(block) == BLOCK:
                    copy.write("\n".join(block) + "\n")
                    block.clear()
            if block:
                copy.write("\n".join(block) + "\n")


def _plain(value: Any) -> Any:
    return value() if callable(value) else value


def _line(*values: object) -> str:
    return "\t".join(map(as_copied, values))


def _each(runs: Callable[[], Iterator[RunFacts]], rows_of: Callable[[RunFacts], list[str]]) -> Iterator[str]:
    for run in runs():
        yield from rows_of(run)


def _issues(world: World, team_ids: list[str]) -> Iterator[str]:
    """Few old issues are open, many of the last ones."""
    recent = world.issues - max(500, world.issues // 500)
    for issue in world.every_issue():
        title, body = world.title_and_body(issue.index)
        is_open = issue.index % 3 > 0 if issue.index > recent else issue.index % 200 == 0
        key = f"{TEAMS[issue.team][0]}-{issue.number}"
        status = "open" if is_open else "closed"
        yield _line(issue.id, team_ids[issue.team], issue.number, key, title, body, status, "web", "Rita", issue.at, issue.at)


def _activity(world: World) -> Iterator[str]:
    for issue in world.every_issue():
        yield _line(uuid_of(3, issue.index), issue.id, 1, "issue.opened", "Rita", issue.at)


def _runs(world: World) -> Iterator[str]:
    spent = usage().model_dump(mode="json")
    for run in world.every_run():
        ended = run.at if run.status in ("succeeded", "failed") else None
        stage = "publish" if ended else "gather_context"
        verdict = "likely" if run.status == "succeeded" else ""
        yield _line(
            run.id, run.issue.id, run.number, run.status, stage, verdict, run.at, run.at, ended, ended, ended, ended, spent
        )  # fmt: skip


def _lease(run: RunFacts) -> list[str]:
    lease = "2100-01-01T00:00:00Z" if run.status == "running" else None
    return [_line(run.id, run.events + 1, 1, lease)]


def _events(world: World) -> Iterator[str]:
    for run in world.every_run():
        begin = f"{run.id}\t{run.at}\t"
        for row in world.rows_of(run):
            yield begin + row


_SOLUTION = solution()
_BODY = as_copied(_SOLUTION.model_dump(mode="json"))


def _solution(run: RunFacts) -> list[str]:
    if run.status != "succeeded":
        return []
    return [f"{uuid_of(4, run.index)}\t{run.id}\tlikely\t{_SOLUTION.summary}\t{_BODY}"]


def _evidence(run: RunFacts) -> list[str]:
    statement = "The key is read before it is written"
    return [
        _line(uuid_of(5 + number, run.index), run.id, number, statement, uuid_of(10 + number, run.index), "code__read")
        for number in (1, 2)
    ]


def _messages(run: RunFacts) -> list[str]:
    said = [_line(uuid_of(20, run.index), run.id, "assistant", "", "", run.at)]
    if run.index % 3 == 0:
        said.append(_line(uuid_of(21, run.index), run.id, "user", "taken_in", "It began after the release", run.at))
    return said


_RESULT = "40  return seats[row] " * 8


def _tool_calls(run: RunFacts) -> list[str]:
    return [f"{run.id}/c1\t{run.id}\ts1\tcode__read\tok\t{_RESULT}\t{run.at}"]


def _receipts(run: RunFacts, team_ids: list[str]) -> list[str]:
    team, own = team_ids[run.issue.team], uuid_of(11, run.index)
    return [f"{own}\t{team}\t{run.id}\trun:{run.id}\tcode\tcode__read\tok\t{_RESULT}\t{run.at}"]


def _effects(run: RunFacts) -> list[str]:
    """One run in three came from Slack; a few of its newest posts are still to be sent."""
    if run.index % 3:
        return []
    state = "pending" if run.status == "queued" else "done"
    return [_line(uuid_of(30, run.index), f"{run.id}:card", "slack.card", run.issue.id, run.id, state, run.at)]

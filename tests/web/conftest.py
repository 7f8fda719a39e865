"""People, teams and issues for the tests of the Django side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import TransactionTestCase
from langgraph.checkpoint.postgres import PostgresSaver

from sahur.accounts.actor import Actor, actor_for
from sahur.accounts.models import MemberRole, Membership, Team, User
from sahur.issues import models
from sahur.issues.services import reports, runs
from sahur_core.issues import Source


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Argon2 takes 100 MiB and, on a busy machine, a second for each password."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


EMPTIED = """
do $$ declare name text; is_full boolean;
begin
  set local session_replication_role = replica;
  foreach name in array string_to_array('{tables}', ',') loop
    execute format('lock table %I in access exclusive mode', name);
    execute format('select exists (select from %I)', name) into is_full;
    if is_full then execute format('delete from %I', name); end if;
  end loop;
end $$
"""


def empty_tables(_: TransactionTestCase) -> None:
    """Instead of Django's `flush`, which makes new files for all tables and writes all permissions again: ten times as long.

    Like it, this waits for what others still write. Triggers and foreign keys have no say.
    """
    kept = {"django_content_type", "auth_permission", "django_migrations"}
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - kept)
    with connection.cursor() as cursor:
        cursor.execute(EMPTIED.format(tables=",".join(tables)))


@pytest.fixture(scope="session", autouse=True)
def quick_cleaning(django_db_setup) -> Iterator[None]:
    """After each test with transactions of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(scope="session", autouse=True)
def checkpoint_tables(django_db_setup, django_db_blocker) -> None:
    """The tables of LangGraph, which no migration of Django makes: a run tells which of its stages can be branched from."""
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
    if name == "sahur":
        return  # None of the tests chosen needs the database, so that none was made, and this one belongs to all workers.
    url = django_settings.DATABASE_URL.replace("/sahur?", f"/{name}?")
    with psycopg.connect(url, autocommit=True) as own:
        PostgresSaver(own).setup()


@pytest.fixture
def team() -> Team:
    return Team.objects.create(key="SAH", name="SAHUR")


@pytest.fixture
def other_team() -> Team:
    return Team.objects.create(key="OTH", name="Other")


USUAL_BUDGET: dict[str, Any] = {
    **{f"{scope}_{of}": None for scope in ("run", "day") for of in ("tokens", "cost_usd", "tool_calls", "seconds")},
    "ask_at": 0.8,
    "asks": True,
}
"""What a team sends whose limits are those of the settings."""


def make_user(name: str, team: Team, role: MemberRole) -> User:
    user = User.objects.create_user(name, password="correct horse battery")
    Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.fixture
def responder(team: Team) -> User:
    return make_user("rita", team, MemberRole.RESPONDER)


@pytest.fixture
def stranger(other_team: Team) -> User:
    return make_user("olga", other_team, MemberRole.ADMIN)


@pytest.fixture
def actor(responder: User) -> Actor:
    return actor_for(responder)


@pytest.fixture
def issue(team: Team) -> models.Issue:
    new = reports.NewIssue(title="Checkout fails", body="KeyError: 'rate'", source=Source.WEB, reporter_name="Rita")
    return reports.open_issue(team, new)


@pytest.fixture
def run(issue: models.Issue) -> models.Run:
    return runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")

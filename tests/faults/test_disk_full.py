"""The disk of the database is full for a while: reports are refused with a clear word, runs wait, nothing is corrupted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.faults.checker import check_all, follow, start_many, wait_for_kind
from tests.faults.setting import Setting

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("faults"), pytest.mark.full]
# SQLSTATE 53100 is disk_full: https://www.postgresql.org/docs/18/errcodes-appendix.html
REFUSE = """
create or replace function no_space() returns trigger language plpgsql as $$
begin
    raise exception 'could not extend file: No space left on device' using errcode = '53100';
end $$;
create trigger no_space before insert or update on {table} for each statement execute function no_space();
"""


@contextmanager
def no_space_for(setting: Setting, table: str) -> Iterator[None]:
    with psycopg.connect(setting.system.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(REFUSE.format(table=table))
        try:
            yield
        finally:
            connection.execute(f"drop trigger no_space on {table}")


def test_reports_are_refused_clearly_and_runs_wait_while_events_have_no_space(setting: Setting) -> None:
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 3))
        wait_for_kind(client, next(iter(readers)), "step.started")
        with no_space_for(setting, "issues_event"):
            report = {"title": setting.bug.title, "body": setting.bug.body}
            refused = client.post("/api/issues/", json=report, headers={"Idempotency-Key": f"full-{time.monotonic_ns()}"})
            time.sleep(2)
        assert refused.status_code == 503
        assert refused.json()["code"] == "storage_full"
        assert "full" in refused.json()["detail"]
        assert refused.json()["next_step"]
        check_all(client, readers)


@pytest.mark.parametrize("table", ["issues_event", "checkpoints", "checkpoint_writes", "issues_message", "issues_toolcall"])
def test_runs_outlive_a_long_lack_of_space(setting: Setting, table: str) -> None:
    """Longer than an attempt bridges it: the run is given back, and no crash is counted."""
    with setting.client() as client:
        readers = follow(client, start_many(client, setting.bug, 3))
        wait_for_kind(client, next(iter(readers)), "step.started")
        with no_space_for(setting, table):
            time.sleep(30)
        check_all(client, readers)

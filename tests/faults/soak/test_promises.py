"""The judge of the soak finds what is broken: on a system without faults, whose rows and posts are then tampered with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.system import SignedInClient
from tests.faults.soak import logs
from tests.faults.soak.doors import CHANNEL, Doors, Refused, mention
from tests.faults.soak.ledger import Answered, Ledger
from tests.faults.soak.promises import check_everything
from tests.faults.soak.record import Record
from tests.faults.soak.surroundings import Surroundings, remove, surroundings
from tests.waiting import wait_for

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]


@dataclass
class Setting:
    world: Surroundings
    ledger: Ledger
    client: SignedInClient
    run: str

    def violations(self) -> list[str]:
        record = Record(seed=1)
        check_everything(self.world, self.ledger, record, self.client)
        return record.violations


@pytest.fixture(scope="module")
def setting() -> Iterator[Setting]:
    """One report in Slack with one message, investigated to its end."""
    with surroundings(1) as world, world.system.client() as client:
        ledger = Ledger()
        doors = Doors(client, random.Random(1), Record(seed=1))
        report, said = ledger.new_mark("r"), ledger.new_mark("m")
        bug = world.bugs[0]
        text = f"{bug.title}\nrepo: {bug.path}\n{bug.body} {report}"
        doors.deliver(mention(text, world.slack.say(CHANNEL, text)))
        ledger.reports[report] = "slack"
        run = world.query("select id::text from issues_run")[0][0]
        doors.post(f"/api/runs/{run}/messages/", {"text": f"See {said}", "client_id": said})
        ledger.messages[said] = run
        rest = "select 1 from issues_effect where state <> 'done' union all select 1 from issues_run where ended_at is null"
        wait_for(lambda: not world.query(rest), 120, "the end")
        yield Setting(world, ledger, client, run)
    remove(world.folder)


def test_a_healthy_system_keeps_all_promises(setting: Setting) -> None:
    assert setting.violations() == []


@pytest.mark.parametrize(
    ("book", "mark", "entry"),
    [
        pytest.param("reports", "soak-r-999999", "rest", id="report"),
        pytest.param("messages", "soak-m-999999", "some run", id="message"),
        pytest.param("answers", "00000000-0000-0000-0000-000000000000", Answered("approve", ""), id="answer"),
        pytest.param("follow_ups", "never-stored", "SAH-1", id="follow-up"),
    ],
)
def test_what_was_acknowledged_and_is_not_there_is_found(setting: Setting, book: str, mark: str, entry: object) -> None:
    getattr(setting.ledger, book)[mark] = entry
    setting.ledger.sent.add(mark)
    found = setting.violations()
    del getattr(setting.ledger, book)[mark]
    setting.ledger.sent.discard(mark)
    assert len(found) == 1
    assert mark in found[0]


def test_a_post_that_is_there_twice_or_not_at_all_is_found(setting: Setting) -> None:
    posts = setting.world.slack.channels[CHANNEL]
    answer = next(post for post in posts if "metadata" in post and post["metadata"]["event_payload"]["key"].endswith(":answer"))
    posts.append(dict(answer))
    twice = setting.violations()
    posts[:] = [post for post in posts if post.get("metadata") != answer["metadata"]]
    missing = setting.violations()
    posts.append(answer)
    assert any("2 posts with the key" in violation for violation in twice)
    assert any("is there 0 times" in violation for violation in missing)


@pytest.mark.parametrize(
    ("place", "where", "value", "told"),
    [
        pytest.param("issues_event.first_seq", "seq = 3", "2", "numbers", id="gap"),
        pytest.param("issues_event.attempt", "seq = 5", "9", "fencing", id="zombie"),
        pytest.param("issues_effect.state", "kind = 'slack.card'", "'failed'", "effect", id="effect"),
        pytest.param("issues_message.status", "status <> ''", "'queued'", "still waits", id="message"),
        pytest.param("issues_runlease.owner", "true", "'a zombie'", "still owned", id="lease"),
        pytest.param("issues_run.status", "true", "'waiting'", "is still waiting", id="silent"),
    ],
)
def test_rows_that_were_tampered_with_are_found(setting: Setting, place: str, where: str, value: str, told: str) -> None:
    table, column = place.split(".")
    of_run = f"{'id' if table == 'issues_run' else 'run_id'} = %s"
    before = setting.world.query(f"select {column} from {table} where {of_run} and {where} for update", setting.run)[0][0]
    rows = setting.world.query(f"update {table} set {column} = {value} where {of_run} and {where} returning ctid", setting.run)
    found = setting.violations()
    setting.world.query(f"update {table} set {column} = %s where ctid = %s returning 1", before, rows[0][0])
    assert len(rows) == 1
    assert any(told in violation for violation in found)
    assert setting.violations() == []


def test_tracebacks_are_counted_by_their_last_cause(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text(
        "Traceback (most recent call last):\n  File x\nOSError: away\n\nThe above exception was the direct cause of x\n\n"
        "Traceback (most recent call last):\n  File x\nredis.ConnectionError: lost\n2026-11-22 INFO on it goes\n"
    )
    assert dict(logs.tracebacks(tmp_path)) == {"web: redis.ConnectionError": 1}


def test_a_final_refusal_is_not_tried_again(setting: Setting) -> None:
    doors = Doors(setting.client, random.Random(1), Record(seed=1))
    with pytest.raises(Refused):
        doors.post("/api/issues/", {"title": "", "body": ""})

"""A report that was acknowledged is there, once, however often and around whatever death it was delivered."""

from __future__ import annotations

import threading
import time
from functools import partial
from uuid import uuid4

import httpx2
import pytest

from tests.faults.people.setting import Setting, at_once, thread_of
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.full, pytest.mark.xdist_group("people")]


def reported_and_answered_once(setting: Setting, body: str) -> None:
    thread = thread_of(body)
    wait_for(lambda: setting.runs_of_thread(thread), 30, "the run of the thread")
    wait_for(lambda: [status for _, status in setting.runs_of_thread(thread)] == ["succeeded"], 90, "its one run to succeed")
    setting.wait_for_effects()
    assert setting.keys(thread) == ["card", "answer"]
    assert len(setting.runs_of_thread(thread)) == 1


def test_an_event_delivered_five_times_at_once_is_reported_once(setting: Setting) -> None:
    body = setting.mention()
    assert at_once([partial(setting.deliver, body)] * 5) == [200] * 5
    reported_and_answered_once(setting, body)


@pytest.mark.full
@pytest.mark.parametrize("moment", [0.0, 0.005, 0.01, 0.02, 0.04, 0.08])
def test_retries_of_slack_around_a_death_of_web_report_once(setting: Setting, moment: float) -> None:
    """Killed so many seconds after the first delivery began: before, while or after the report was stored."""
    body = setting.mention(has_code=False)
    first = threading.Thread(target=setting.deliver, args=(body,))
    first.start()
    time.sleep(moment)
    setting.restart("web")
    first.join(30)
    setting.web_is_back()
    statuses = [setting.deliver(body, retry) for retry in (1, 2, 3)]
    assert statuses == [200] * 3
    reported_and_answered_once(setting, body)


def file(setting: Setting, client: httpx2.Client, key: str, title: str = "Twice?") -> tuple[int, str]:
    """The status, and the id of the first run; no status if nobody answered."""
    try:
        answer = client.post("/api/issues/", json={"title": title, "body": "It beeps"}, headers={"Idempotency-Key": key})
    except httpx2.HTTPError:
        return 0, ""
    return answer.status_code, answer.json().get("run", {}).get("id", "")


@pytest.mark.full
def test_one_idempotency_key_files_one_issue_also_at_once_and_after_a_restart(setting: Setting) -> None:
    key = uuid4().hex
    with setting.system.client() as client:
        answered = at_once([partial(file, setting, client, key)] * 5)
        setting.restart("web")
        setting.web_is_back()
        answered.append(file(setting, client, key))
        other = file(setting, client, key, "Something else")
        run = answered[0][1]
        setting.wait_for_status(client, run, "succeeded")
    assert sorted(status for status, _ in answered) == [200] * 5 + [201]
    assert {found for _, found in answered} == {run}
    assert other[0] == 409
    assert setting.system.query("select count(*) from issues_inbound where external_id like %s", f"%{key}%") == [(1,)]


@pytest.mark.full
@pytest.mark.parametrize("moment", [0.0, 0.005, 0.01, 0.02, 0.04])
def test_a_sender_that_heard_nothing_files_again_and_finds_its_issue(setting: Setting, moment: float) -> None:
    key = uuid4().hex
    with setting.system.client() as client:
        first = threading.Thread(target=file, args=(setting, client, key))
        first.start()
        time.sleep(moment)
        setting.restart("web")
        first.join(40)
        setting.web_is_back()
        again = [file(setting, client, key) for _ in range(2)]
    assert again[0][0] in (200, 201)
    assert again[1] == (200, again[0][1])
    assert setting.system.query("select count(*) from issues_inbound where external_id like %s", f"%{key}%") == [(1,)]

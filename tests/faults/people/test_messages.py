"""Nothing that is typed is lost: taken in once, or carried over once to the next run, at whatever moment it was sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.follow import RunSocket, wait_until_ended
from tests.faults.checker import check
from tests.faults.people.setting import Setting
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(900), pytest.mark.full, pytest.mark.xdist_group("people")]
ROUNDS = 20
END = "run.succeeded"


@pytest.fixture
def offline(setting: Setting) -> Iterator[Setting]:
    """Runs of a second, by the rules alone, with so few steps that talk cannot keep one from ending."""
    setting.restart("worker", SAHUR_MODEL="", SAHUR_MODEL_BASE_URL="", SAHUR_MAX_STEPS="12")
    yield setting
    setting.restart("worker")


def say(client: httpx2.Client, run: str, text: str) -> None:
    """Over REST, as a page does that may ask twice."""
    for _ in range(2):
        answer = client.post(f"/api/runs/{run}/messages/", json={"text": text, "client_id": text})
        assert answer.status_code == 202, answer.text


def say_over_socket(setting: Setting, client: httpx2.Client, run: str, text: str) -> None:
    with RunSocket(setting.system, client, run) as socket:
        client_id = socket.command("message.send", text=text)
        socket.read_until(lambda frame: frame.get("type") == "ack" and frame["client_id"] == client_id)


def fates(setting: Setting, client: httpx2.Client, run: str) -> dict[str, list[str]]:
    """What became of each text, as readers were told."""
    texts: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for payload in setting.payloads(client, run, "message.queued", "message.taken_in", "message.carried_over"):
        if payload["kind"] == "message.queued":
            texts[payload["message_id"]] = payload["text"]
            found.setdefault(payload["text"], [])
        else:
            found[texts[payload["message_id"]]].append(payload["kind"].removeprefix("message."))
    return found


def follow_up(client: httpx2.Client, run: str) -> str:
    """The next run of the same issue."""
    issue = client.get(f"/api/runs/{run}/").json()["issue"]
    started = client.post(f"/api/issues/{issue}/runs/", json={"client_id": uuid4().hex})
    assert started.status_code == 201, started.text
    next_run: str = started.json()["id"]
    return next_run


def duration(setting: Setting, client: httpx2.Client) -> float:
    """How long an undisturbed run takes from its report to its end, in seconds."""
    begun = time.monotonic()
    run, _ = setting.report(client)
    wait_until_ended(client, run)
    return time.monotonic() - begun


@pytest.mark.full
def test_a_message_at_any_moment_around_the_end_is_taken_in_or_carried_over(offline: Setting) -> None:
    """One over REST and one over a socket in each round: as a stage begins or the run has ended, and ever later after that."""
    with offline.system.client() as client:

        def speak(number: int) -> tuple[str, dict[str, list[str]]]:
            run, _ = offline.report(client)
            begun = f"select 1 from issues_event where run_id = %s and kind in ('stage.started', '{END}') offset %s"
            wait_for(lambda: offline.system.query(begun, run, 1 + number % 4), 120, "the moment to speak")
            time.sleep(0.04 * (number // 4))
            texts = [f"rest {uuid4().hex}", f"socket {uuid4().hex}"]
            say(client, run, texts[0])
            say_over_socket(offline, client, run, texts[1])
            check(client, run)
            found = fates(offline, client, run)
            assert sorted(found) == texts
            return run, found

        with ThreadPoolExecutor(2) as pool:
            became = list(pool.map(speak, range(ROUNDS)))
        late = {run: [text for text, fate in found.items() if fate == ["carried_over"]] for run, found in became}
        print(f"\n{2 * ROUNDS} said, {sum(map(len, late.values()))} carried over")
        for run, texts in [(run, texts) for run, texts in late.items() if texts][-3:]:
            following = follow_up(client, run)
            check(client, following)
            assert fates(offline, client, following) == {text: ["taken_in"] for text in texts}
    assert all(fate in (["taken_in"], ["carried_over"]) for _, found in became for fate in found.values()), became
    assert 0 < sum(map(len, late.values())) < 2 * ROUNDS, "some are said before the end, some after"


@pytest.mark.full
def test_somebody_who_never_stops_talking_is_heard_as_long_as_there_are_steps(offline: Setting) -> None:
    said: list[str] = []
    is_over = threading.Event()

    def talk(run: str, client: httpx2.Client) -> None:
        while not is_over.is_set():
            text = f"word {len(said)}"
            say(client, run, text)
            said.append(text)
            is_over.wait(0.05)

    with offline.system.client() as client, offline.system.client() as talker:
        run, _ = offline.report(client)
        thread = threading.Thread(target=talk, args=(run, talker))
        thread.start()
        wait_until_ended(client, run)
        is_over.set()
        thread.join(30)
        check(client, run)
        found = fates(offline, client, run)
        following = follow_up(client, run)
        check(client, following)
        heard = fates(offline, client, following)
    assert list(found) == said
    assert all(fate in (["taken_in"], ["carried_over"]) for fate in found.values()), found
    late = [text for text, fate in found.items() if fate == ["carried_over"]]
    assert len(late) < len(said)
    assert heard == {text: ["taken_in"] for text in late}
    print(f"\n{len(said)} said, {len(late)} carried over")


@pytest.mark.full
@pytest.mark.parametrize("moment", [0.2, 0.5, 0.8, 1.0])
def test_a_message_to_a_run_whose_worker_dies_is_taken_in_once(offline: Setting, moment: float) -> None:
    with offline.system.client() as client:
        lasts = duration(offline, client)
        run, _ = offline.report(client)
        time.sleep(lasts * moment)
        say(client, run, "Since the deploy")
        offline.restart("worker", SAHUR_MODEL="", SAHUR_MODEL_BASE_URL="")
        check(client, run)
        found = fates(offline, client, run)
    assert found in ({"Since the deploy": ["taken_in"]}, {"Since the deploy": ["carried_over"]})

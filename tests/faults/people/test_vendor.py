"""A model vendor that fails: the run goes on when it is well again, or ends with what to do. It is never silent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.follow import wait_until_ended
from tests.faults.people.setting import Setting
from tests.services import free_port
from tests.waiting import wait_for

pytestmark = [pytest.mark.timeout(240), pytest.mark.full, pytest.mark.xdist_group("people")]


def notices(setting: Setting, client: object, run: str) -> str:
    return "\n".join(notice["message"] for notice in setting.payloads(client, run, "notice.raised"))  # type: ignore[arg-type]


@pytest.mark.full
@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        pytest.param("limited", "rate limited", id="429 with Retry-After"),
        pytest.param("broken", "HTTP 500", id="500 three times"),
        pytest.param("cut", "Trying again", id="cut streams"),
        pytest.param("garbled", "Trying again", id="no JSON, then a page"),
    ],
)
def test_a_vendor_that_comes_to_itself_costs_only_time(setting: Setting, scenario: str, told: str) -> None:
    with setting.system.client() as client:
        run, mark = setting.report(client, scenario)
        ended = wait_until_ended(client, run)
        said = notices(setting, client, run)
    assert ended["status"] == "succeeded", ended["failure"]
    assert told in said
    if scenario == "limited":
        first, second = setting.vendor.asked_at[mark][:2]
        assert second - first >= 1.0, "the server asked for a second of patience"


@pytest.mark.full
@pytest.mark.parametrize("scenario", ["limited_forever", "broken_forever", "cut_forever", "garbled_forever"])
def test_a_vendor_that_stays_ill_fails_the_run_with_what_to_do(setting: Setting, scenario: str) -> None:
    with setting.system.client() as client:
        run, _ = setting.report(client, scenario)
        ended = wait_until_ended(client, run)
        said = notices(setting, client, run)
    assert (ended["status"], ended["failure"]["code"]) == ("failed", "model_unavailable")
    assert ended["failure"]["next_step"]
    assert said.count("Trying again") == 3


@pytest.fixture
def without_vendor(setting: Setting) -> Iterator[Setting]:
    """The worker believes that the vendor is where nobody listens."""
    setting.restart("worker", SAHUR_MODEL_BASE_URL=f"http://127.0.0.1:{free_port()}/v1")
    yield setting
    setting.restart("worker")


@pytest.mark.full
def test_a_vendor_that_is_not_there_fails_the_run_with_what_to_do(without_vendor: Setting) -> None:
    setting = without_vendor
    with setting.system.client() as client:
        run, _ = setting.report(client)
        ended = wait_until_ended(client, run)
        said = notices(setting, client, run)
    assert (ended["status"], ended["failure"]["code"]) == ("failed", "model_unavailable")
    assert "SAHUR_MODEL_BASE_URL" in ended["failure"]["next_step"]
    assert "cannot be reached" in said


@pytest.fixture
def hasty(setting: Setting) -> Iterator[Setting]:
    """The worker gives the vendor little time, and says soon that it waits."""
    setting.restart("worker", SAHUR_MODEL_TIMEOUT_SECONDS="4")
    yield setting
    setting.restart("worker")


@pytest.mark.full
def test_a_vendor_that_hangs_is_told_of_and_given_up(hasty: Setting) -> None:
    with hasty.system.client() as client:
        run, _ = hasty.report(client, "hangs")
        ended = wait_until_ended(client, run)
        said = notices(hasty, client, run)
    assert (ended["status"], ended["failure"]["code"]) == ("failed", "model_unavailable")
    assert said.count("has not begun to answer") == 4
    assert said.count("Trying again") == 3


@pytest.mark.full
def test_a_vendor_that_hung_once_is_asked_again(hasty: Setting) -> None:
    with hasty.system.client() as client:
        run, mark = hasty.report(client, "hangs_once")
        wait_for(lambda: len(hasty.vendor.asked_at[mark]) > 1, 60, "the model to be asked again")
        assert wait_until_ended(client, run)["status"] == "succeeded"

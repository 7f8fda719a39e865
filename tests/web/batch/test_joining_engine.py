"""A run that was asked whether it joins another one: neither its model nor runs that go on from it ever hear of that."""

from __future__ import annotations

import pytest

from sahur.batch import actions
from sahur.issues.services import runs
from sahur_core.issues import Decision, RunStatus
from tests.web.batch.investigating import Bench, detective
from tests.web.batch.test_joining import fresh, nothing_is_sent, offer_of, report, rita

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_pool", "nothing_is_sent")]
__all__ = ["nothing_is_sent", "rita"]


@pytest.fixture
def rejected(rita, team):
    """Runs by itself, as somebody has said, and has read what was said meanwhile."""
    report(rita, team, "1.1")
    run = report(rita, team, "2.1")
    actions.send_message(rita, run.id, "Only in Norway")
    actions.answer_input(rita, offer_of(run).id, Decision.REJECT)
    return fresh(run)


def test_it_comes_to_its_end_with_what_was_said_meanwhile(rejected):
    bench = Bench(detective)
    bench.drive(rejected)
    assert rejected.status == RunStatus.SUCCEEDED
    heard = "\n".join(bench.models.heard)
    assert "Only in Norway" in heard
    assert "being investigated already" not in heard


def test_who_goes_on_from_it_is_not_asked_again(rita, rejected):
    def script(told: str):
        if "Recorded as" not in told:
            return detective(told)
        runs.request_stop(rejected.id, "Rita")
        return "hang"

    Bench(script).drive(rejected)
    resumed = actions.resume_run(rita, rejected.id)
    Bench(detective).drive(resumed)
    assert resumed.status == RunStatus.SUCCEEDED
    assert not resumed.input_requests.exists()

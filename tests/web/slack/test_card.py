"""A card says where a run stands, what it does, and how to stop it, within Slack's limits and with what readers may see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sahur.issues import models
from sahur.slack.blocks.card import Shown, Undone, card, elsewhere
from sahur.slack.progress import Progress, Said, Step
from sahur_core.issues import Hypothesis, HypothesisStatus, Stage
from tests.web.slack.test_blocks import HOSTILE, check, texts

pytestmark = pytest.mark.django_db
BEGUN, ENDED = datetime(2026, 1, 1, 12, 0, tzinfo=UTC), datetime(2026, 1, 1, 12, 4, 10, tzinfo=UTC)


@pytest.fixture
def live(run) -> models.Run:
    run.status, run.stage, run.started_at = "running", "analyze", BEGUN
    return run


def steps(count: int, title: str = "Look into it", summary: str = "found it") -> list[Step]:
    done = [Step(title, Stage.ANALYZE, number, summary, is_finished=True, calls=2, failed_calls=1) for number in range(count - 1)]
    return [*done, Step(title, Stage.ANALYZE, count, call="code__search")]


def shown(**more: object) -> Shown:
    return Shown(**{"title": "Checkout fails", "progress": Progress({Stage.ANALYZE: steps(18)}), **more})


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("status", ["queued", "running", "waiting", "succeeded", "failed", "canceled"])
def test_whatever_a_card_says_slack_takes_it(live, text, status):
    live.status = status
    held = Hypothesis(id="a", statement=text, status=HypothesisStatus.WEAKENED, because=text)
    check(card(live, shown(title=text[:300], progress=Progress({Stage.ANALYZE: steps(90, text, text)}), hypothesis=held)))


def test_the_stages_show_their_newest_steps_and_how_many_others_there_are(live):
    block = next(block for block in card(live, shown()).blocks if block["type"] == "plan")
    assert [(task["task_id"], task["status"]) for task in block["tasks"]] == [
        ("gather_context", "complete"),
        ("analyze", "in_progress"),
        ("propose_solution", "pending"),
        ("publish", "pending"),
    ]
    lines = block["tasks"][1]["details"]["elements"][0]["elements"][0]["text"].split("\n")
    assert lines[0] == "✓ Look into it: found it (2 calls, 1 failed)"
    assert lines[-2:] == ["▸ Look into it: code__search", "and 12 more steps on the page"]
    assert block["block_id"] == f"plan:{live.id}"


def test_the_plain_form_says_the_same_in_words(live):
    post = card(live, shown())
    said = texts(post.__class__(text="", blocks=post.plain))
    for part in ("✓ Gather context", "▸ Analyze", "○ Draw conclusions", "code__search", "and 12 more steps on the page"):
        assert part in said


def test_elapsed_time_moves_without_edits_and_is_fixed_at_the_end(live):
    assert f"analyzing  ·  begun <!date^{int(BEGUN.timestamp())}^{{ago}}|2026-01-01 12:00 UTC>" in texts(card(live, shown()))
    live.status, live.ended_at = "succeeded", ENDED
    assert "Done; it took 4 min" in texts(card(live, shown()))


def test_the_stop_button_asks_again_and_is_gone_at_the_end(live):
    (button,) = [each for each in card(live, shown()).blocks[-1]["elements"] if each["action_id"] == "stop_run"]
    assert button["value"] == str(live.id)
    assert button["confirm"]["deny"]["text"] == "Keep it running"
    live.status = "canceled"
    assert "stop_run" not in str(card(live, shown()).blocks)


def test_what_people_said_is_counted(live):
    assert "2 messages taken in, 1 waiting." in texts(card(live, shown(said=Said(taken_in=2, waiting=1))))
    assert "1 message waiting, 3 kept for the next run." in texts(card(live, shown(said=Said(waiting=1, carried_over=3))))


def test_severity_and_page_stand_in_the_head(live, settings):
    settings.PUBLIC_URL = "https://sahur.example"
    live.issue.severity = "critical"
    head = card(live, shown()).blocks[0]["text"]["text"]
    assert head.startswith(f"*<https://sahur.example/issues/{live.issue.key}/?run=1|{live.issue.key}>*  Checkout fails")
    assert "Critical" in head


def test_a_hypothesis_is_never_told_as_a_finding_and_goes_with_the_answer(live):
    held = Hypothesis(id="a", statement="The deploy", status=HypothesisStatus.WEAKENED)
    assert "weakened* (not proven yet): The deploy" in texts(card(live, shown(hypothesis=held)))
    live.status = "succeeded"
    assert "The deploy" not in texts(card(live, shown(hypothesis=held)))


def test_a_run_that_joined_another_issue_says_so_and_can_be_taken_out(live, issue):
    live.status = "canceled"
    live.issue.joined = models.Issue(key="SAH-9")
    post = card(live, shown())
    assert "Joined <http://testserver/issues/SAH-9/|SAH-9>" in texts(post)
    assert post.blocks[-1]["elements"][0]["value"] == str(live.issue_id)
    check(post)
    check(elsewhere(live, models.Issue(key="SAH-9")))


def test_a_stopped_card_says_who_stopped_it_and_no_step_stands_open(live):
    live.status, live.ended_at = "canceled", ENDED
    post = card(live, shown(stopped_by="Rita <!here> via Slack"))
    assert "Stopped by Rita &lt;!here&gt; via Slack; it took 4 min" in texts(post)
    assert "▸" not in texts(post)
    assert "✗ Look into it: code__search (broken off)" in texts(post)
    check(post)


def test_of_what_joined_and_is_told_in_short_the_card_leads_to_where_all_of_it_is(live):
    live.status = "canceled"
    live.issue.joined = models.Issue(key="SAH-9")
    post = card(live, shown(is_short=True, told_at="https://app.slack.com/client/T/C/thread/C-1.1"))
    assert "<https://app.slack.com/client/T/C/thread/C-1.1|in its own thread>, and here how it ended" in texts(post)
    assert "on its page, and here" in texts(card(live, shown(is_short=True)))
    check(post)


@pytest.mark.parametrize(("goes_on", "words"), [(True, "as the card below tells"), (False, "mention me here")])
def test_a_card_whose_joining_was_undone_says_so_and_not_that_it_was_stopped(live, goes_on, words):
    live.status = "canceled"
    post = card(live, shown(stopped_by="Rita", undone=Undone("SAH-8", "Mia", goes_on=goes_on)))
    assert "Joining SAH-8 was undone by Mia" in texts(post)
    assert words in texts(post)
    assert "Stopped" not in texts(post)
    assert "Gather context" not in texts(post)
    check(post)

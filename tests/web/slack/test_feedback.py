"""Votes on answers in Slack, and what people say that the real cause was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from sahur.accounts.models import MemberRole, Membership, User
from sahur.batch import actions, feedback_actions
from sahur.issues import models
from sahur.issues.services import notices, runs, slack_channels, slack_threads
from sahur.issues.services.slack_threads import Place
from sahur.slack.blocks.feedback import feedback_blocks, real_cause_form
from sahur.slack.places import actor_of_slack_user
from sahur_core.issues import Source
from tests.fakes.slack_blocks import problems_of_message, problems_of_view
from tests.waiting import wait_for
from tests.web.slack.conftest import CHANNEL
from tests.web.slack.delivery.again import deliver_all
from tests.web.slack.interactivity import buttons_of, install, opened, press, submit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def root(mention, team) -> str:
    ts = mention("Checkout fails")
    runs.request_stop(the_run().id, "Rita")
    return ts


def the_run() -> models.Run:
    return models.Run.objects.select_related("issue__team").get()


def vote(root: str, which: str, user: str = "U0RITA") -> None:
    assert press("feedback", f"{the_run().id}:{which}", thread_ts=root, user=user).status_code == 200


def told(slack, number: int = 1) -> dict[str, Any]:
    """What was said last to a person alone, once so many things were."""
    wait_for(lambda: len(slack.calls_of("chat.postEphemeral")) >= number)
    return slack.calls_of("chat.postEphemeral")[-1]


def votes() -> list[tuple[str, int, str]]:
    return list(models.Feedback.objects.order_by("created_at").values_list("slack_user", "vote", "comment"))


def form(root: str, slack) -> dict[str, Any]:
    press("real_cause", str(the_run().id), thread_ts=root, slack=slack)
    return opened(slack)


def test_a_vote_is_stored_and_its_author_is_told_how_to_change_it(root, slack):
    vote(root, "up")
    assert votes() == [("T0FAKE/U0RITA", 1, "")]
    words = told(slack)
    assert (words["user"], words["thread_ts"]) == ("U0RITA", root)
    assert "Stored for SAH-1 run 1" in words["text"]
    vote(root, "down")
    assert votes() == [("T0FAKE/U0RITA", -1, "")]


def test_a_vote_is_taken_back(root, slack):
    vote(root, "up")
    blocks = told(slack)["blocks"]
    (button,) = buttons_of(json.loads(blocks) if isinstance(blocks, str) else blocks).values()
    hidden = {"type": "message", "is_ephemeral": True, "message_ts": "78.1", "channel_id": "C0GENERAL"}
    press(button["action_id"], button["value"], thread_ts=root, container=hidden, message=None)
    assert "taken back" in told(slack, 2)["text"]
    assert votes() == []


def test_two_people_of_one_name_have_a_vote_each(root, slack):
    for user in ("U0RITA", "U0MIA"):
        models.SlackUser.objects.create(workspace_id="T0FAKE", user_id=user, name="Alex")
        vote(root, "up", user)
    vote(root, "down", "U0MIA")
    assert votes() == [("T0FAKE/U0RITA", 1, ""), ("T0FAKE/U0MIA", -1, "")]


def test_who_gets_an_account_later_keeps_their_one_vote(root, slack, team):
    vote(root, "up")
    rita = User.objects.create_user("rita", password="correct horse battery")
    Membership.objects.create(user=rita, team=team, role=MemberRole.RESPONDER)
    models.SlackUser.objects.create(workspace_id="T0FAKE", user_id="U0RITA", account=rita)
    vote(root, "down")
    assert [(given.user, given.vote) for given in models.Feedback.objects.all()] == [(rita, -1)]


def test_the_real_cause_is_stored_and_closes_the_issue(root, slack):
    view = form(root, slack)
    given = {"comment": "The proxy dropped the header", "is_outside": True, "commit": "", "closes": True}
    assert submit(view, given).content == b""
    assert votes() == [("T0FAKE/U0RITA", -1, "The proxy dropped the header\nNothing in the code caused it.")]
    issue = models.Issue.objects.get()
    assert (issue.status, issue.resolution) == ("closed", "The proxy dropped the header")
    assert issue.outcome == {"answer": "wrong", "is_outside": True}
    assert "SAH-1 is closed with it" in told(slack)["text"]


def test_a_secret_in_the_cause_is_stored_nowhere_and_not_said_back(root, slack, monkeypatch):
    kept: list[str] = []
    create = models.Effect.objects.bulk_create

    def noting(self: Any, rows: list[models.Effect], **how: Any) -> list[models.Effect]:
        kept.extend(str(row.payload) for row in rows)
        return create(rows, **how)

    monkeypatch.setattr(type(models.Effect.objects), "bulk_create", noting)
    secret = "ghp_" + "a1B2" * 9
    assert submit(form(root, slack), {"comment": f"The key {secret} had ended", "closes": True}).content == b""
    assert "The key" in told(slack)["text"]
    assert secret not in str([told(slack), votes(), kept])


def test_the_issue_stays_open_where_nobody_wants_it_closed(root, slack):
    submit(form(root, slack), {"comment": "The proxy", "commit": "A1B2C3D4"})
    assert votes() == [("T0FAKE/U0RITA", -1, "The proxy\nCommit a1b2c3d4")]
    assert models.Issue.objects.get().status == "open"


def test_what_somebody_said_of_the_end_stays_and_the_vote_counts(root, slack, team):
    rita = actor_of_slack_user("T0FAKE", "U0MIA", team)
    actions.close_issue(rita, "SAH-1", "The database")
    submit(form(root, slack), {"comment": "The proxy", "closes": True})
    assert models.Issue.objects.get().resolution == "The database"
    assert votes()[0][2] == "The proxy"
    assert "closed already" in told(slack)["text"]


def lines(slack, channel: str = CHANNEL) -> list[str]:
    """What stands in the channel of real causes, once all is posted."""
    deliver_all()
    posts = [each for each in slack.messages(channel) if ":cause" in str(each.get("metadata"))]
    return [str([each["text"], each["blocks"]]) for each in posts]


@pytest.fixture
def elsewhere(root, slack) -> models.SlackThread:
    """A second thread of the same issue, in another public channel."""
    for channel in (CHANNEL, "C0OTHER"):
        slack_channels.note("T0FAKE", channel, name=channel.lower(), is_private=False)
    slack.add_channel("C0OTHER", "other", members={"U0RITA", "U0SAHUR"})
    place = Place("T0FAKE", "C0OTHER", slack.say("C0OTHER", "Here, too"), "U0MIA")
    return slack_threads.open_thread(the_run().issue, place)


def test_each_thread_is_told_once_what_the_real_cause_was_who_said_so_and_that_it_is_closed(root, slack, elsewhere):
    view = form(root, slack)
    for _ in range(2):
        submit(view, {"comment": "The proxy <!channel> dropped the header", "closes": True})
    for channel in (CHANNEL, "C0OTHER"):
        (line,) = lines(slack, channel)
        assert "Rita Responder via Slack* has said what the real cause was: The proxy &lt;!channel&gt; dropped the header" in line
        assert "SAH-1 is closed" in line


def test_the_line_follows_what_its_author_says_later(root, slack):
    submit(form(root, slack), {"comment": "The proxy"})
    assert "is closed" not in lines(slack)[0]
    submit(form(root, slack), {"comment": "The cache"})
    assert ["The cache" in line and "The proxy" not in line for line in lines(slack)] == [True]
    press("feedback:withdraw", str(the_run().id), thread_ts=root)
    assert ["has taken back" in line and "The cache" not in line for line in lines(slack)] == [True]


def test_many_presses_are_one_edit(root, slack):
    submit(form(root, slack), {"comment": "The proxy"})
    lines(slack)
    for which in ("up", "down", "up"):
        vote(root, which)
    assert models.Effect.objects.filter(kind="slack.cause_update").count() == 1
    assert "has taken back" in lines(slack)[0]


def test_the_same_vote_once_more_takes_no_cause_back(root, slack):
    submit(form(root, slack), {"comment": "The proxy"})
    vote(root, "down")
    assert "The proxy" in lines(slack)[0]
    assert votes() == [("T0FAKE/U0RITA", -1, "The proxy")]


def test_what_was_taken_back_before_anybody_was_told_is_told_to_nobody_and_once_it_holds_again_it_is(root, slack):
    submit(form(root, slack), {"comment": "The proxy"})
    vote(root, "up")
    assert lines(slack) == []
    submit(form(root, slack), {"comment": "The cache"})
    assert ["The cache" in line for line in lines(slack)] == [True]


def test_of_an_issue_that_was_opened_again_no_line_says_that_it_is_closed(root, slack):
    submit(form(root, slack), {"comment": "The proxy", "closes": True})
    assert "is closed" in lines(slack)[0]
    models.Issue.objects.update(status="open", closed_at=None, resolution="")
    submit(form(root, slack), {"comment": "The cache"})
    assert "is closed" not in lines(slack)[0]


def test_a_cause_of_a_private_place_that_is_saved_again_on_the_page_stays_there(root, slack, elsewhere, team):
    models.SlackChannel.objects.filter(channel_id=CHANNEL).update(is_private=True, asked_at=timezone.now())
    slack.places[CHANNEL].kind = "group"
    submit(form(root, slack), {"comment": "Initech's own proxy"})
    models.Feedback.objects.update(source=Source.WEB.value)
    with transaction.atomic():
        notices.follow_cause(the_run(), models.Feedback.objects.get().id)
    assert "Initech" not in lines(slack, "C0OTHER")[0]


def test_a_vote_without_a_cause_is_told_to_nobody_else(root, slack):
    vote(root, "down")
    assert lines(slack) == []


def test_a_cause_that_was_said_in_a_private_place_is_told_elsewhere_without_its_words(root, slack, elsewhere):
    models.SlackChannel.objects.filter(channel_id=CHANNEL).update(is_private=True, asked_at=timezone.now())
    slack.places[CHANNEL].kind = "group"
    submit(form(root, slack), {"comment": "Initech's own proxy"})
    assert "Initech" in lines(slack)[0]
    (line,) = lines(slack, "C0OTHER")
    assert "Initech" not in line
    assert "on the page" in line


@pytest.mark.parametrize(("field", "given"), [("comment", {"comment": " "}), ("commit", {"comment": "x", "commit": "HEAD~1"})])
def test_the_form_says_at_its_field_what_is_wrong(root, slack, field, given):
    answer = json.loads(submit(form(root, slack), given).content)
    assert list(answer["errors"]) == [field]
    assert votes() == []


@pytest.mark.parametrize("value", ["nonsense", "{run}:sideways", "{run}", "01a20853-4b79-7012-9c6b-71e84d8bec59:up"])
def test_a_value_that_is_none_of_ours_is_no_vote(root, slack, value):
    press("feedback", value.format(run=the_run().id), thread_ts=root)
    assert "no such thing" in told(slack)["text"]
    assert votes() == []


def test_a_run_of_another_channel_takes_no_vote(root, slack):
    press("feedback", f"{the_run().id}:up", thread_ts=root, channel="C0OTHER")
    assert "no such thing" in told(slack)["text"]
    assert votes() == []


def test_guests_without_rights_do_not_vote(root, slack, team):
    install(team, "viewer")
    vote(root, "up")
    assert "role responder" in told(slack)["text"]
    assert votes() == []


def test_a_vote_of_slack_is_shown_on_the_page_like_any_other(root, team, actor):
    rita = actor_of_slack_user("T0FAKE", "U0RITA", team)
    feedback_actions.give_feedback(rita, the_run().id, models.Vote.UP, source=Source.SLACK)
    feedback_actions.give_feedback(actor, the_run().id, models.Vote.DOWN, source=Source.WEB)
    given = models.Feedback.objects.order_by("vote").values_list("author", "source")
    assert list(given) == [("rita", "web"), ("U0RITA via Slack", "slack")]


def test_buttons_and_form_stay_within_slacks_limits(root):
    for is_plain in (False, True):
        assert problems_of_message(feedback_blocks(the_run().id, is_plain=is_plain)) == []
    assert problems_of_view(real_cause_form(the_run(), "m" * 500)) == []

"""What a thread's readers may see of an issue that comes from elsewhere, too."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sahur.issues import models, sight, sources
from sahur.issues.services import messages, notices, reports, runs, slack_channels, slack_threads
from sahur.issues.services.joining import RECOVERY_FACT, TOLD_FACT
from sahur.issues.services.slack_threads import Place
from sahur.issues.sight import Sight
from sahur_core.events import RunCanceled
from sahur_core.issues import Claim, ClaimKind, CodeLocation, Evidence, Hypothesis, Solution, Source, SuspectCommit, Verdict

pytestmark = pytest.mark.django_db
PUBLIC, OTHER, SECRET, DIRECT = "C0GENERAL", "C0OTHER", "C0SECRET", "D0DIRECT"


@pytest.fixture(autouse=True)
def channels(db) -> None:
    for channel, is_private in ((PUBLIC, False), (OTHER, False), (SECRET, True)):
        slack_channels.note("T0FAKE", channel, name=channel.lower(), is_private=is_private)


def reported(team: Any, channel: str, text: str = "Initech cannot pay\nInvoice 884213 is stuck") -> models.Run:
    place = Place("T0FAKE", channel, "1.1") if channel else None
    title, _, body = text.partition("\n")
    source = Source.SLACK if channel else Source.WEB
    issue = reports.open_issue(team, reports.NewIssue(title=title, body=body, source=source, reporter_name="Rita", place=place))
    return runs.create_run(issue, asked_by="Rita", user_id=None, trace_id="")


def thread_in(run: models.Run, channel: str, ts: str = "2.1") -> models.SlackThread:
    return slack_threads.open_thread(run.issue, Place("T0FAKE", channel, ts))


def seen_from(run: models.Run, channel: str, workspace: str = "T0FAKE") -> Sight:
    found = sources.sources_of(run)
    return sight.look(run, sources.eyes_of(sources.Reader(workspace, channel), found.channels(), run.issue.team_id), found)


def called(run: models.Run, tool: str, text: str, **arguments: str) -> Evidence:
    """A call of a tool, and the evidence from it."""
    number, receipt = models.Evidence.objects.count() + 1, uuid.uuid4()
    models.ToolCall.objects.create(
        id=f"{run.id}/{receipt}", run=run, step_id="1", tool=tool, arguments=arguments, status="ok", text=text, receipt_id=receipt
    )
    row = {"number": number, "statement": text, "excerpt": text, "receipt_id": receipt, "tool": tool}
    models.Evidence.objects.create(run=run, path="cart.py", line=9, **row)
    return Evidence(id=str(number), path="cart.py", line=9, **{**row, "receipt_id": str(receipt)})


READ = json.dumps({"path": "cart.py", "start": 9, "lines": [{"line": 9, "text": "rate = RATES[key]"}]})
LOG = json.dumps({"commits": [{"sha": "a" * 40, "summary": "Drop the default"}]})


def answer(*claims: Claim) -> Solution:
    return Solution(
        verdict=Verdict.CONFIRMED,
        summary="Initech cannot pay because of the tax table.",
        root_cause="The tax table has no default.",
        claims=list(claims),
        locations=[CodeLocation(path="cart.py", line=9)],
        suspect_commit=SuspectCommit(sha="a" * 40, summary="Drop the default"),
        unresolved=["Whether others are hit"],
        next_step="Tell Initech to wait.",
        proposed_fix="Add a default.",
    )


@pytest.mark.parametrize("reader", [PUBLIC, OTHER, DIRECT])
def test_what_was_reported_in_public_is_shown_everywhere(team, reader):
    run = reported(team, PUBLIC)
    thread_in(run, reader)
    assert seen_from(run, reader).is_whole


@pytest.mark.parametrize("place", [SECRET, DIRECT, "G0GROUP", "C0UNKNOWN"])
def test_what_was_reported_in_private_is_shown_only_there(team, place):
    run = reported(team, place)
    assert seen_from(run, place).is_whole
    elsewhere = seen_from(run, PUBLIC)
    assert not elsewhere.is_whole
    assert elsewhere.title(run.issue) == ""


def test_another_private_place_is_not_the_same(team):
    assert not seen_from(reported(team, SECRET), DIRECT).is_whole


def test_of_the_answer_to_a_private_report_only_facts_are_told_elsewhere(team):
    """Whoever reads along could make the model say it in other letters: of its words none is told."""
    run = reported(team, SECRET)
    proof = called(run, "code__read", READ)
    called(run, "code__log", LOG)
    cause = Claim(statement="RATES has no entry for the country.", evidence=[proof.number], kind=ClaimKind.ROOT_CAUSE)
    eyes = seen_from(run, PUBLIC)
    shown = eyes.solution(answer(cause))
    assert (shown.verdict, shown.locations[0].path) == (Verdict.CONFIRMED, "cart.py")
    assert shown.suspect_commit.summary == "Drop the default"
    assert (shown.claims, shown.root_cause, shown.proposed_fix, shown.unresolved) == ([], "", "", [])
    assert shown.summary == "The cause was found. It was reported in a private conversation. " + sight.ON_PAGE
    assert eyes.says("hcetini", "left out") == "left out"
    assert [each.statement for each in eyes.evidence([proof])] == ["cart.py:9"]


def test_a_place_that_no_result_has_shown_is_the_models_word(team):
    """Who steers the run could have it ask for a file, and name one, whose name says what is hidden."""
    run = reported(team, SECRET)
    told = "the customer is S-W-5-p-d-G-V-j-a-A"
    proof = called(run, "code__search", json.dumps({"path": told, "query": told, "lines": []}), path=told)
    whole = answer().model_copy(
        update={
            "locations": [CodeLocation(path=told), CodeLocation(path="cart.py", function="pay_initech")],
            "suspect_commit": SuspectCommit(sha="b" * 40, summary="Let Initech pay"),
        }
    )
    eyes = seen_from(run, PUBLIC)
    shown = eyes.solution(whole)
    assert (shown.locations, shown.suspect_commit) == ([], None)
    assert [each.statement for each in eyes.evidence([proof.model_copy(update={"path": told})])] == ["A result of code__search"]


def test_where_a_search_of_slack_names_no_channel_facts_stay_and_the_answer_says_why_the_rest_goes(team):
    run = reported(team, PUBLIC, "Checkout fails")
    called(run, "slack__search", "Initech cannot pay", query="checkout")
    proof = called(run, "code__read", READ)
    cause = Claim(statement="RATES has no entry for the country.", evidence=[proof.number], kind=ClaimKind.ROOT_CAUSE)
    shown = seen_from(run, PUBLIC).solution(answer(cause))
    assert (shown.claims, shown.root_cause, shown.locations[0].path) == ([], "", "cart.py")
    assert "a search of Slack" in shown.summary
    assert "private conversation" not in shown.summary


def test_without_a_shown_cause_no_cause_is_told(team):
    run = reported(team, SECRET)
    assert seen_from(run, PUBLIC).solution(answer()).root_cause == ""


@pytest.mark.parametrize(
    ("channel", "reader", "is_cited"),
    [(SECRET, PUBLIC, False), ("C0UNKNOWN", PUBLIC, False), (OTHER, PUBLIC, True), (SECRET, SECRET, True), ("", PUBLIC, False)],
)
def test_evidence_from_slack_is_cited_only_to_who_may_read_it_there(team, channel, reader, is_cited):
    run = reported(team, PUBLIC)
    thread_in(run, reader)
    facts = [
        called(run, "slack__slack_read_thread", "Initech pays twice", channel_id=channel),
        called(run, "code__read", "x = 1"),
    ]
    eyes = seen_from(run, reader)
    assert [fact.number for fact in eyes.evidence(facts)] == ([1, 2] if is_cited else [2])
    assert eyes.is_whole == is_cited
    assert eyes.title(run.issue) == run.issue.title


def test_a_tool_of_another_name_that_reads_a_channel_reads_slack():
    assert sources.is_of_slack("chat__history", {"channel": "C012AB3CD"})
    assert not sources.is_of_slack("queue__read", {"channel": "orders"})


def test_what_was_reported_earlier_in_private_is_not_cited_either(team):
    earlier = reported(team, SECRET).issue
    run = reported(team, PUBLIC, "Checkout fails")
    fact = called(run, "issues__search", f"{earlier.key}: Initech cannot pay")
    assert seen_from(run, PUBLIC).evidence([fact]) == []
    assert seen_from(run, SECRET).is_whole


def test_what_a_private_thread_had_joined_before_it_left_is_not_cited_either(team):
    """Something may have been answered there, which the issue's runs go on from."""
    earlier = reported(team, OTHER, "Checkout fails")
    notices.update_card(earlier, thread_in(earlier, SECRET), "joined")
    models.SlackThread.objects.filter(channel_id=SECRET).update(issue=reported(team, DIRECT).issue)
    run = reported(team, PUBLIC, "Checkout fails again")
    fact = called(run, "issues__read", f"{earlier.issue.key}: Initech was asked")
    assert seen_from(run, PUBLIC).evidence([fact]) == []


def test_many_calls_and_messages_cost_no_more_queries_than_one(team):
    first, second, run = reported(team, SECRET), reported(team, OTHER), reported(team, PUBLIC, "Checkout fails")

    def told_once_more() -> int:
        said = {"thread": str(first.issue.slack_threads.get().id), "ts": "3.1"}
        messages.say(run, "It is Friday", author_name="Rita", author_id=None, slack=said)
        called(run, "issues__search", f"{first.issue.key} and {second.issue.key}, not {run.issue.key}")
        with CaptureQueriesContext(connection) as asked:
            places = sources.sources_of(run).channels()
        assert places == {PUBLIC, SECRET, OTHER}
        return len(asked)

    assert told_once_more() == told_once_more()


def test_a_statement_gives_way_to_its_place(team):
    run = reported(team, PUBLIC, "Checkout fails")
    called(run, "slack__search", "Initech cannot pay", query="checkout")
    fact = called(run, "code__read", READ).model_copy(update={"statement": "Initech has no rate."})
    assert [each.statement for each in seen_from(run, PUBLIC).evidence([fact])] == ["cart.py:9"]


def test_the_localization_repeats_the_report(team):
    run = reported(team, SECRET)
    assert seen_from(run, PUBLIC).evidence([called(run, "code__locate", "names Initech")]) == []


def test_what_is_said_in_a_private_thread_is_kept_from_the_others(team):
    run = reported(team, PUBLIC)
    thread = thread_in(run, DIRECT)
    said = {"run": run, "role": "user", "text": "Initech again", "slack": {"thread": str(thread.id), "ts": "3.1"}}
    models.Message.objects.create(**said)
    assert not seen_from(run, PUBLIC).is_whole
    assert seen_from(run, PUBLIC).title(run.issue)
    assert seen_from(run, DIRECT).is_whole


@pytest.mark.parametrize("fact", [TOLD_FACT, RECOVERY_FACT])
def test_that_somebody_else_tells_of_it_is_no_secret(team, fact):
    run = reported(team, PUBLIC)
    thread = thread_in(run, DIRECT)
    models.Message.objects.create(run=run, role="user", text=fact, slack={"thread": str(thread.id), "ts": "3.1"})
    assert seen_from(run, PUBLIC).is_whole


@pytest.mark.parametrize(("channel", "is_shown"), [(OTHER, True), (SECRET, False)])
def test_what_was_said_in_a_channel_without_a_thread_of_the_issue_is_shown_like_what_was_said_there(team, channel, is_shown):
    run = reported(team, PUBLIC)
    models.Message.objects.create(run=run, role="user", text="Initech again", slack={"channel": channel})
    assert seen_from(run, PUBLIC).is_whole is is_shown


def test_an_answer_given_nobody_knows_where_counts_as_private_where_a_thread_is(team):
    run = reported(team, PUBLIC)
    models.InputRequest.objects.create(run=run, kind="question", prompt="Who?", answer="Initech", answered_by="Rita")
    assert seen_from(run, PUBLIC).is_whole
    thread_in(run, DIRECT)
    assert not seen_from(run, PUBLIC).is_whole


@pytest.mark.parametrize("status", ["closed", "open"])
def test_the_cause_that_a_further_run_was_told_counts_as_private_where_a_thread_is(team, status):
    run = reported(team, PUBLIC)
    thread_in(run, DIRECT)
    models.Activity.objects.create(issue=run.issue, number=9, kind="issue.closed", detail={"resolution": "Initech"})
    models.Effect.objects.create(key="cause", kind="slack.cause", issue=run.issue, run=run, payload={"said_in": DIRECT})
    # What the vote says by now, and whether the issue was opened again, changes nothing.
    models.Issue.objects.update(status=status, resolution="Initech" if status == "closed" else "")
    run.issue.refresh_from_db()
    assert seen_from(run, PUBLIC).is_whole
    models.Message.objects.create(run=run, role="user", client_id="carried:1", text="again", slack=in_public(run))
    assert not seen_from(run, PUBLIC).is_whole


def in_public(run: models.Run) -> dict[str, str]:
    return {"thread": str(models.SlackThread.objects.get(channel_id=PUBLIC, issue=run.issue).id), "ts": "1.2"}


def test_of_hypotheses_and_ends_nothing_is_told_where_a_part_is_hidden(team):
    run = reported(team, SECRET)
    proof = called(run, "code__read", "rate = RATES[key]")
    eyes = seen_from(run, PUBLIC)
    assert eyes.hypothesis(Hypothesis(id="1", statement="A rate is missing", evidence=[proof.number])) is None
    told = RunCanceled(asked_by="Rita", facts=["[1] RATES is read"], hypotheses=["x"], would_look_at="y")
    assert eyes.canceled(told) == RunCanceled(asked_by="Rita", facts=[])
    assert seen_from(run, SECRET).canceled(told) == told


def test_the_page_is_for_the_team_and_for_guests_where_they_may_do_something(team):
    run = reported(team, "")
    thread_in(run, PUBLIC)
    assert seen_from(run, PUBLIC).is_whole
    models.SlackWorkspace.objects.create(workspace_id="T0FAKE", team=team, guest_role="", installed_by="Ada")
    assert not seen_from(run, PUBLIC).is_whole


def test_a_title_is_told_only_where_its_report_may_be_read(team):
    for place, title in ((PUBLIC, "Initech cannot pay"), (SECRET, "")):
        issue = reported(team, place).issue
        models.SlackThread.objects.all().delete()
        assert sight.title_for(issue, sources.Reader("T0FAKE", OTHER)) == title


def test_a_shared_channel_that_is_public_in_another_workspace_stays_private_here(team):
    slack_channels.note("T0ELSE", SECRET, name="deals", is_private=False)
    run = reported(team, SECRET)
    thread_in(run, PUBLIC)
    assert not seen_from(run, PUBLIC).is_whole
    assert seen_from(run, PUBLIC).title(run.issue) == ""


def test_public_channels_are_open_to_their_own_workspace_alone(team):
    run = reported(team, PUBLIC)
    slack_channels.note("T0ELSE", "C0THEIRS", name="theirs", is_private=False)
    assert not seen_from(run, "C0THEIRS", "T0ELSE").is_whole

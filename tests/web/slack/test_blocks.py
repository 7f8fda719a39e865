"""Answers keep Slack's limits, escape what comes from outside, and say all that was found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sahur.slack.blocks import block_kit
from sahur.slack.blocks.answer import answer, split
from sahur.slack.blocks.block_kit import Post
from sahur.slack.blocks.hypotheses import hypothesis_line
from sahur_core.events import RunCanceled
from sahur_core.issues import (
    BudgetMeasure,
    BudgetRung,
    BudgetScope,
    Claim,
    ClaimKind,
    CodeLocation,
    Hypothesis,
    OwnerHint,
    Patch,
    Solution,
    SuspectCommit,
    TestRun,
    Usage,
    Verdict,
)
from tests.fakes.slack_blocks import check_blocks

pytestmark = pytest.mark.django_db


def solution(text: str, many: int = 1) -> Solution:
    return Solution(
        verdict=Verdict.LIKELY,
        summary=text,
        root_cause=text,
        claims=[Claim(statement=text, evidence=[1, 2])] * many,
        locations=[CodeLocation(path=text, function=text, line=7)] * many,
        suspect_commit=SuspectCommit(sha="0123456789abcdef", summary=text, author=text),
        unresolved=[text] * many,
        would_decide=[text] * many,
        next_step=text,
        proposed_fix=text,
        owners=[OwnerHint(name=text, source="blame", paths=[text])] * many,
        patch=Patch(diff=text, commit="f" * 40, paths=[text], test_run=TestRun(command=text, passed=True, exit_code=0)),
        dropped_claims=many,
        used_llm=False,
    )


HOSTILE = [
    "&" * 30_000,
    "<!channel> " * 3_000,
    "```" * 9_000,
    "line\n" * 5_000,
    "é" * 30_000,
    "A sentence that ends. " * 2_000,
    "x",
    "https://evil.example/a?b=c " * 500,
    "*_~`>| \u202e \u0000\u200b " * 900,
]


def texts(*posts: Post) -> str:
    """All that is said in the posts, in both forms."""
    return "\n".join(text for post in posts for text in (post.text, *spoken([post.blocks, post.plain])))


def spoken(value: object) -> list[str]:
    if isinstance(value, dict):
        return (
            [value["text"]] if isinstance(value.get("text"), str) else [text for each in value.values() for text in spoken(each)]
        )
    return [text for each in value for text in spoken(each)] if isinstance(value, list) else []


def check(post: Post) -> None:
    assert 0 < len(post.text) < 10_000
    for text, blocks in post.forms():
        check_blocks(blocks)
        assert text
        assert len(blocks) <= 50
        assert len("".join(spoken(blocks))) < 13_500


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("many", [1, 100])
def test_whatever_an_answer_says_slack_takes_it(run, text, many):
    posts = answer(run, solution(text, many=many))
    assert len(posts) <= 4
    for post in posts:
        check(post)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_failure_or_an_end_says_slack_takes_it(run, text):
    canceled = RunCanceled(asked_by=text, facts=[text] * 30, hypotheses=[text], would_look_at=text)
    run.failure = {"stage": "analyze", "cause": text, "next_step": text}
    for status in ("canceled", "failed"):
        run.status = status
        for post in answer(run, None, canceled):
            check(post)


@pytest.mark.parametrize(
    "text", ["<!channel> <https://evil.example|our page> <@U1> <!here> <#C1>", "www.evil.example", "http://evil.example"]
)
def test_text_from_outside_makes_no_mention_and_no_link(run, text):
    # Code stays as it is: Slack makes nothing of it.
    said = texts(*answer(run, solution(text).model_copy(update={"patch": None})))
    header = block_kit.header(f"{run.issue.key}: {text}")["text"]["text"]
    said = said.replace(header, "")  # plain text, of which Slack makes nothing
    for markup in ("<!channel", "<!here", "<@U1", "<#C1", "<https://evil", "https://evil.example", " www.evil", "http://evil"):
        assert markup not in said


def test_an_answer_says_what_was_found_and_with_what(run):
    said = texts(*answer(run, solution("The rate is missing")))
    for part in ("Likely", "*Root cause*", "[1][2]", "since commit 0123456789ab", "No language model was used", "*Proposed fix*"):
        assert part in said


def test_a_long_answer_goes_on_in_further_messages_and_ends_no_sentence_in_the_middle(run):
    long = solution("x").model_copy(update={"root_cause": "This is one of many sentences. " * 700})
    posts = answer(run, long)
    assert len(posts) == 3
    assert "1 of 3: it goes on below" in texts(posts[0])
    cause = [text for post in posts for text in spoken(post.blocks) if "one of many" in text]
    assert all(text.endswith(".") for text in cause)
    assert " ".join(text.removeprefix("*Root cause*\n") for text in cause).count("This is one of many sentences.") == 700
    assert ["feedback" in str(post.blocks) for post in posts] == [False, False, True]


def test_what_is_too_long_for_slack_is_said_to_be_on_the_page():
    chunks = split([block_kit.section("x" * 2_900)] * 40)
    assert len(chunks) == 4
    assert "The rest is on the page" in chunks[-1][-1]["text"]["text"]


def test_a_piece_that_ends_within_a_sentence_says_so():
    pieces = block_kit.pieces_of("word " * 2_000, 1_000)
    assert all(piece.endswith("[…]") for piece in pieces[:-1])
    assert sum(piece.count("word") for piece in pieces) == 2_000
    assert block_kit.brief("One. " + "two " * 300, 100).endswith("[…] more on the page")


def test_a_cut_never_splits_an_escape(run):
    for length in range(2_990, 3_010):
        text = block_kit.section("x" * length + "&amp;" * 10)["text"]["text"]
        assert text.rstrip("…").count("&") == text.rstrip("…").count("&amp;")


def test_the_footer_tells_cost_time_and_model(run):
    run.usage = {"known_cost_usd": 0.123, "unpriced_calls": 0, "tool_calls": 14}
    run.started_at, run.ended_at = datetime(2026, 1, 1, 12, 0, tzinfo=UTC), datetime(2026, 1, 1, 12, 4, 10, tzinfo=UTC)
    told = solution("x").model_copy(update={"used_llm": True, "usage": Usage(model="anthropic:claude")})
    said = texts(*answer(run, told))
    assert f"{run.issue.key} run 1  ·  4 min  ·  $0.12  ·  14 tool calls  ·  anthropic:claude" in said
    run.usage["unpriced_calls"] = 2
    assert "at least $0.12" in texts(*answer(run, told))


def test_a_failed_run_says_where_why_and_what_to_do(run):
    run.status = "failed"
    run.failure = {
        "stage": "analyze",
        "code": "model_unavailable",
        "cause": "The model did not answer.",
        "next_step": "Try later.",
    }
    said = texts(*answer(run, None))
    for part in ("Failed while analyzing", "The model did not answer.", "Try later."):
        assert part in said


def test_an_answer_groups_claims_and_tells_whom_to_ask_and_what_mends_it(run):
    claims = [Claim(statement="The table is fine.", evidence=[], kind=ClaimKind.RULED_OUT)]
    patch = Patch(
        diff="--- a/x\n+++ b/x", commit="f" * 40, paths=["x"], test_run=TestRun(command="make test", passed=False, exit_code=2)
    )
    owners = [OwnerHint(name="Mara", source="code_owners", paths=["shop/"])]
    told = Solution(
        verdict=Verdict.LIKELY, summary="s", claims=claims, next_step="n", patch=patch, owners=owners, dropped_claims=2
    )
    said = texts(*answer(run, told))
    for part in (
        "*Ruled out*",
        "*Who may know*\n• Mara, named in CODEOWNERS: shop/",
        "applies to `ffffffffffff`",
        "Tests failed with the patch: `make test`",
        "2 statements were left out",
    ):
        assert part in said


def test_a_patch_that_does_not_fit_says_so(run):
    patch = Patch(diff="+" * 5_000, commit="f" * 40, paths=["x"])
    said = texts(*answer(run, Solution(verdict=Verdict.LIKELY, summary="s", next_step="n", patch=patch)))
    assert "the whole of it is on the page" in said


def test_without_a_cause_what_would_decide_it_comes_before_what_was_seen(run):
    told = Solution(
        verdict=Verdict.INCONCLUSIVE,
        summary="s",
        claims=[Claim(statement="Seen", evidence=[1])],
        would_decide=["The log"],
        next_step="n",
        budget=BudgetRung(rung=2, scope=BudgetScope.RUN, measure=BudgetMeasure.COST_USD, spent=0.3, limit=0.3),
    )
    said = texts(*answer(run, told))
    assert said.index("What would decide it") < said.index("*Evidence*")
    assert "Ended early by a limit: $0.30 of $0.30 spent by this run" in said


def test_what_to_do_stands_right_below_the_cause_and_the_title_above(run):
    told = solution("The cause").model_copy(update={"verdict": Verdict.CONFIRMED, "summary": "The summary", "next_step": "Do"})
    posts = answer(run, told, title="Checkout fails")
    assert posts[0].blocks[0]["text"]["text"] == f"{run.issue.key}: Checkout fails"
    said = texts(*posts)
    parts = ["*Confirmed*", "*What is going on*", "*Root cause*", "*Next step*", "*Proposed fix*", "*Evidence*", "*To be sure*"]
    places = [said.index(each) for each in parts if each in said]
    assert (places, len(places)) == (sorted(places), len(parts))
    assert answer(run, told)[0].blocks[0]["text"]["text"] == run.issue.key


def test_stopping_tells_what_was_known(run):
    run.status = "canceled"
    canceled = RunCanceled(asked_by="<Rita>", facts=["fact"], hypotheses=["the deploy"], would_look_at="The log of refunds")
    said = texts(*answer(run, None, canceled))
    for part in (
        "by &lt;Rita&gt;",
        "*Found until then*\n• fact",
        "not proven*\n• the deploy",
        "*It was about to*\nThe log of refunds",
    ):
        assert part in said


def test_a_hypothesis_makes_no_mention():
    assert "<!channel>" not in hypothesis_line(Hypothesis(id="a", statement="<!channel>", because="<!channel>"))

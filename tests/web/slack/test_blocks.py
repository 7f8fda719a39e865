"""Cards and answers keep Slack's limits and escape what comes from outside."""

from __future__ import annotations

import pytest

from sahur.issues import models
from sahur.slack.blocks import block_kit
from sahur.slack.blocks import card as blocks
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
    HypothesisStatus,
    OwnerHint,
    Patch,
    Solution,
    SuspectCommit,
    TestRun,
    Verdict,
)
from tests.fakes.slack_server import check_content

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


def texts(post: blocks.Post) -> str:
    found = [block.get("text", {}).get("text", "") for block in post.blocks]
    found += [element["text"] for block in post.blocks for element in block.get("elements", [])]
    return "\n".join([post.text, *found])


@pytest.mark.parametrize("text", ["&" * 30_000, "<!channel> " * 3_000, "```" * 9_000, "line\n" * 5_000, "é" * 30_000])
def test_enormous_answers_keep_the_limits(run, text):
    post = blocks.answer(run, solution(text, many=100))
    check_content({"text": post.text, "blocks": post.blocks})


def test_text_from_outside_makes_no_mention_and_no_link(run):
    post = blocks.answer(run, solution("<!channel> <https://evil.example|our page> <@U1>"))
    spoken = texts(post).replace(post.blocks[0]["text"]["text"], "")
    assert "<!channel>" not in spoken
    assert "<https://evil.example" not in spoken
    assert "&lt;!channel&gt;" in spoken


def test_an_answer_says_what_was_found_and_with_what(run):
    post = blocks.answer(run, solution("The rate is missing"))
    spoken = texts(post)
    for part in ("Likely", "*Root cause*", "[1][2]", "since commit 0123456789ab", "No language model was used", "*Proposed fix*"):
        assert part in spoken


def test_a_cut_never_splits_an_escape(run):
    for length in range(2_990, 3_010):
        text = block_kit.section("x" * length + "&amp;" * 10)["text"]["text"]
        assert text.rstrip("…").count("&") == text.rstrip("…").count("&amp;")


def test_a_card_links_to_its_page_and_says_how_to_stop(run, settings):
    settings.PUBLIC_URL = "https://sahur.example"
    spoken = texts(blocks.card(run))
    assert f"<https://sahur.example/issues/{run.issue.key}/|{run.issue.key}>" in spoken
    assert "stop" in spoken


def test_a_failed_run_says_why_and_what_to_do(run):
    failure = {"stage": "analyze", "code": "model_unavailable", "cause": "The model did not answer.", "next_step": "Try later."}
    models.Run.objects.filter(id=run.id).update(status="failed", failure=failure)
    run.refresh_from_db()
    spoken = texts(blocks.answer(run, None))
    assert "The model did not answer." in spoken
    assert "Try later." in spoken


def test_an_answer_groups_claims_and_tells_whom_to_ask_and_what_mends_it(run):
    claims = [Claim(statement="The table is fine.", evidence=[], kind=ClaimKind.RULED_OUT)]
    patch = Patch(
        diff="--- a/x\n+++ b/x", commit="f" * 40, paths=["x"], test_run=TestRun(command="make test", passed=False, exit_code=2)
    )
    owners = [OwnerHint(name="Mara", source="code_owners", paths=["shop/"])]
    told = Solution(
        verdict=Verdict.LIKELY, summary="s", claims=claims, next_step="n", patch=patch, owners=owners, dropped_claims=2
    )
    spoken = texts(blocks.answer(run, told))
    for part in (
        "*Ruled out*",
        "*Who may know*\n• Mara, named in CODEOWNERS: shop/",
        "applies to `ffffffffffff`",
        "Tests failed with the patch: `make test`",
        "2 statements were left out",
    ):
        assert part in spoken


def test_a_patch_that_does_not_fit_says_so(run):
    patch = Patch(diff="+" * 5_000, commit="f" * 40, paths=["x"])
    spoken = texts(blocks.answer(run, Solution(verdict=Verdict.LIKELY, summary="s", next_step="n", patch=patch)))
    assert "the whole of it is on the page" in spoken


def test_without_a_cause_what_would_decide_it_comes_before_what_was_seen(run):
    told = Solution(
        verdict=Verdict.INCONCLUSIVE,
        summary="s",
        claims=[Claim(statement="Seen", evidence=[1])],
        would_decide=["The log"],
        next_step="n",
        budget=BudgetRung(rung=2, scope=BudgetScope.RUN, measure=BudgetMeasure.COST_USD, spent=0.3, limit=0.3),
    )
    spoken = texts(blocks.answer(run, told))
    assert spoken.index("What would decide it") < spoken.index("*Evidence*")
    assert "Ended early by a limit: $0.30 of $0.30 spent by this run" in spoken


def test_stopping_tells_what_was_known(run):
    models.Run.objects.filter(id=run.id).update(status="canceled")
    run.refresh_from_db()
    canceled = RunCanceled(asked_by="<Rita>", facts=["fact"], hypotheses=["the deploy"], would_look_at="The log of refunds")
    spoken = texts(blocks.answer(run, None, canceled))
    for part in (
        "by &lt;Rita&gt;",
        "*Found until then*\n• fact",
        "not proven*\n• the deploy",
        "*It was about to*\nThe log of refunds",
    ):
        assert part in spoken


@pytest.mark.parametrize("text", ["<!channel>", "a_b*c", "&" * 30_000])
def test_a_hypothesis_is_never_told_as_a_finding(run, text):
    hypothesis = Hypothesis(id="a", statement=text, status=HypothesisStatus.WEAKENED, because=text)
    post = blocks.card(run, hypothesis)
    check_content({"text": post.text, "blocks": post.blocks})
    assert "weakened* (not proven yet)" in texts(post)
    assert "<!channel>" not in hypothesis_line(hypothesis)

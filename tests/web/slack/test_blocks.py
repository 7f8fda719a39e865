"""Cards and answers keep Slack's limits and escape what comes from outside."""

from __future__ import annotations

import pytest

from sahur.issues import models
from sahur.slack import blocks
from sahur_core.issues import Claim, CodeLocation, Solution, SuspectCommit, Verdict
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
        text = blocks._section("x" * length + "&amp;" * 10)["text"]["text"]
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

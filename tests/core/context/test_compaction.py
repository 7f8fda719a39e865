"""A conversation within its budget never loses what is cited, said by a person, or new."""

from __future__ import annotations

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from sahur_core.context.compaction import KEPT_MESSAGES, SHORTENED, compact, size_of
from sahur_core.context.history import to_messages, to_row
from sahur_core.issues import TranscriptMessage


def talk(results: int):
    messages = [SystemMessage("system " * 10), HumanMessage("report " * 100)]
    for number in range(results):
        call = {"name": "code__read", "args": {"path": "a.py"}, "id": f"call_{number}", "type": "tool_call"}
        messages += [AIMessage("I read.", tool_calls=[call]), ToolMessage("x" * 1000, tool_call_id=f"call_{number}")]
    return messages


def whole(messages):
    return [message.tool_call_id for message in messages if isinstance(message, ToolMessage) and message.text != SHORTENED]


def test_a_small_conversation_is_left_alone():
    assert compact(talk(5), 100_000, set()) == talk(5)


def test_the_oldest_uncited_results_are_shortened_first():
    kept = compact(talk(10), sum(map(size_of, talk(10))) - 2500, {"call_1"})
    assert whole(kept) == ["call_1", *(f"call_{number}" for number in range(4, 10))]
    assert len(kept) == len(talk(10))


def test_cited_and_newest_results_and_people_survive_any_budget():
    kept = compact(talk(10), 10, {"call_2"})
    assert kept[:2] == talk(10)[:2]
    assert kept[-KEPT_MESSAGES:] == talk(10)[-KEPT_MESSAGES:]
    assert "call_2" in whole(kept)


def test_messages_survive_their_rows():
    for message in talk(1):
        role, body = to_row(message)
        assert to_messages([TranscriptMessage(id="1", role=role, body=body)]) == [message]

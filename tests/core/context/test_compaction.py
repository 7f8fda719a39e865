"""A conversation within its budget never loses what is cited, said by a person, or new; and its beginning stays."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from sahur_core.context.compaction import KEPT_MESSAGES, LEFT_OUT, compact, size_of
from sahur_core.context.history import to_messages, to_row
from sahur_core.issues import ToolCall, ToolResultStatus, TranscriptMessage

# How fast the machine is says nothing about what survives.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exchange(number: int, size: int = 1000):
    call = {"name": "code__read", "args": {"path": "a.py"}, "id": f"call_{number}", "type": "tool_call"}
    return [AIMessage("I read.", tool_calls=[call]), ToolMessage("x" * size, tool_call_id=f"call_{number}")]


def talk(results: int):
    messages = [SystemMessage("system " * 10), HumanMessage("report " * 100)]
    for number in range(results):
        messages += exchange(number)
    return messages


def size(messages):
    return sum(map(size_of, messages))


def whole(messages):
    return [message.tool_call_id for message in messages if isinstance(message, ToolMessage) and LEFT_OUT not in message.text]


@st.composite
def talks(draw):
    """A conversation of any order: people, answers with one or several calls, long and short results."""
    messages = [SystemMessage("system"), HumanMessage("report")]
    number = 0
    for kind in draw(st.lists(st.sampled_from(["person", "text", "calls"]), max_size=30)):
        if kind == "person":
            messages.append(HumanMessage(draw(st.text(max_size=900))))
        elif kind == "text":
            messages.append(AIMessage(draw(st.text(min_size=1, max_size=900))))
        else:
            sizes = draw(st.lists(st.integers(0, 3000), min_size=1, max_size=4))
            ids = [f"call_{number + offset}" for offset in range(len(sizes))]
            number += len(sizes)
            messages.append(AIMessage("", tool_calls=[{"name": "t", "args": {}, "id": name} for name in ids]))
            messages += [ToolMessage("x" * length, tool_call_id=name) for length, name in zip(sizes, ids, strict=True)]
    return messages


def test_a_small_conversation_is_left_alone():
    assert compact(talk(5), 100_000, set()) == talk(5)


def test_the_oldest_uncited_results_are_shortened_first():
    kept = compact(talk(10), size(talk(10)) - 2500, {"call_1"})
    left_out = [f"call_{number}" for number in range(10) if f"call_{number}" not in whole(kept)]
    assert left_out == [name for name in (f"call_{number}" for number in range(10)) if name != "call_1"][: len(left_out)] != []
    assert len(kept) == len(talk(10))
    assert size(kept) < size(talk(10)) - 2500


def test_a_shortened_result_says_what_it_was_and_how_to_read_it_again():
    made = {
        "call_0": ToolCall(
            id="call_0", step_id="s", tool="code__read", arguments={}, status=ToolResultStatus.OK, text="", receipt_id="r-9"
        )
    }
    text = compact(talk(10), 3000, set(), made)[3].text
    assert text.startswith("tool_call_id: call_0\nstatus: ok\n")
    assert all(part in text for part in ("code__read", "1000 characters", "receipts__read, receipt r-9"))


def test_results_that_the_model_has_not_seen_go_only_as_the_last_resort():
    messages = [*talk(1), *exchange(1)[:1], *(ToolMessage("x" * 2000, tool_call_id=f"new_{number}") for number in range(12))]
    assert whole(compact(messages, 100, set()))[-12:] == [f"new_{number}" for number in range(12)]
    assert whole(compact(messages, 3000, {"new_2"}, keeps_newest=False)) == ["new_2"]


@UNHURRIED
@given(talks(), st.integers(0, 20_000), st.data())
def test_what_is_cited_or_said_by_a_person_survives_byte_for_byte(messages, limit, data):
    results = [message.tool_call_id for message in messages if isinstance(message, ToolMessage)]
    cited = data.draw(st.sets(st.sampled_from(results)) if results else st.just(set()))
    kept = compact(messages, limit, cited, keeps_newest=data.draw(st.booleans()))
    assert len(kept) == len(messages)
    for before, after in zip(messages, kept, strict=True):
        if not isinstance(before, ToolMessage) or before.tool_call_id in cited:
            assert after == before
        assert type(after) is type(before)
    assert size(kept) <= size(messages)


@UNHURRIED
@given(talks(), st.integers(0, 20_000))
def test_the_newest_exchange_survives_any_budget(messages, limit):
    answers = [position for position, message in enumerate(messages) if isinstance(message, AIMessage)]
    newest = min([len(messages) - KEPT_MESSAGES, *answers[-1:]])
    assert compact(messages, limit, set())[max(0, newest) :] == messages[max(0, newest) :]


def test_between_two_strides_the_beginning_stays_the_same():
    messages, before, strides = talk(0), [], 0
    for number in range(60):
        messages += exchange(number)
        now = compact(messages, 12_000, set())
        strides += now[: len(before)] != before
        before = now
        assert size(now) <= 12_000
    assert 5 < strides < 20


def test_messages_survive_their_rows():
    for message in talk(1):
        role, body = to_row(message)
        assert to_messages([TranscriptMessage(id="1", role=role, body=body)]) == [message]

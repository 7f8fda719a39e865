"""A read is made once; what was left out of a long conversation can be read again by its receipt."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sahur_core.issues import ToolCall, ToolResultStatus
from sahur_core.tools.wire import READ_RECEIPT
from sahur_core.workflows.investigate.nodes.calls import RECENT_CALLS, known_result

PAGE = {"receipt": "r-1", "offset": 0}


def made(number, tool="code__read", arguments=None):
    given = {"path": f"{number}.py"} if arguments is None else arguments
    return ToolCall(
        id=f"call_{number}", step_id="s", tool=tool, arguments=given, status=ToolResultStatus.OK, text="x", receipt_id="r-1"
    )


@pytest.fixture
def known():
    def ask(calls, tool, arguments):
        ctx = SimpleNamespace(store=SimpleNamespace(tool_calls=lambda: calls))
        return known_result(ctx, "call_new", tool, arguments)

    return ask


def test_a_read_is_not_made_twice_however_long_ago_it_was(known):
    calls = [made(number) for number in range(30)]
    assert known(calls, "code__read", {"path": "0.py"}) == calls[0]


def test_a_receipt_is_not_read_twice_in_a_row(known):
    calls = [made(0, READ_RECEIPT, PAGE), *(made(number) for number in range(1, RECENT_CALLS))]
    assert known(calls, READ_RECEIPT, PAGE) == calls[0]


def test_a_receipt_is_read_again_after_a_while(known):
    calls = [made(0, READ_RECEIPT, PAGE), *(made(number) for number in range(1, RECENT_CALLS + 1))]
    assert known(calls, READ_RECEIPT, PAGE) is None

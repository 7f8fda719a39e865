"""Places that the code server has shown, as it writes its results and as a model is given them."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from sahur.issues import models
from sahur.issues.code_places import CodePlaces
from sahur_core.context.results import render_result
from sahur_core.issues import CodeLocation

pytestmark = pytest.mark.django_db
SHA = "9e8e857f3d" * 4


def called(run: models.Run, tool: str, result: dict[str, Any]) -> models.ToolCall:
    text = render_result("", result, 20_000) if tool.startswith("code__") else json.dumps(result)
    row = {"id": f"{run.id}/{uuid.uuid4()}", "run": run, "step_id": "1", "tool": tool, "arguments": {}, "status": "ok"}
    return models.ToolCall.objects.create(text=text, **row)


SYMBOLS = {
    "commit": SHA,
    "symbols": [
        {"path": "shop/cart.py", "name": "Cart.total", "kind": "method", "line": 9, "end_line": 12},
        {"path": "shop/tax.py", "name": "rate", "kind": "function", "line": 1, "end_line": 2},
    ],
}


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (CodeLocation(path="shop/cart.py", function="Cart.total", line=9), True),
        (CodeLocation(path="shop/cart.py", function="total"), True),
        (CodeLocation(path="shop/tax.py", line=2), True),
        (CodeLocation(path="shop/secret.py"), False),
        (CodeLocation(path="shop"), False),
    ],
)
def test_a_file_in_a_row_was_shown(run, told, shown):
    assert CodePlaces([called(run, "code__symbols", SYMBOLS)]).location(told) == (told if shown else None)


def test_a_function_that_no_row_names_is_left_out(run):
    places = CodePlaces([called(run, "code__symbols", SYMBOLS)])
    assert places.location(CodeLocation(path="shop/cart.py", function="pay_initech", line=9)) == CodeLocation(
        path="shop/cart.py", line=9
    )


def test_the_file_that_was_read_was_shown_and_one_that_was_only_asked_for_was_not(run):
    read = {"path": "shop/cart.py", "start": 1, "lines": [{"line": 1, "text": "x"}]}
    empty = {"path": "shop/none.py", "lines": [], "people": []}
    assert CodePlaces([called(run, "code__read", read), called(run, "code__owners", empty)]).paths == {"shop/cart.py"}


def test_commits_of_lists_and_the_one_shown(run):
    log = {"commits": [{"sha": SHA, "summary": "Read whole days"}]}
    show = {"commit": SHA, "shown": {"sha": "ab" * 20, "summary": "x"}, "files": [{"path": "a.py", "added": 1, "deleted": 0}]}
    places = CodePlaces([called(run, "code__log", log), called(run, "code__show", show)])
    assert (places.commits, places.paths) == ({SHA, "ab" * 20}, {"a.py"})


def test_other_tools_and_prose_show_nothing(run):
    other = called(run, "notes__search", SYMBOLS)
    prose = models.ToolCall.objects.create(
        id=f"{run.id}/prose", run=run, step_id="1", tool="code__read", arguments={}, status="ok", text="shop/cart.py:9"
    )
    assert CodePlaces([other, prose]).paths == frozenset()

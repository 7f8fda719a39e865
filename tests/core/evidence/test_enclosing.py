"""Changed lines belong to the function around them, not to one that the hunk merely shows."""

from __future__ import annotations

import pytest

from sahur_core.evidence.diffs import parse_diff
from sahur_core.evidence.enclosing import defined_name, split_by_function


def parts(header, *lines):
    [hunk] = parse_diff("\n".join(["--- a/a.py", "+++ b/a.py", f"@@ -4,9 +4,9 @@ {header}", *lines]))
    return {defined_name(part.context): part for part in split_by_function(hunk)}


@pytest.mark.parametrize(
    ("header", "lines", "name"),
    [
        ("def before(x):", ["-    if not x:", "-        return 0", "     return x", " ", " def after(y):"], "before"),
        ("def before(x):", ["     return x", " ", " def inside(", "     y,", " ):", "-    if not y:", "     return y"], "inside"),
        ("class Room:", ["     def first(self):", "         pass", "     def second(self):", "+        x = 2"], "second"),
        ("class Room:", ["         x = 1", "+        y = 2", " ", "     def second(self):"], "Room"),
        ("def before(x):", ["     return x", " ", "-LIMIT = 3", "+LIMIT = 4", " ", " def after(y):"], ""),
        ("def before(x):", ["     return x", " ", "+@cache", " def after(y):", "     return y"], "after"),
        ("LIMIT = 3", ["     x = 1", "-    y = 2", " def after(y):"], ""),
    ],
    ids=["before a neighbor", "behind a neighbor", "a method", "an unseen method", "no function", "decorator", "no header"],
)
def test_a_line_belongs_to_what_encloses_it(header, lines, name):
    assert list(parts(header, *lines)) == [name]


def test_each_function_of_a_hunk_gets_its_own_lines():
    found = parts("def a():", "-    x = 1", "+    x = 2", " ", " def b():", "+    y = 3", "     return y")
    assert [text for _, text in found["a"].removed + found["a"].added] == ["    x = 1", "    x = 2"]
    assert found["b"].added == [(7, "    y = 3")]


def test_both_names_of_a_renamed_function_are_one():
    found = parts("", "-def old(x):", "-    return x", "+def new(x):", "+    return x + 1")
    assert list(found) == ["new"]
    assert (len(found["new"].removed), len(found["new"].added)) == (2, 2)

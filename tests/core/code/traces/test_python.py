"""Every form in which Python, IPython, rich, pytest and faulthandler print a failure."""

from __future__ import annotations

from sahur_core.code.traces.frames import StackTrace
from sahur_core.code.traces.parse import parse_traces, without_traces

IPYTHON_OLD = """---------------------------------------------------------------------------
KeyError                                  Traceback (most recent call last)
~/envs/lib/python3.8/site-packages/frames/core/base.py in get_loc(self, key)
   2656             try:
-> 2657                 return self._engine.get_loc(key)
   2658             except KeyError:

frames/_libs/index.pyx in frames._libs.index.Engine.get_loc()

KeyError: 'price'

During handling of the above exception, another exception occurred:

Refused                                   Traceback (most recent call last)
<ipython-input-3-abc> in <module>
----> 1 total(df)

Refused: no price
"""
IPYTHON_NEW = """ValueError                                Traceback (most recent call last)
Cell In[3], line 2
      1 import shop
----> 2 shop.total()

File ~/code/shop/cart.py:12, in total(items)
     10 def total(items):
---> 12     return sum_of(items)

ValueError: bad
"""
COLAB = """IndexError                                Traceback (most recent call last)

[/usr/local/lib/python3.9/dist-packages/shop/cart.py](https://localhost:8080/#) in total(scores)
   1929         pass
-> 1930         for key in scores[0]

IndexError: list index out of range
"""
RICH = """╭──────────────────── Traceback (most recent call last) ────────────────────╮
│ /data/u/shop/api.py:12 in handle                                           │
│                                                                            │
│   10 │   x = 1                                                             │
│ ❱ 12 │   return total(x)                                                   │
│ ╭─ locals ─╮                                                               │
│ │ x = 1    │                                                               │
│ ╰──────────╯                                                               │
│ /data/u/shop/cart.py:3 in total                                            │
╰────────────────────────────────────────────────────────────────────────────╯
ZeroDivisionError: division by zero
"""
GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/srv/gather.py", line 3, in <module>
  |     raise ExceptionGroup("eg", found)
  | ExceptionGroup: eg (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/first.py", line 10, in first
    |     g()
    | ValueError: a
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/srv/second.py", line 11, in second
    |     g()
    | TypeError: b
    +------------------------------------

Thanks for looking.
"""
PYTEST_LONG = """
    def test_total():
>       assert total([1]) == 1

tests/test_cart.py:5:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

items = [1]

    def total(items):
        if items:
>           raise KeyError("no price")
E           KeyError: 'no price'

shop/cart.py:12: KeyError
"""
PYTEST_SHORT = """tests/test_cart.py:5: in test_total
    total([1])
shop/cart.py:12: in total
    raise ValueError("no")
E   ValueError: no
"""


def _short(trace: StackTrace) -> list[tuple[str, int, str]]:
    return [(frame.path.rsplit("/", 1)[-1], frame.line, frame.function) for frame in trace.frames]


def test_the_old_form_of_ipython_has_its_lines_in_arrows() -> None:
    cause, outer = parse_traces(IPYTHON_OLD)
    assert _short(cause) == [("base.py", 2657, "get_loc"), ("index.pyx", 0, "get_loc")]
    assert cause.frames[0].code == "return self._engine.get_loc(key)"
    assert (cause.exception, cause.position, outer.exception, outer.position) == ("KeyError", 0, "Refused", 1)
    assert cause.chain == outer.chain
    assert outer.frames[0].origin == "generated"


def test_the_new_form_of_ipython_names_cells() -> None:
    (trace,) = parse_traces(IPYTHON_NEW)
    assert _short(trace) == [("Cell In[3]", 2, ""), ("cart.py", 12, "total")]
    assert [frame.code for frame in trace.frames] == ["shop.total()", "return sum_of(items)"]
    assert (trace.exception, trace.message) == ("ValueError", "bad")
    assert trace.frames[0].origin == "generated"


def test_notebooks_that_link_their_files_are_read() -> None:
    (trace,) = parse_traces(COLAB)
    assert _short(trace) == [("cart.py", 1930, "total")]
    assert trace.frames[0].origin == "library"


def test_boxes_of_rich_are_read_and_removed() -> None:
    (trace,) = parse_traces(RICH)
    assert _short(trace) == [("api.py", 12, "handle"), ("cart.py", 3, "total")]
    assert (trace.frames[0].code, trace.exception) == ("return total(x)", "ZeroDivisionError")
    assert without_traces(RICH) == "ZeroDivisionError: division by zero\n"


def test_the_members_of_a_group_come_before_the_group() -> None:
    first, second, group = parse_traces(GROUP)
    assert [trace.exception for trace in (first, second, group)] == ["ValueError", "TypeError", "ExceptionGroup"]
    assert (_short(first), _short(group)) == ([("first.py", 10, "first")], [("gather.py", 3, "<module>")])
    assert "Thanks for looking." in without_traces(GROUP)


def test_two_groups_are_two_chains() -> None:
    assert [trace.chain for trace in parse_traces(GROUP + GROUP)] == [0, 0, 0, 1, 1, 1]


def test_the_long_form_of_pytest_shows_code_above_its_places() -> None:
    (trace,) = parse_traces(PYTEST_LONG)
    assert _short(trace) == [("test_cart.py", 5, "test_total"), ("cart.py", 12, "total")]
    assert trace.frames[-1].code == 'raise KeyError("no price")'
    assert (trace.exception, trace.message) == ("KeyError", "'no price'")


def test_the_short_form_of_pytest_shows_code_below() -> None:
    (trace,) = parse_traces(PYTEST_SHORT + PYTEST_LONG)[:1]
    assert _short(trace) == [("test_cart.py", 5, "test_total"), ("cart.py", 12, "total")]
    assert (trace.frames[-1].code, trace.exception, trace.message) == ('raise ValueError("no")', "ValueError", "no")


def test_an_assertion_that_names_no_type_is_an_assertion() -> None:
    (trace,) = parse_traces("    def test_a():\n>       assert f() == 2\nE       assert 1 == 2\n\ntest_a.py:3: AssertionError")
    assert (trace.exception, trace.message, _short(trace)) == ("AssertionError", "assert 1 == 2", [("test_a.py", 3, "test_a")])


def test_what_faulthandler_prints_starts_with_the_innermost_frame() -> None:
    text = """Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/srv/inner.py", line 12 in inner
  File "/srv/outer.py", line 3 in <module>

Thread 0x00007e (most recent call first):
  File "/srv/other.py", line 1 in other
"""
    (trace,) = parse_traces(text)
    assert _short(trace) == [("outer.py", 3, "<module>"), ("inner.py", 12, "inner")]
    assert (trace.exception, trace.message) == ("Fatal Python error", "Segmentation fault")


def test_a_warning_is_told_from_a_failure() -> None:
    (trace,) = parse_traces("/srv/shop/cart.py:12: DeprecationWarning: use sum_of\n  total(items)\n")
    assert (trace.frames[0].path, trace.frames[0].line, trace.frames[0].code) == ("/srv/shop/cart.py", 12, "total(items)")
    assert trace.is_warning
    assert (trace.exception, trace.message) == ("DeprecationWarning", "use sum_of")


def test_a_syntax_error_has_the_place_where_it_is() -> None:
    (trace,) = parse_traces('  File "/srv/a.py", line 3\n    foo bar\n        ^\nSyntaxError: invalid syntax')
    assert (_short(trace), trace.frames[0].code, trace.exception) == ([("a.py", 3, "")], "foo bar", "SyntaxError")


def test_listings_without_frames_are_no_traces() -> None:
    text = ">>> total()\nTraceback (most recent call last):\n    ...\nValueError: no price\n>>> 1\n1\n"
    assert parse_traces(text) == []
    assert "ValueError: no price" in without_traces(text)


def test_elided_frames_and_repetitions_do_not_end_a_trace() -> None:
    text = """Traceback (most recent call last):
  File "/srv/a.py", line 1, in a
    b()
    ~^^
  File "/srv/b.py", line 2, in b
    b()
  [Previous line repeated 996 more times]
  ...
  File "/srv/c.py", line 3, in c
RecursionError: maximum recursion depth exceeded"""
    (trace,) = parse_traces(text)
    assert _short(trace) == [("a.py", 1, "a"), ("b.py", 2, "b"), ("c.py", 3, "c")]
    assert trace.exception == "RecursionError"


def test_two_unrelated_tracebacks_are_two_chains() -> None:
    text = 'Traceback (most recent call last):\n  File "/a.py", line 1, in a\n    x\nValueError: 1\n\n'
    assert [(trace.chain, trace.position) for trace in parse_traces(text + "and later\n\n" + text)] == [(0, 0), (1, 0)]


def test_an_exception_without_message_may_be_of_any_module() -> None:
    (trace,) = parse_traces('  File "/a.py", line 1, in a\n    x()\nshop.errors.refused\n')
    assert trace.exception == "shop.errors.refused"

"""A trace is the same however it was sent: quoted, prefixed, escaped, colored, cut."""

from __future__ import annotations

import html
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sahur_core.code.traces.parse import parse_traces, without_traces

PYTHON = """Traceback (most recent call last):
  File "/srv/app/shop/api.py", line 57, in answer
    status = handle(self.path)
  File "/srv/app/shop/orders.py", line 17, in <module>
    return self.article.price
AttributeError: 'NoneType' object has no attribute "price\""""
NODE = """TypeError: x is not
    at total (/srv/app/src/cart.js:12:7)
    at run (/srv/app/src/api.js:3:1)"""
JAVA = """java.lang.IllegalStateException: closed
\tat com.shop.Till.open(Till.java:9)
\tat com.shop.Main.main(Main.java:3)"""
PREFIXES = [
    "2024-03-01 14:05:12,123 ERROR shop.api: ",
    "2024-03-01T14:05:12.123Z stdout F ",
    "2024-03-01T14:05:12Z [ERROR] ",
    "Mar  1 14:05:12 host app[123]: ",
    "<14>Mar  1 14:05:12 host app: ",
    "[pod/shop-7d9f-abcde/app] ",
    "shop-7d9f8c-x2x4z app ",
    "app-1  | 2024-03-01T14:05:12.123Z ERROR ",
    "2024/03/01 14:05:12 [error] 12#12: ",
    "[2024-03-01 14:05:12] production.ERROR: ",
    "14:05:12.123 [main] ERROR c.s.Api - ",
    "ERROR:root:",
    "E   ",
    "> ",
    ">> ",
    "    ",
    "* ",
    "1. ",
    "# ",
]


@pytest.mark.parametrize("trace", [PYTHON, NODE, JAVA], ids=["python", "node", "java"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_stands_before_every_line_is_no_part_of_it(prefix: str, trace: str) -> None:
    assert parse_traces("\n".join(prefix + line for line in trace.split("\n"))) == parse_traces(trace)


@pytest.mark.parametrize("trace", [PYTHON, NODE, JAVA], ids=["python", "node", "java"])
@pytest.mark.parametrize(
    "sent",
    [
        lambda trace: '{"level": "error", "stack": ' + json.dumps(trace) + ', "host": "web-1"}',
        lambda trace: json.dumps(json.dumps({"stack": trace})),
        lambda trace: html.escape(trace),
        lambda trace: trace.replace("\n", "\r\n"),
        lambda trace: "\x1b[31m" + trace.replace("\n", "\x1b[0m\n\x1b[31m") + "\x1b[0m",
        lambda trace: f"```\n{trace}\n```\n",
        lambda trace: trace.replace("\n", "\n\n"),
        lambda trace: "\n".join(line.strip() for line in trace.split("\n")),
    ],
    ids=["json", "json in json", "html", "crlf", "colors", "fence", "double-spaced", "no indentation"],
)
def test_how_it_was_sent_does_not_matter(sent: object, trace: str) -> None:
    assert callable(sent)
    (found,) = parse_traces(sent(trace))
    (expected,) = parse_traces(trace)
    assert [(frame.path, frame.line, frame.function) for frame in found.frames] == [
        (frame.path, frame.line, frame.function) for frame in expected.frames
    ]
    assert found.exception == expected.exception


@pytest.mark.parametrize("trace", [PYTHON, NODE, JAVA], ids=["python", "node", "java"])
def test_a_trace_that_was_cut_anywhere_keeps_the_frames_that_are_whole(trace: str) -> None:
    whole = {(frame.path, frame.line) for frame in parse_traces(trace)[0].frames}
    for end in range(len(trace)):
        cut = [(frame.path, frame.line) for found in parse_traces(trace[:end]) for frame in found.frames]
        assert len(cut) <= len(whole)
    lines = trace.split("\n")
    for number in range(len(lines)):
        kept = "\n".join(lines[:number] + lines[number + 1 :])
        assert {(frame.path, frame.line) for found in parse_traces(kept) for frame in found.frames} <= whole


def test_prose_with_escapes_and_entities_is_left_alone() -> None:
    text = "Use C:\\new\\table &amp; print('a\\nb')\n> quoted words\n- a list\n2024-03-01 14:05:12 all fine"
    assert parse_traces(text) == []
    assert without_traces(text) == text


PIECES = st.sampled_from(
    [
        *PYTHON.split("\n"),
        *NODE.split("\n"),
        *JAVA.split("\n"),
        "",
        "  + Exception Group Traceback (most recent call last):",
        "goroutine 1 [running]:",
        "main.f()",
        "\t/a.go:1 +0x1",
        "a.rb:1:in `b'",
        "E   x",
        "a.py:1: in f",
        "a.py:1: E",
        ">   f()",
        "#0 0x1 in f a.c:1:2",
        "#0 /a.php(1): f()",
        "thread 'a' panicked at a.rs:1:2:",
        "   at A.B() in x.cs:line 1",
        " ---> A.B: c",
        "Caused by: a.B: c",
        "  [cause]: E: f {",
        "File a.py:1, in f",
        "Cell In[1], line 1",
        "│ a.py:1 in f │",
        "\\n at x",
        "--> 1 f",
    ]
)


@example(['  File "/srv/a.py", line 57, in f', "  + Exception Group Traceback (most recent call last):", "    g()"])
@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=40))
def test_any_mixture_of_lines_is_read_without_harm(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    traces = parse_traces(text)
    assert all(trace.frames and all(frame.path and frame.line >= 0 for frame in trace.frames) for trace in traces)
    kept = without_traces(text)
    assert len(kept) <= len(text) + 1


@pytest.mark.parametrize(
    "piece",
    [
        "at ",
        'File "',
        "x.go:1\n",
        "goroutine 1 [x]:\n",
        "\\n",
        "(most recent call first)\n",
        "Traceback (most recent call last):\n",
        "x.py:1: in f\n",
        "x.py:1:\n",
        "#0 a (\n",
        "\tat a.b(c.java:1)\n\n",
        "  [cause]: ",
        "> ",
        "[a]",
        "│ a",
        "a@b:1:2\n",
        "at A(",
    ],
)
def test_repeated_pieces_of_traces_take_linear_time(piece: str) -> None:
    """Quadratic readers would take minutes here: the test's own limit fails it."""
    parse_traces(piece * (100_000 // len(piece)))
    without_traces((piece.rstrip("\n") * (3900 // len(piece)) + "\n") * 10)


def test_of_a_log_of_five_megabytes_every_trace_is_read() -> None:
    log = (PYTHON + "\n" + "2024-03-01 14:05:12 INFO all fine\n" * 100) * 1400
    assert len(log) > 5_000_000
    assert len(parse_traces(log)) == 1400

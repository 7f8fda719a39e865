"""Stack traces are read out of whatever people paste, and mapped to the files of the repository."""

from __future__ import annotations

import pytest

from sahur_core.code.traces.frames import Frame
from sahur_core.code.traces.parse import parse_traces, without_traces
from sahur_core.code.traces.path_map import PathMap

PYTHON = """Traceback (most recent call last):
  File "<frozen runpy>", line 88, in _run_code
  File "/srv/app/shop/api.py", line 57, in answer
    status = handle(self.path)
             ^^^^^^^^^^^^^^^^^
  File "/srv/app/shop/orders.py", line 17, in net
    return self.article.price
           ^^^^^^^^^^^^^^^^^^
AttributeError: 'NoneType' object has no attribute 'price'"""


def test_a_python_traceback_is_read_whole() -> None:
    (trace,) = parse_traces(f"Hello,\n\n{PYTHON}\n\nThanks: a lot")
    assert trace.frames[-1] == Frame("/srv/app/shop/orders.py", 17, "net", "return self.article.price")
    assert [frame.line for frame in trace.frames] == [88, 57, 17]
    assert (trace.exception, trace.message) == ("AttributeError", "'NoneType' object has no attribute 'price'")
    assert not trace.is_environmental


@pytest.mark.parametrize("prefix", ["> ", "    ", "web-1  | ", "\t"])
def test_quoted_and_indented_tracebacks_are_read(prefix: str) -> None:
    (trace,) = parse_traces("\n".join(prefix + line for line in PYTHON.split("\n")))
    assert [(frame.line, frame.function) for frame in trace.frames[-2:]] == [(57, "answer"), (17, "net")]


def test_chained_exceptions_are_told_apart_cause_first() -> None:
    text = (
        PYTHON
        + "\n\nThe above exception was the direct cause of the following exception:\n\n"
        + PYTHON.replace("AttributeError", "shop.Refused")
    )
    assert [trace.exception for trace in parse_traces(text)] == ["AttributeError", "shop.Refused"]


@pytest.mark.parametrize(
    "last", ["TimeoutError: timed out", "socket.timeout: timed out", "OSError: [Errno 28] No space left on device"]
)
def test_errors_of_the_system_are_known(last: str) -> None:
    (trace,) = parse_traces(f'  File "/srv/a.py", line 1, in f\n    g()\n{last}')
    assert trace.is_environmental


def test_a_traceback_that_was_cut_still_has_its_frames() -> None:
    (trace,) = parse_traces('  File "/srv/a.py", line 1, in f')
    assert (trace.frames, trace.exception) == ((Frame("/srv/a.py", 1, "f"),), "")


def test_traces_of_node_java_and_go_are_read_with_the_outermost_call_first() -> None:
    node = """TypeError: Cannot read properties of undefined
    at total (/srv/app/src/cart.js:12:7)
    at /srv/app/src/api.js:3:1
"""
    java = """Exception in thread "main" java.lang.IllegalStateException: closed
\tat com.shop.Till.open(Till.java:9)
\tat com.shop.Main.main(Main.java:3)
"""
    go = """panic: boom

goroutine 1 [running]:
main.total(0x1)
\t/srv/app/cart/total.go:7 +0x1d
main.main()
\t/srv/app/main.go:3 +0x2
"""
    (js,), (jvm,), (golang,) = parse_traces(node), parse_traces(java), parse_traces(go)
    assert ([(f.path, f.line) for f in js.frames], js.exception) == (
        [("/srv/app/src/api.js", 3), ("/srv/app/src/cart.js", 12)],
        "TypeError",
    )
    assert [(f.path, f.function) for f in jvm.frames] == [("com/shop/Main.java", "main"), ("com/shop/Till.java", "open")]
    assert (jvm.exception, jvm.message) == ("java.lang.IllegalStateException", "closed")
    assert [f.line for f in golang.frames] == [3, 7]


@pytest.mark.parametrize(
    "text", ["", "\n" * 5000, "at " * 50_000, 'File "' * 20_000, "a." * 60_000, "^" * 100_000 + "x", "(" * 100_000]
)
def test_hostile_text_is_read_without_harm(text: str) -> None:
    assert parse_traces(text) == []
    without_traces(text)


def test_the_words_around_a_trace_are_kept_without_its_code() -> None:
    rest = without_traces(f"Hello,\n{PYTHON}\nThanks")
    assert rest.split("\n") == ["Hello,", "AttributeError: 'NoneType' object has no attribute 'price'", "Thanks"]


def test_an_exception_right_after_its_frame_is_kept() -> None:
    assert without_traces('  File "/srv/a.py", line 1, in f\nValueError: no') == "ValueError: no"


PATHS = PathMap(
    ["shop/api.py", "shop/orders.py", "admin/orders.py", "src/lib/money.py", "main.py", "shop/__init__.py", "socket.py"]
)


@pytest.mark.parametrize(
    ("deployed", "found"),
    [
        ("/srv/app/shop/api.py", "shop/api.py"),
        ("/usr/lib/python3.11/site-packages/shop/api.py", "shop/api.py"),
        ("/usr/lib/python3.11/site-packages/other/api.py", ""),
        ("/usr/lib/python3.11/site-packages/lib/money.py", "src/lib/money.py"),
        ("C:/app/shop/orders.py", "shop/orders.py"),
        ("/srv/orders.py", ""),
        ("/srv/app/main.py", "main.py"),
        ("main.py", "main.py"),
        ("./shop/api.py", "shop/api.py"),
        ("../../shop/api.py", "shop/api.py"),
        ("/usr/lib/python3.11/socket.py", ""),
        ("<frozen runpy>", ""),
        ("/srv/elsewhere/api.py", ""),
        ("", ""),
    ],
)
def test_deployed_paths_are_mapped_by_their_longest_common_end(deployed: str, found: str) -> None:
    assert PATHS.find(deployed) == found


def test_files_named_in_prose_need_not_be_complete() -> None:
    assert [PATHS.mentioned(path) for path in ("api.py", "orders.py", "shop/api.py", "nothing.py")] == [
        "shop/api.py",
        "",
        "shop/api.py",
        "",
    ]


def test_dotted_names_are_modules_with_or_without_a_name_behind() -> None:
    assert [PATHS.module(name) for name in ("shop.api", "shop.api.handle", "lib.money", "no.such", "api")] == [
        "shop/api.py",
        "shop/api.py",
        "src/lib/money.py",
        "",
        "",
    ]

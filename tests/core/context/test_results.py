"""Results as models read them: compact, within the budget, and readable again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sahur_core.context.results import cut_text, parse_result, render_result

ROW = st.fixed_dictionaries({"line": st.integers(), "text": st.text()})
STRUCTURED = st.dictionaries(st.text(min_size=1), st.integers() | st.text() | st.none() | st.lists(ROW, max_size=5))


@given(STRUCTURED)
def test_what_fits_can_be_read_again_unchanged(structured):
    assert parse_result(render_result("", structured, 10**9)) == structured


def test_columns_are_told_once():
    rows = [{"line": number, "text": "x"} for number in range(100)]
    assert render_result("", {"lines": rows}, 10**9).count('"line"') == 1


def test_a_long_list_is_cut_and_says_so():
    rows = [{"line": number, "text": "a line of code"} for number in range(1000)]
    shown = render_result("", {"path": "a.py", "lines": rows}, 5000)
    parsed = parse_result(shown)
    assert len(shown) <= 5200
    assert parsed["lines"] == rows[: len(parsed["lines"])]
    assert len(parsed["lines"]) > 50
    assert "ask for a smaller part" in parsed["cut"]["lines"]


def test_a_long_text_is_cut_and_the_rest_stays():
    parsed = parse_result(render_result("", {"diff": "+line\n" * 9000, "sha": "abc"}, 3000))
    assert parsed["sha"] == "abc"
    assert 1000 < len(parsed["diff"]) < 3000
    assert "characters are shown" in parsed["cut"]["diff"]


def test_prose_keeps_its_start_and_its_end():
    text = "start " + "x" * 5000 + " end"
    shown = render_result(text, None, 900)
    assert shown.startswith("start")
    assert shown.endswith("end")
    assert "characters left out" in shown
    assert cut_text("short", 900) == "short"


def test_what_was_cut_says_where_to_read_on():
    text = "".join(f"{number:05}" for number in range(1000))
    shown = render_result(text, None, 900, whole="read on with R")
    head, _, _ = shown.partition("\n[… ")
    assert f"read on with R, offset {len(head)} …]" in shown
    assert text.startswith(head)
    rows = [{"line": number} for number in range(1000)]
    assert "or read on with R" in parse_result(render_result("", {"lines": rows}, 2000, whole="read on with R"))["cut"]["lines"]


def test_prose_is_not_structured():
    assert parse_result("No such file.") is None
    assert parse_result("[1, 2]") is None

"""No content makes an outline fail, hang, or speak of lines that are not there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahur_core.code.languages import syntax
from sahur_core.code.languages.messages import find_templates
from sahur_core.code.languages.outline import outline
from sahur_core.code.languages.references import references
from sahur_core.code.languages.table import LANGUAGES, Language

SUFFIXES = [language.suffixes[0] for language in LANGUAGES]
PIECES = [
    *"(){}[]<>;:,.=\"'`#@$%\\\n\r\t\0 ",
    *("def f(a):\n    ", "class A", "class A(B):\n", "function f() {", "func (a *A) F() {", "fn f() {", "impl A {", "module M\n"),
    *("end\n", "import a.b", "use a::{b, c}", "/* ", "*/", '"""', "=> ", "total", "\ud800", "é", "\u2028", "@x\n", "//", "do\n"),
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SUFFIXES), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_definitions_lie_within_the_file_and_within_what_they_are_in(suffix: str, text: str) -> None:
    found = outline("odd" + suffix, text)
    last = text.count("\n") + 1
    assert all(1 <= each.start <= each.end <= last for each in found.definitions)
    names = {each.name: each for each in reversed(found.definitions)}
    for each in found.definitions:
        outer = names.get(each.name.rpartition(".")[0])
        assert outer is None or outer.kind == "variable" or each.start >= outer.start or outer.end < each.start
    assert all(1 <= line <= last for line, _ in find_templates("odd" + suffix, text))
    assert all(1 <= each.line <= last for each in references("odd" + suffix, text, "total"))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.suffixes[0])
def test_deep_nesting_and_no_text_at_all_are_no_error(language: Language) -> None:
    for text in ("(" * 5_000, "{\n" * 5_000, "a.\n" * 2_000, "\0" * 500 + "x", "\r\r", ""):
        assert outline("odd" + language.suffixes[0], text).language == language.name


def test_a_long_line_is_passed_over_and_the_rest_is_read() -> None:
    found = outline("a.js", "function f() {}\nX = '" + "a b " * 1_250_000 + "'\n")
    assert (found.definitions, found.skipped) == ([], f"longer than {syntax.MAX_BYTES // 1024} KB")
    found = outline("a.py", "def f(): ...\nX = '" + "a b " * 10_000 + "'\ndef g(): ...\n")
    assert ([each.name for each in found.definitions], found.skipped) == (["f", "g"], "lines longer than 20 KB")


def test_a_parse_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "MAX_SECONDS", 0.0)
    found = outline("a.java", "a => " * 3_000)
    assert (found.definitions, found.skipped) == ([], "parsing took longer than 0 s")
    monkeypatch.undo()
    assert [each.name for each in outline("a.java", "class A {}\n" * 500).definitions][:1] == ["A"]


def test_texts_compared_by_a_query_may_come_in_parts() -> None:
    source = "".join(f'require "json{number}"\n' for number in range(1000))
    assert [each.module for each in outline("a.rb", source).imports] == [f"json{number}" for number in range(1000)]


def test_line_ends_of_every_kind_give_the_lines_that_git_counts() -> None:
    unix = "class A:\n    def f(self): ...\n"
    lines = {
        end: [(each.name, each.start, each.end) for each in outline("a.py", unix.replace("\n", end)).definitions]
        for end in ("\n", "\r\n", "\r")
    }
    assert lines["\n"] == lines["\r\n"] == [("A", 1, 2), ("A.f", 2, 2)]
    assert lines["\r"] == [("A", 1, 1), ("A.f", 1, 1)]


def test_a_null_character_hides_nothing_after_it() -> None:
    assert [each.name for each in outline("a.py", "x = '\0'\ndef f(): ...\n").definitions] == ["x", "f"]


def test_brackets_without_end_are_not_asked_about() -> None:
    found = outline("a.py", "(\n" * 200_000)
    assert (found.definitions, found.skipped) == ([], "more than 2000 brackets open at a time")

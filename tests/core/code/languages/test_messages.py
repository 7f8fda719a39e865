"""Texts that a program wrote are found again in a report, whatever was filled in."""

from __future__ import annotations

import pytest

from sahur_core.code.languages.messages import MAX_PER_FILE, find_templates, fits, letters

SOURCE = '''"""Not this sentence, it is a docstring."""
log.info("timeout of %s is %.2f s", name, timeout)
raise IndexError(f"there is no page {number!r} in {book}")
print("took {0} of {total} places".format(1, total=2))
KEY = "short"
'''


def test_texts_are_found_with_their_placeholders() -> None:
    assert sorted(find_templates("a.py", SOURCE)) == [
        (2, "timeout of {} is {} s"),
        (3, "there is no page {} in {}"),
        (4, "took {} of {} places"),
    ]


@pytest.mark.parametrize(
    ("path", "source", "templates"),
    [
        ("a.py", 'x = ("cannot " + a.b + " be" f" opened {y!r:>{w}} now")', ["cannot {} be opened {} now"]),
        ("a.py", "print 'cannot open the till'", ["cannot open the till"]),
        ("a.py", 'L = ["first of the list", "second of the list"]', ["first of the list", "second of the list"]),
        (
            "a.js",
            'x(`cannot open ${a.map(b => `${b}`)} here`, "no " + name + " in the shop")',
            ["cannot open {} here", "no {} in the shop"],
        ),
        (
            "a.java",
            'f(String.format("Order %1$s has no %d lines", a)); log.warn("Could not send {}", a);',
            ["Order {} has no {} lines", "Could not send {}"],
        ),
        ("a.go", 'package a\nvar e = fmt.Errorf("cannot open %q: %w (%+v)", a, err)', ["cannot open {}: {} ({})"]),
        ("a.rb", 'raise "cannot open #{path.to_s} now"', ["cannot open {} now"]),
        ("a.rs", 'fn f() { panic!("index {} out of range {x:?}", i); }', ["index {} out of range {}"]),
        ("a.c", 'void f() { printf("took %" PRIu64 " seconds of " "time\\n", x); }', ["took {} seconds of time"]),
        ("a.cpp", 'void f() { cerr << "cannot open " << path << " for writing"; }', ["cannot open {} for writing"]),
        ("a.cs", 'class A { string s = $"Order {id:N2} has no lines"; }', ["Order {} has no lines"]),
        ("a.php", '<?php throw new E("Order $id of {$user->name} not found");', ["Order {} of {} not found"]),
        ("a.kt", 'fun f() { error("Order $id of ${user.name} not found") }', ["Order {} of {} not found"]),
        ("a.swift", 'func f() { fatalError("Order \\(id.x(1)) not found") }', ["Order {} not found"]),
        ("a.sh", 'echo "Cannot find $FILE in ${DIR}/x"', ["Cannot find {} in {}/x"]),
        ("a.lua", 'error("cannot open " .. path .. " for reading")', ["cannot open {} for reading"]),
        ("a.groovy", 'throw new Error("cannot find $order")', ["cannot find $order"]),
    ],
)
def test_texts_of_each_language_are_found_as_it_writes_them(path: str, source: str, templates: list[str]) -> None:
    assert [template for _, template in find_templates(path, source)] == templates


def test_a_text_of_several_lines_is_found_by_each_of_them() -> None:
    source = 'x = """cannot open the till\nplease call somebody"""\ny = "no order here\\nnor anywhere else"'
    assert find_templates("a.py", source) == [
        (1, "cannot open the till"),
        (2, "please call somebody"),
        (3, "no order here"),
        (4, "nor anywhere else"),
    ]


def test_comments_hold_no_texts() -> None:
    assert find_templates("a.js", '// log("cannot open the till")\n/* "nor this text here" */') == []


@pytest.mark.parametrize(
    ("template", "report", "is_found"),
    [
        ("timeout of {} is {} s", "INFO x: timeout of labels is 0.03 s", True),
        ("timeout of {} is {} s", "a s is timeout of", False),
        ("timeout of {} is {} s", "timeout of labels\nis 3 s", False),
        ("there is no page {}", "There is no page 3", False),
        ("{}{}", "anything", False),
    ],
)
def test_all_fixed_parts_must_stand_in_one_line_in_order(template: str, report: str, is_found: bool) -> None:
    assert fits(template, report) is is_found


def test_a_file_of_many_texts_is_capped() -> None:
    assert len(find_templates("a.py", "\n".join(f"print('a long enough text {n}')" for n in range(900)))) == MAX_PER_FILE


def test_only_letters_count_as_fixed_text() -> None:
    assert letters("a {} 1-2 bc") == 3

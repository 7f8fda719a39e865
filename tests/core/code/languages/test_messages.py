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


def test_texts_of_other_languages_and_of_broken_python_are_read_by_their_quotes() -> None:
    assert find_templates("a.js", "throw new Error(`no such order ${id} here`)") == [(1, "no such order {} here")]
    assert find_templates("a.py", "print 'cannot open the till'") == [(1, "cannot open the till")]


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

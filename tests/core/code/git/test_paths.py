"""Paths are any bytes in git, and plain text for whoever reads or asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahur_core.code.git.paths import git_path, is_below, parse_tree, shown_path, unquoted
from sahur_core.errors import InputError

NAME = st.binary(min_size=1, max_size=40).filter(lambda raw: not set(raw) & {0, ord("/")} and raw not in (b".", b".."))


@given(st.lists(NAME, min_size=1, max_size=4).map(b"/".join))
def test_every_path_can_be_shown_and_asked_for_again(raw: bytes) -> None:
    shown = shown_path(raw)
    assert shown.isprintable()
    assert git_path(shown).encode("utf-8", "surrogateescape") == raw
    assert shown.encode("utf-8").decode("utf-8") == shown, "no surrogates"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"src/a b.py", "src/a b.py"),
        ("größe.txt".encode(), "größe.txt"),
        (b"caf\xe9.txt", '"caf\\351.txt"'),
        (b"a\nb", '"a\\nb"'),
        (b'"quoted"', '"\\"quoted\\""'),
        (b"~root", '"~root"'),
        ("a\u202eb".encode(), '"a\\342\\200\\256b"'),
    ],
)
def test_odd_names_are_shown_in_gits_quotes(raw: bytes, shown: str) -> None:
    assert shown_path(raw) == shown
    assert unquoted(shown) == shown


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "~/x", "a\0b", '"../x"', '"/x"', '"a\\000b"', '"\\056\\056/x"', "x" * 5000]
)
def test_what_leads_out_is_refused_quoted_or_not(path: str) -> None:
    with pytest.raises(InputError, match="is not a path in the repository"):
        git_path(path)


def test_a_cut_listing_has_its_whole_entries() -> None:
    entries = parse_tree(b"100644 blob " + b"a" * 40 + b"\ta.py\x00100644 blo")
    assert [entry.path for entry in entries] == ["a.py"]


def test_everything_is_below_the_root() -> None:
    assert is_below("a/b", "")
    assert is_below("a/b", "a")
    assert not is_below("ab", "a")

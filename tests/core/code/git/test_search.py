"""Exact text and expressions in the files of a commit."""

from __future__ import annotations

from collections.abc import Callable

from sahur_core.code.git.repository import Repository
from sahur_core.code.git.search import grep
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]


def test_every_match_is_on_one_page(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {f"f{number}.py": "x = total\n" * 3 for number in range(5)})
    git = cloned().git
    pages = [grep(git, sha, "total", offset=offset, limit=4) for offset in (0, 4, 8, 12)]
    seen = [(match.path, match.line) for found in pages for match in found.matches]
    assert seen == [(f"f{number}.py", line) for number in range(5) for line in (1, 2, 3)]
    assert [found.has_more for found in pages] == [True, True, True, False]


def test_generated_and_binary_files_are_left_out_and_counted(origin: Origin, cloned: Clone) -> None:
    files: dict[str, str | bytes | None] = {"app.min.js": "total\ntotal\n", "logo.bin": b"total\0", "app.js": "total\n"}
    sha = origin.commit("First", files)
    git = cloned().git
    found = grep(git, sha, "total")
    assert ([match.path for match in found.matches], found.generated) == (["app.js"], 2)
    assert len(grep(git, sha, "total", path="app.min.js").matches) == 2


def test_case_and_words_count_where_it_is_asked(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {"a.py": "Total\nsubtotal\ntotal(\n"})
    git = cloned().git
    assert [match.line for match in grep(git, sha, "TOTAL(", ignore_case=True).matches] == [3]
    assert [match.line for match in grep(git, sha, "total", is_word=True).matches] == [3]


def test_odd_paths_and_bytes_are_found_where_they_are(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {'a\n"b".py': "needle \xff\n", "two words.py": "needle\n"})
    repository = cloned()
    found = grep(repository.git, sha, "needle").matches
    assert [match.path for match in found] == ['"a\\n\\"b\\".py"', "two words.py"]
    assert repository.read(sha, found[0].path).lines == ["needle ÿ"]


def test_a_line_of_five_megabytes_is_cut(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {"data.txt": "needle" + "x" * 5_000_000 + "\n"})
    (match,) = grep(cloned().git, sha, "needle").matches
    assert match.text.endswith("… [4,999,506 more characters]")


def test_too_much_to_look_through_is_said(origin: Origin, cloned: Clone) -> None:
    sha = origin.commit("First", {f"{number}.txt": ("needle " + "x" * 400 + "\n") * 900 for number in range(30)})
    found = grep(cloned().git, sha, "needle", limit=5)
    assert found.is_capped
    assert found.has_more

"""An index is complete or absent, parses each blob once, and puts source before tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.index import build as build_module
from sahur_core.code.index import parse_worker
from sahur_core.code.index.build import build_index, open_index
from sahur_core.errors import IndexNotReady
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]
FILES = {
    "shop/tax.py": "def round_tax(amount):\n    '''Round the tax of an invoice.'''\n    return amount\n",
    "shop/till.py": "class Till:\n    def open(self):\n        return 'till'\n",
    "tests/test_tax.py": "def test_round_tax_of_an_invoice():\n    round_tax('round tax invoice')\n",
    "web/cart.js": "export function addToCart(item) { return item }\n",
}


def _nothing(_: str) -> None:
    return None


def test_an_index_that_was_not_built_is_not_ready(tmp_path: Path) -> None:
    for commit in ("1" * 40, "../../x", ""):
        with pytest.raises(IndexNotReady) as error:
            open_index(tmp_path, commit)
        assert error.value.retryable


def test_search_finds_functions_and_lines_of_other_languages(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    sha = origin.commit("First", FILES)
    index = build_index(cloned(), "main", tmp_path, _nothing)
    best = index.search("rounded taxes on the invoice")[0]
    assert (index.commit, best.chunk.path, best.chunk.name, best.chunk.start) == (sha, "shop/tax.py", "round_tax", 1)
    assert [hit.chunk.path for hit in index.search("cart")] == ["web/cart.js"]
    assert index.search("") == index.search("nothing of that") == []
    assert len(index.search("round tax till cart", limit=2)) == 2


def test_escapes_for_half_characters_do_not_keep_a_repository_out(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    text = "def check(text):\n    'Refuse \\ud800.'\n    raise ValueError('half \\udfff of a \\x00 character was sent')\n"
    origin.commit("First", {"check.py": text})
    index = build_index(cloned(), "main", tmp_path, _nothing)
    assert [symbol.doc for symbol in index.symbols()] == ["Refuse \\ud800."]
    assert index.search("character was sent")[0].chunk.path == "check.py"


def test_tests_rank_below_the_source_they_test(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", FILES)
    hits = build_index(cloned(), "main", tmp_path, _nothing).search("round tax invoice")
    assert [hit.chunk.path for hit in hits] == ["shop/tax.py", "tests/test_tax.py"]


def test_symbols_are_found_by_path_and_name(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", FILES)
    index = build_index(cloned(), "main", tmp_path, _nothing)
    assert [symbol.name for symbol in index.symbols(path="shop/till.py")] == ["Till", "Till.open"]
    assert [symbol.path for symbol in index.symbols(name="open")] == ["shop/till.py"]
    assert [symbol.name for symbol in index.symbols(name="Till.open", path="shop")] == ["Till.open"]
    assert index.symbols(name="Other.open") == index.symbols(path="nothing.py") == []
    assert len(index.symbols()) == 5


def test_a_new_commit_only_parses_new_blobs(
    origin: Origin, cloned: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.commit("First", FILES)
    build_index(cloned(), "main", tmp_path, _nothing)
    parsed: list[str] = []
    original = parse_worker.parse_file
    monkeypatch.setattr(parse_worker, "parse_file", lambda path, data: parsed.append(path) or original(path, data))
    origin.git("mv", "shop/till.py", "shop/box.py")
    origin.commit("Second", {"shop/tax.py": "def new_tax(): ...\n"})
    index = build_index(cloned(), "main", tmp_path, _nothing)
    assert parsed == ["shop/tax.py"]
    assert {symbol.path for symbol in index.symbols(name="Till")} == {"shop/box.py"}
    assert index.symbols(name="round_tax") == []


def test_the_same_bytes_under_another_suffix_are_read_by_their_own_language(
    origin: Origin, cloned: Clone, tmp_path: Path
) -> None:
    origin.commit("First", {"a.py": "def f(): ...\n", "a.txt": "def f(): ...\n"})
    assert [symbol.path for symbol in build_index(cloned(), "main", tmp_path, _nothing).symbols(name="f")] == ["a.py"]


def test_generated_vendored_binary_and_huge_files_are_left_out(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    (origin.path / "link.py").symlink_to("a.py")
    left_out = {"node_modules/x.js": "needle", "x.min.js": "needle", "big.py": "needle\n" * 100_000, "poetry.lock": "needle"}
    origin.commit("First", {"a.py": "needle = 1\n", "b.bin": b"needle\0" + os.urandom(50), **left_out})
    index = build_index(cloned(), "main", tmp_path, _nothing)
    assert {hit.chunk.path for hit in index.search("needle", limit=99)} == {"a.py"}


def test_a_repository_without_text_has_an_empty_index(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", {"a.bin": b"\0\1"})
    index = build_index(cloned(), "main", tmp_path, _nothing)
    assert (index.search("a"), index.symbols()) == ([], [])


def test_an_index_of_another_format_is_built_anew(
    origin: Origin, cloned: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = origin.commit("First", FILES)
    build_index(cloned(), "main", tmp_path, _nothing)
    monkeypatch.setattr(build_module, "FORMAT", 999)
    with pytest.raises(IndexNotReady):
        open_index(tmp_path, sha)
    build_index(cloned(), "main", tmp_path, _nothing)
    assert open_index(tmp_path, sha).symbols(name="Till")


def test_a_half_written_index_is_no_index(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    sha = origin.commit("First", FILES)
    half = tmp_path / "index" / str(build_module.FORMAT) / "commits" / f"{sha}.new"
    half.mkdir(parents=True)
    (half / "keys.npy").write_text("{")
    with pytest.raises(IndexNotReady):
        open_index(tmp_path, sha)
    assert build_index(cloned(), "main", tmp_path, _nothing).symbols(name="Till")


def test_only_arrays_are_stored(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", FILES)
    build_index(cloned(), "main", tmp_path, _nothing)
    stored = [path for path in (tmp_path / "index").rglob("*") if path.is_file()]
    assert {path.suffix for path in stored} == {".npy"}
    for path in stored:
        np.load(path, allow_pickle=False)

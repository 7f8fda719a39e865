"""Segments and postings: what is merged answers as what was never apart, and a crash of a parser costs little."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.index import build as build_module
from sahur_core.code.index import parse_worker, store
from sahur_core.code.index.build import build_index, open_index, prune
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.index.terms import Vocabulary, token_terms
from sahur_core.errors import IndexNotReady
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]


def _nothing(_: str) -> None:
    return None


def _answers(index: CodeIndex) -> tuple[object, ...]:
    hits = [[(hit.chunk, hit.score) for hit in index.search(query, 20)] for query in ("tax invoice", "open the till", "file 7")]
    past = [index.history.commit(place).summary for place in range(len(index.history))]
    return index.paths, sorted((s.path, s.name, s.start) for s in index.symbols()), hits, sorted(index.templates), past


def test_many_small_commits_answer_as_one_build_from_nothing(
    origin: Origin, cloned: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_PARTS", 3)
    for number in range(7):
        text = f"def tax_{number}(invoice):\n    raise ValueError('no tax for invoice number {number}')\n"
        origin.commit(f"File {number}", {f"shop/file{number}.py": text, "till.py": f"def open():\n    return {number}\n"})
        build_index(cloned(), "main", tmp_path / "steps", _nothing)
    grown = build_index(cloned(), "main", tmp_path / "steps", _nothing)
    afresh = build_index(cloned(), "main", tmp_path / "afresh", _nothing)
    assert len(list((tmp_path / "steps" / "index" / str(build_module.FORMAT) / "segments").iterdir())) <= 4
    assert _answers(grown) == _answers(afresh)


def test_a_merge_that_was_killed_before_it_removed_its_parts_changes_no_answer(
    origin: Origin, cloned: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_PARTS", 2)
    for number in range(4):
        origin.commit(f"File {number}", {f"file{number}.py": f"def tax_{number}(invoice): ...\n"})
        build_index(cloned(), "main", tmp_path, _nothing)
    before = _answers(build_index(cloned(), "main", tmp_path, _nothing))
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    segments = build_module._segments(tmp_path)
    segments.tidy()
    monkeypatch.undo()
    assert _answers(open_index(tmp_path, origin.git("rev-parse", "HEAD"))) == before
    segments.tidy()
    assert _answers(open_index(tmp_path, origin.git("rev-parse", "HEAD"))) == before


def test_a_parser_that_crashes_costs_the_definitions_of_a_batch_only(
    origin: Origin, cloned: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.commit(
        "First", {f"a{number}.py": f"def tax_{number}(): ...\n" for number in range(8)} | {"crash.py": "def x(): ...\n"}
    )
    crashing = (
        "import os; from sahur_core.code.index import parsing; parse = parsing.parse_file;"
        "parsing.parse_file = lambda path, data: os.abort() if path == 'crash.py' else parse(path, data);"
        "from sahur_core.code.index import parse_worker; parse_worker.BATCH = 1; parse_worker._main()"
    )
    monkeypatch.setattr(parse_worker, "WORKER", (sys.executable, "-c", crashing))
    monkeypatch.setattr(parse_worker, "BATCH", 1)
    monkeypatch.setattr(build_module, "MANY_FILES", 4)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    index = build_index(cloned(), "main", tmp_path, _nothing)
    assert {symbol.path for symbol in index.symbols()} >= {"a0.py", "a7.py"}
    assert index.symbols("crash.py") == []
    assert index.search("x", 1) == [] or index.search("x", 1)[0].chunk.path == "crash.py"


def test_what_only_forgotten_commits_had_is_forgotten(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    first = origin.commit("First", {"a.py": "def tax(): ...\n"})
    second = origin.commit("Second", {"b.py": "def till(): ...\n"})
    for sha in (first, second):
        build_index(cloned(), sha, tmp_path, _nothing)
    prune(tmp_path, {second})
    assert open_index(tmp_path, second).symbols(name="till")
    assert [folder.name for folder in build_module._place(tmp_path, second).parent.iterdir()] == [second]


def test_the_terms_of_a_token_are_its_stems_and_itself_as_a_whole() -> None:
    assert token_terms("MaskedColumns") == ("mask", "column", "=MaskedColumns")
    assert token_terms("the") == ()
    assert token_terms("x" * 200) == ()
    vocabulary = Vocabulary()
    assert list(vocabulary.encode("tax Tax tax")) == [0, 1, 0]
    numbers, starts, members = vocabulary.terms()
    assert len(numbers) == len(np.unique(numbers)) == 2
    assert [members[starts[t] : starts[t + 1]].tolist() for t in (0, 1)] == [[0], [0, 1]]


@pytest.mark.parametrize(
    "damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"x" * 300)]
)
@pytest.mark.parametrize("where", ["commits", "segments", "history"])
def test_a_damaged_index_is_told_and_built_again(
    where: str, damage: Callable[[Path], object], origin: Origin, cloned: Clone, tmp_path: Path
) -> None:
    sha = origin.commit("First", {"a.py": "def tax(): ...\n"})
    build_index(cloned(), sha, tmp_path, _nothing)
    damage(next((tmp_path / "index" / str(build_module.FORMAT) / where).rglob("keys.npy")))
    with pytest.raises(IndexNotReady):
        open_index(tmp_path, sha)
    assert build_index(cloned(), sha, tmp_path, _nothing).symbols(name="tax")

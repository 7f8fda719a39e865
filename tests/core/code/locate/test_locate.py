"""From a report to the file, the function and the commit behind it, with reasons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sahur.embedded.sample import build as build_sample
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index, open_index
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.locate.locate import locate
from sahur_core.code.prepare import prepare
from sahur_core.code.records import Location
from sahur_core.errors import RepositoryTimeout
from tests.core.code.conftest import Origin
from tests.fakes.repositories import STORIES, build

Clone = Callable[[], Repository]
Opened = tuple[Repository, CodeIndex]


def _open(source: Path, store: Path) -> Opened:
    commit = prepare(str(source), store, "", lambda _: None)
    return Repository.open(store), open_index(store, commit)


def _indexed(repository: Repository, store: Path) -> Opened:
    return repository, build_index(repository, "main", store, lambda _: None)


@pytest.mark.parametrize("name", [name for name, story in STORIES.items() if story.file])
def test_the_commit_behind_each_bug_comes_first_and_its_function_among_the_first_two(name: str, tmp_path: Path) -> None:
    case = build(name, tmp_path)
    location = locate(*_open(case.path, tmp_path / "store"), case.body, case.title)
    assert location.commits[0].commit.sha == case.commit
    assert case.function in [function.name for function in location.functions[:2]]
    assert case.file in [file.path for file in location.files[:2]]
    assert all(suspect.reasons for suspect in [*location.files, *location.functions, *location.commits])


def test_the_bug_of_the_sample_is_found(tmp_path: Path) -> None:
    sample = build_sample(tmp_path / "sample")
    location = locate(*_open(sample.path, tmp_path / "store"), sample.body, sample.title)
    assert (location.functions[0].path, location.functions[0].name) == ("shop/catalog.py", "Catalog.find")
    assert location.commits[0].commit.summary == "Let the scanner in the store order by barcode"
    assert any("makes `article`" in reason for reason in location.functions[0].reasons)


def test_a_report_without_a_cause_in_the_code_has_no_anchor(tmp_path: Path) -> None:
    fits = {}
    for name in ("digest", "stock"):
        case = build(name, tmp_path)
        location = locate(*_open(case.path, tmp_path / f"store-{name}"), case.body, case.title)
        assert not location.has_anchor
        fits[name] = location.word_fit
    assert fits["digest"] < 0.1 < 0.3 < fits["stock"]


@pytest.mark.parametrize(
    "report",
    ["", " \n", "\0\1\2", "zzz", "🙂" * 1000, "(" * 10_000, "`" * 9999, "a.py:" * 5000, 'File "x", line 99999999999', "%s {} %d"],
)
def test_odd_reports_locate_nothing_and_break_nothing(report: str, origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", {"shop.py": "def total():\n    return 1\n"})
    location = locate(*_indexed(cloned(), tmp_path), report, report[:200])
    assert (location.files, location.functions, location.commits, location.has_anchor) == ([], [], [], False)


def test_a_location_is_json(tmp_path: Path) -> None:
    case = build("meter", tmp_path)
    location = locate(*_open(case.path, tmp_path / "store"), case.body, case.title)
    assert Location.model_validate(location.to_json()) == location


def test_the_order_is_the_same_every_time(tmp_path: Path) -> None:
    case = build("booking", tmp_path)
    opened = _open(case.path, tmp_path / "store")
    assert locate(*opened, case.body, case.title) == locate(*opened, case.body, case.title)


def test_the_limit_holds_for_each_list(tmp_path: Path) -> None:
    case = build("courier", tmp_path)
    location = locate(*_open(case.path, tmp_path / "store"), case.body, case.title, limit=2)
    assert [len(location.files), len(location.functions), len(location.commits)] == [2, 2, 2]


def test_a_named_definition_is_an_anchor(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", {"a.py": "def parse_rate(text): ...\n", "b.py": "def show(rate): ...\n"})
    location = locate(*_indexed(cloned(), tmp_path), "I think that parse_rate rounds wrongly")
    assert location.has_anchor
    assert location.functions[0].name == "parse_rate"
    assert "defines `parse_rate`, which the report names" in location.functions[0].reasons


def test_a_line_of_a_file_in_the_text_points_to_its_function(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", {"shop/a.py": "def f():\n    pass\n\ndef g():\n    pass\n", "shop/b.py": "def h(): ...\n"})
    location = locate(*_indexed(cloned(), tmp_path), "look at shop/a.py:5 please")
    assert (location.files[0].path, location.functions[0].name) == ("shop/a.py", "g")


def test_a_frame_is_followed_by_name_where_the_deployed_lines_differ(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", {"shop/a.py": "def f():\n    return 1\n\n\ndef g():\n    return 2\n", "shop/b.py": "x = 1\n"})
    report = 'Traceback (most recent call last):\n  File "/srv/shop/a.py", line 2, in g\n    boom()\nValueError: no'
    assert locate(*_indexed(cloned(), tmp_path), report).functions[0].name == "g"


def test_other_languages_are_located_by_their_frames(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    lines = [f"export const c{number} = {number};" for number in range(100)]
    origin.commit("First", {"src/cart.js": "\n".join(lines)})
    sha = origin.commit("Second", {"src/cart.js": "\n".join([*lines[:49], "throw new Error('no');", *lines[50:]])})
    location = locate(*_indexed(cloned(), tmp_path), "Error: no\n    at total (/srv/app/src/cart.js:50:7)\n")
    assert location.files[0].path == "src/cart.js"
    assert location.commits[0].commit.sha == sha


def test_commits_after_the_report_are_not_suspected(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("First", {"a.py": "def other(): ...\n"})
    before = origin.commit("Add rates", {"a.py": "def parse_rate(text):\n    return 1\n"})
    after = origin.commit("Change rates", {"a.py": "def parse_rate(text):\n    return 2\n"})
    reported_at = datetime(2026, 1, 2, 12, tzinfo=UTC)
    location = locate(*_indexed(cloned(), tmp_path), "parse_rate is wrong since yesterday", reported_at=reported_at)
    suspected = [suspicion.commit.sha for suspicion in location.commits]
    assert suspected[0] == before
    assert after not in suspected


def test_tests_are_suspected_last(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    code = "def parse_rate(text):\n    return float(text)\n"
    origin.commit("First", {"shop/rates.py": code, "tests/test_rates.py": code + "\n\ndef test_parse_rate(): ...\n"})
    location = locate(*_indexed(cloned(), tmp_path), "parse_rate of a test fails")
    assert [file.path for file in location.files] == ["shop/rates.py", "tests/test_rates.py"]


def test_history_that_takes_too_long_is_named_and_the_rest_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = build("meter", tmp_path)
    repository, index = _open(case.path, tmp_path / "store")

    def too_slow(*_: object, **__: object) -> None:
        raise RepositoryTimeout("git log took longer than 10 seconds.")

    monkeypatch.setattr(Repository, "log_patches", too_slow)
    location = locate(repository, index, case.body, case.title)
    assert location.functions[0].name == case.function
    assert location.commits[0].commit.sha == case.commit  # by the files that the last commits touched
    assert any("git took too long to show what changed in the suspect files" in note for note in location.notes)

"""Whatever a repository or a report is like: a clear answer, the same every time."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sahur_core.code.git.clone import clone_or_update
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.locate.locate import locate
from sahur_core.code.opening import open_repository
from sahur_core.code.records import Location
from sahur_core.errors import RepositoryEmpty
from tests.core.code.conftest import Origin
from tests.core.code.histories import LINK, SUBMODULE, Content, Step, open_history

Clone = Callable[[], Repository]
REPORT = "parse_rate rounds the rate of taxes wrongly"
SHOP: dict[str, Content] = {
    "shop/rates.py": "def parse_rate(text):\n    return round(float(text), 2)\n",
    "shop/total.py": "from shop.rates import parse_rate\n\n\ndef show_total(text):\n    print(parse_rate(text))\n",
    "shop/stock.py": "def reserve(article):\n    return article\n",
}


def _ask(repository: Repository, directory: Path, commit: str = "", report: str = REPORT, title: str = "") -> Location:
    return locate(repository, build_index(repository, commit, directory, lambda _: None), report, title)


def _asked(directory: Path, steps: list[Step], report: str = REPORT) -> Location:
    repository, shas = open_history(directory, steps)
    return _ask(repository, directory, shas[-1], report)


# ---- odd histories


def test_a_renamed_file_keeps_its_past(tmp_path: Path) -> None:
    rates = str(SHOP["shop/rates.py"])
    later = {"tax/rates.py": rates.replace(", 2)", ", 1)"), "shop/rates.py": None}
    steps = [Step("Start", SHOP), Step("Fewer cents", {"shop/rates.py": ("2)", "1)")}), Step("Move the rates", later)]
    location = _asked(tmp_path, [*steps, Step("Greet", {"shop/stock.py": ("return article", "return [article]")})])
    assert location.files[0].path == "tax/rates.py"
    suspected = {found.commit.summary: found for found in location.commits}
    assert "tax/rates.py:parse_rate" in suspected["Fewer cents"].touches
    assert location.commits[0].commit.summary == "Fewer cents"


def test_a_moved_function_is_found_where_it_is_now(tmp_path: Path) -> None:
    moved = {"shop/rates.py": "LOW = 1\n", "shop/stock.py": f"{SHOP['shop/stock.py']}\n\n{SHOP['shop/rates.py']}"}
    location = _asked(tmp_path, [Step("Start", SHOP), Step("Put the rates beside the stock", moved)])
    assert [(function.path, function.name) for function in location.functions[:1]] == [("shop/stock.py", "parse_rate")]
    assert location.commits[0].commit.summary == "Put the rates beside the stock"


def test_an_empty_repository_is_said_to_be_empty(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    with pytest.raises(RepositoryEmpty, match="no commit"):
        cloned()
    repository, _ = open_history(tmp_path / "other", [])
    with pytest.raises(RepositoryEmpty, match="no commit"):
        _ask(repository, tmp_path / "other")


def test_a_commit_without_files_locates_nothing(tmp_path: Path) -> None:
    location = _asked(tmp_path, [Step("Start", {"a.py": "x = 1\n"}), Step("Remove everything", {"a.py": None})])
    assert (location.files, location.functions, location.has_anchor) == ([], [], False)


def test_a_shallow_clone_is_located_in_and_said_to_be_cut_off(origin: Origin, tmp_path: Path) -> None:
    for number in range(5):
        origin.commit(f"Change {number}", {**SHOP, "shop/stock.py": f"X = {number}\n"})  # type: ignore[dict-item]
    shallow = tmp_path / "shallow"
    origin.git("clone", "--quiet", "--depth=2", f"file://{origin.path}", str(shallow))
    opened = open_repository(str(shallow), "", tmp_path / "cache", lambda _: None)
    location = _ask(opened.repository, opened.directory, opened.commit)
    assert location.files[0].path.startswith("shop/")
    assert any("shallow" in note for note in opened.notes)


def test_after_a_forced_push_the_new_history_is_told(origin: Origin, cloned: Clone, tmp_path: Path) -> None:
    origin.commit("Start", SHOP)  # type: ignore[arg-type]
    old = origin.commit("Round up", {"shop/rates.py": "def parse_rate(text):\n    return float(text) + 1\n"})
    store = tmp_path / "store"
    assert old in [found.commit.sha for found in _ask(cloned(), store).commits]
    origin.git("reset", "--quiet", "--hard", "HEAD~1")
    new = origin.commit("Round down", {"shop/rates.py": "def parse_rate(text):\n    return float(text) - 1\n"})
    suspected = [found.commit.sha for found in _ask(cloned(), store).commits]
    assert new in suspected
    assert old not in suspected


# ---- odd files


ODD: dict[str, tuple[dict[str, Content], dict[str, str]]] = {
    "line ends of Windows": ({"shop/rates.py": str(SHOP["shop/rates.py"]).replace("\n", "\r\n")}, {}),
    "a line of 5 MB": ({"shop/blob.py": "x = '" + "ab " * 1_700_000 + "'\n"}, {}),
    "5 MB on one line of a script": ({"web/bundle.js": "a=1;" * 1_300_000}, {}),
    "invalid UTF-8": ({"shop/latin.py": b"# Stra\xdfe\ndef caf\xe9_rate(): pass\n", "shop/x.py": b"\xff\xfe\xfd = \x80"}, {}),
    "NUL bytes": ({"shop/nul.py": b"def a():\n    pass\n\0\0\0", "shop/late.py": b"x = 1\n" * 2000 + b"\0"}, {}),
    "a loop of links": ({"a": "b", "b": "a", "shop/self": "../shop"}, {"a": LINK, "b": LINK, "shop/self": LINK}),
    "submodules": ({"vendor/lib": "1" * 40}, {"vendor/lib": SUBMODULE}),
    "names with line breaks and quotes": (
        {'shop/a\nb "c" \\d.py': "def parse_rate(text): ...\n", "shop/ä 'ö'.py": "x = 1\n"},
        {},
    ),
    "code that no parser accepts": ({"shop/bad.py": "def (((:\n  class\n" * 50, "shop/deep.py": "(" * 5000}, {}),
    "empty files": ({"shop/none.py": "", "shop/blank.py": "\n\n\n", "shop/.py": "x"}, {}),
}


@pytest.mark.parametrize("what", list(ODD))
def test_odd_files_break_nothing_and_leave_the_answer(what: str, tmp_path: Path) -> None:
    files, modes = ODD[what]
    steps = [
        Step("Start", SHOP),
        Step("Odd", files, modes=modes),
        Step("Stock", {"shop/stock.py": ("return article", "return 1")}),
    ]
    location = _asked(tmp_path, steps)
    assert "shop/rates.py" in [file.path for file in location.files[:2]]
    assert "parse_rate" in [function.name for function in location.functions[:2]]


@pytest.mark.full
def test_ten_thousand_tiny_files_are_searched(tmp_path: Path) -> None:
    many: dict[str, Content] = {f"gen/part{number % 100}/file{number}.txt": f"tiny {number}\n" for number in range(10_000)}
    location = _asked(tmp_path, [Step("Start", {**many, **SHOP})])
    assert location.files[0].path == "shop/rates.py"


# ---- odd reports


REPORTS = {
    "empty": "",
    "blank": " \n\t ",
    "a megabyte": "the rate of taxes is wrong in parse_rate\n" * 26_000,
    "a megabyte without a space": "parse_rate" * 105_000,
    "emoji": "🔥😱" * 500,
    "control characters": "".join(map(chr, range(32))) * 100,
    "brackets": "([{<`'\"" * 20_000,
    "frames without end": 'Traceback (most recent call last):\n  File "shop/rates.py", line 2, in parse_rate\n' * 3000,
    "lone surrogates": "parse_rate \ud800 \udfff",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, CodeIndex]:
    directory = tmp_path_factory.mktemp("shop")
    repository, shas = open_history(
        directory, [Step("Start", SHOP), Step("Show", {"shop/total.py": ("print(", "print('total', ")})]
    )
    return repository, build_index(repository, shas[-1], directory, lambda _: None)


@pytest.mark.parametrize("what", list(REPORTS))
def test_odd_reports_are_answered(what: str, shop: tuple[Repository, CodeIndex]) -> None:
    location = locate(*shop, REPORTS[what], REPORTS[what][:300])
    names_it = "parse_rate" in REPORTS[what].split() or "frames" in what
    assert location.has_anchor == names_it
    assert not names_it or location.functions[0].name == "parse_rate"
    assert Location.model_validate(location.to_json()) == location


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(report=st.text(max_size=400), title=st.text(max_size=80))
def test_any_text_is_answered_the_same_twice(report: str, title: str, shop: tuple[Repository, CodeIndex]) -> None:
    assert locate(*shop, report, title) == locate(*shop, report, title)


def test_an_unrelated_file_leaves_the_first_three_in_order(tmp_path: Path) -> None:
    steps = [
        Step("Start", {**SHOP, **{f"shop/part{number}.py": f"def part{number}(rate):\n    return rate\n" for number in range(6)}})
    ]
    before = _asked(tmp_path / "before", steps)
    rnd = random.Random(5)
    for number in range(3):
        words = " ".join("".join(rnd.choices("bcdfgklmnpqr", k=7)) for _ in range(40))
        after = _asked(tmp_path / f"after{number}", [*steps, Step("More", {f"lib/other{number}.py": f"# {words}\n"})])
        assert [file.path for file in after.files[:3]] == [file.path for file in before.files[:3]]
        assert [function.name for function in after.functions[:3]] == [function.name for function in before.functions[:3]]


def test_clones_of_the_same_commits_answer_alike(origin: Origin, tmp_path: Path) -> None:
    origin.commit("Start", SHOP)  # type: ignore[arg-type]
    answers = []
    for name in ("one", "two"):
        clone_or_update(str(origin.path), tmp_path / name, lambda _: None)
        answers.append(_ask(Repository.open(tmp_path / name), tmp_path / name))
    assert answers[0] == answers[1]

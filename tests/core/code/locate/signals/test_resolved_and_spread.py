"""What a report's names lead to, and what stands one step from the likely files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.code.locate.case import Case
from sahur_core.code.locate.report import Report
from sahur_core.code.locate.signals import Signal
from sahur_core.code.locate.signals.all import all_signals
from tests.core.code.conftest import Origin

FILES: dict[str, str | bytes | None] = {
    "shop/__init__.py": "from shop.till import Till\nfrom .receipt import write_receipt\n",
    "shop/drawer.py": "class Drawer:\n    def count(self):\n        return len(self.coins)\n",
    "shop/till.py": "from shop.drawer import Drawer\n\n\nclass Till(Drawer):\n    def close(self):\n        self.count()\n",
    "shop/receipt.py": "from shop.layout import pad\n\n\ndef write_receipt(till):\n    return pad(till)\n",
    "shop/layout.py": "def pad(text):\n    return text.ljust(40)\n",
    "shop/weather.py": "def forecast():\n    return 'rain'\n",
}


@pytest.fixture
def ask(origin: Origin, cloned: Callable[[], Repository], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Answers]:
    origin.commit("Open the shop", FILES)
    origin.commit(
        "Receipts are padded",
        {
            "shop/layout.py": "def pad(text):\n    return text.rjust(40)\n",
            "tests/test_receipt.py": "def test_receipt_is_written(): ...\n",
        },
    )
    repository = cloned()
    index = build_index(repository, "main", tmp_path_factory.mktemp("index"), lambda _: None)

    def answers(text: str) -> Answers:
        return Answers(Case(index, Report.read(text)))

    return answers


class Answers:
    """The signals of a report, by path."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._signals: dict[str, Signal] = {signal.name: signal for signal in all_signals(case)}

    def files(self, name: str) -> dict[str, str]:
        """Those that a signal speaks for, with its reasons, the greatest value first."""
        signal = self._signals[name]
        places = sorted(
            (place for place in range(len(self._case.files)) if signal.values[place] > 0), key=lambda p: -signal.values[p]
        )
        return {self._case.index.paths[int(self._case.files[place])]: signal.explain(place) for place in places}


def test_a_name_taken_from_the_package_leads_to_the_file_that_defines_it(ask: Callable[[str], Answers]) -> None:
    found = ask("Wrong receipt\n\n```python\nimport shop as s\ns.write_receipt(till)\n```\n").files("resolved")
    assert list(found) == ["shop/receipt.py"]
    assert "`write_receipt`" in found["shop/receipt.py"]


def test_a_method_leads_to_the_base_class_that_defines_it(ask: Callable[[str], Answers]) -> None:
    answers = ask("Coins are missing\n\n```python\nfrom shop import Till\nmine = Till()\nmine.count()\n```\n")
    assert list(answers.files("resolved_method")) == ["shop/drawer.py"]
    assert list(answers.files("resolved_base")) == ["shop/drawer.py"]


def test_the_title_counts_apart(ask: Callable[[str], Answers]) -> None:
    assert list(ask("Till() cannot be closed").files("resolved_title")) == ["shop/till.py"]
    assert not ask("It cannot be closed\n\n`Till()`").files("resolved_title")


def test_a_class_that_the_report_extends_counts_with_the_methods_that_it_writes_anew(ask: Callable[[str], Answers]) -> None:
    answers = ask("Own tills\n\n```python\nclass Mine(Till):\n    def count(self):\n        return 0\n```\n")
    assert list(answers.files("resolved")) == ["shop/till.py"]
    assert list(answers.files("resolved_method")) == ["shop/drawer.py"]


def test_bases_that_extend_each_other_end(
    origin: Origin, cloned: Callable[[], Repository], tmp_path_factory: pytest.TempPathFactory
) -> None:
    origin.commit(
        "Two circles", {"a.py": "from b import B\nclass A(B):\n    pass\n", "b.py": "from a import A\nclass B(A):\n    pass\n"}
    )
    index = build_index(cloned(), "main", tmp_path_factory.mktemp("circle"), lambda _: None)
    assert list(Answers(Case(index, Report.read("A.run() is never found"))).files("resolved")) == ["a.py"]


def test_a_file_that_the_likely_one_imports_is_told_with_its_importer(ask: Callable[[str], Answers]) -> None:
    found = ask("write_receipt writes a wrong receipt").files("spread_imports")
    assert found["shop/layout.py"] == "imported by shop/receipt.py, which the report fits"
    assert "shop/weather.py" not in found


def test_what_changed_together_with_a_test_that_speaks_of_the_report(ask: Callable[[str], Answers]) -> None:
    found = ask("The receipt is not written").files("changed_with_tests")
    assert found == {"shop/layout.py": "changed together with tests/test_receipt.py, which speaks the report's words"}

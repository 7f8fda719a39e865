"""A small shop in several languages, and the look that the function ranker has at it."""

from __future__ import annotations

import pytest

from sahur_core.code.git.command import Git
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.code.index.index import CodeIndex
from sahur_core.code.locate.files import score_files
from sahur_core.code.locate.functions.callers import find_calls
from sahur_core.code.locate.functions.candidates import Field
from sahur_core.code.locate.functions.ranking import first_look, rank_functions
from sahur_core.code.locate.functions.reading import read_code, reading_signals
from sahur_core.code.locate.locate import examine
from sahur_core.code.locate.signals import Signal
from sahur_core.code.records import SuspectFunction
from tests.core.code.conftest import Origin

TILL = '''
class Drawer:
    def count(self):
        """How many coins there are."""
        return sum(self.coins)


class Till(Drawer):
    def __init__(self, currency="EUR"):
        self.currency = currency

    @property
    def balance(self):
        return self._balance

    @balance.setter
    def balance(self, value):
        self._balance = value

    def close(self, at=None, force=False):
        if not self.coins:
            raise EmptyTill(f"the till {self.name} holds no coins at all")
        def inner():
            return 1
        return write_receipt(self, inner(), style="narrow")


class BigTill(Till):
    def sort(self):
        return sorted(self.coins)
'''
RECEIPT = '''
from shop.till import Till

def write_receipt(till, lines, style):
    """Print what was paid."""
    return pad_columns(lines) + style

def pad_columns(lines):
    return [line.ljust(40) for line in lines]

def unused():
    return None
'''
ORDER_GO = """
package order

type Order struct{ items []Item }

func (o *Order) Total(rate float64, rounding bool) float64 {
	return sum(o.items) * rate
}
"""
CART_TS = """
export class Cart {
  add(item: Item, amount: number = 1): void {
    if (amount < 1) { throw new RangeError("an amount is at least one"); }
    this.notify(item);
  }
  notify(item: Item) { this.listeners.forEach(l => l(item)); }
}
"""
FILES = {"shop/till.py": TILL, "shop/receipt.py": RECEIPT, "order/order.go": ORDER_GO, "web/cart.ts": CART_TS}


class Shop:
    """The repository and its index; `look` gives signals by name."""

    def __init__(self, repository: Repository, index: CodeIndex) -> None:
        self.repository, self.index = repository, index

    def field(self, text: str) -> Field:
        case = examine(self.repository, self.index, text).case
        return Field(case, score_files(case).scores)

    def look(self, text: str) -> Look:
        examined = examine(self.repository, self.index, text)
        field = Field(examined.case, score_files(examined.case).scores)
        codes = read_code(self.repository, field, range(len(field)))
        signals = [*first_look(field, examined.board), *reading_signals(field, codes)]
        return Look(field, {signal.name: signal for signal in signals}, find_calls(field, codes))

    def rank(self, text: str, limit: int = 10) -> list[SuspectFunction]:
        examined = examine(self.repository, self.index, text)
        return rank_functions(self.repository, examined.case, score_files(examined.case).scores, examined.board, limit)


class Look:
    """Values and reasons by the names of signal and function."""

    def __init__(self, field: Field, signals: dict[str, Signal], calls: dict[int, set[int]]) -> None:
        self.field, self.signals = field, signals
        self._names = [candidate.name for candidate in field.candidates]
        self.calls = {self._names[caller]: {self._names[n] for n in called} for caller, called in calls.items()}

    def value(self, signal: str, function: str) -> float:
        return float(self.signals[signal].values[self._names.index(function)])

    def reason(self, signal: str, function: str) -> str:
        return self.signals[signal].explain(self._names.index(function))

    def best(self, signal: str) -> set[str]:
        """The functions with the greatest value."""
        values = self.signals[signal].values
        return {name for name, value in zip(self._names, values, strict=True) if value == values.max() > 0}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    origin = Origin(folder / "origin")
    origin.commit("First", dict(FILES))
    repository = Repository(Git(folder / "origin" / ".git"))
    return Shop(repository, build_index(repository, "main", folder, lambda _: None))

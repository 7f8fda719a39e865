"""Where a name is used in a commit, and what bears it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sahur_core.code.git.references import find_references
from sahur_core.code.git.repository import Repository
from sahur_core.errors import InputError
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]
FILES: dict[str, str | bytes | None] = {
    "shop/cart.py": "class Cart:\n    def total(self):\n        return 1\n",
    "shop/views.py": "from shop.cart import Cart\n\n# the total is shown\ndef view(cart):\n    return cart.total()\n",
    "shop/report.py": "class Report:\n    def total(self):\n        return subtotal\n",
    "web/app.js": "function show(cart) {\n  return cart.total();\n}\n",
    "notes.txt": "The total of a cart.\n",
}


def _uses(repository: Repository, name: str, **options: object) -> list[tuple[str, int, str]]:
    found = find_references(repository, "main", name, **options)  # type: ignore[arg-type]
    return [(use.path, use.line, use.kind) for use in found.references]


def test_uses_are_told_apart_by_syntax_in_each_language(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", FILES)
    assert _uses(cloned(), "Cart.total") == [
        ("notes.txt", 1, "text"),
        ("shop/cart.py", 2, "definition"),
        ("shop/report.py", 2, "definition"),
        ("shop/views.py", 5, "call"),
        ("web/app.js", 2, "call"),
    ]


def test_all_definitions_of_the_bare_name_are_shown(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", FILES)
    found = find_references(cloned(), "main", "total")
    assert [(each.path, each.name, each.start, each.end) for each in found.definitions] == [
        ("shop/cart.py", "Cart.total", 2, 3),
        ("shop/report.py", "Report.total", 2, 3),
    ]


def test_a_path_narrows_it_and_pages_hold_everything_once(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", FILES)
    repository = cloned()
    assert _uses(repository, "Cart", path="shop/views.py") == [("shop/views.py", 1, "import")]
    pages = [find_references(repository, "main", "total", offset=offset, limit=2) for offset in (0, 2, 4)]
    assert [(len(page.references), page.has_more) for page in pages] == [(2, True), (2, True), (1, False)]


def test_a_name_is_needed(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", FILES)
    with pytest.raises(InputError, match="References of which name"):
        find_references(cloned(), "main", "")


def test_a_name_that_nobody_uses_has_no_references(origin: Origin, cloned: Clone) -> None:
    origin.commit("First", FILES)
    assert _uses(cloned(), "totals") == []

"""Imports are resolved to files by the customs of their language; what is ambiguous or foreign names nobody."""

from __future__ import annotations

import numpy as np
import pytest

from sahur_core.code.index.import_graph import ImportedName, ImportGraph

PATHS = [
    "src/shop/__init__.py",
    "src/shop/till.py",
    "src/shop/tax/__init__.py",
    "src/shop/tax/rates.py",
    "web/src/cart.ts",
    "web/src/api/index.ts",
    "server/com/shop/Order.java",
    "server/com/shop/Main.java",
    "cmd/main.go",
    "pkg/till/till.go",
    "pkg/till/open.go",
]


@pytest.mark.parametrize(
    ("path", "module", "name", "expected"),
    [
        ("src/shop/till.py", "shop.tax.rates", "round_tax", ["src/shop/tax/rates.py"]),
        ("src/shop/till.py", ".tax", "rates", ["src/shop/tax/__init__.py", "src/shop/tax/rates.py"]),
        ("src/shop/tax/rates.py", "..till", "Till", ["src/shop/till.py"]),
        ("src/shop/till.py", "os.path", "join", []),
        ("web/src/cart.ts", "./api", "get", ["web/src/api/index.ts"]),
        ("web/src/api/index.ts", "../cart.js", "", ["web/src/cart.ts"]),
        ("web/src/cart.ts", "react", "useState", []),
        ("server/com/shop/Main.java", "com.shop.Order", "", ["server/com/shop/Order.java"]),
        ("cmd/main.go", "github.com/acme/shop/pkg/till", "", ["pkg/till/till.go", "pkg/till/open.go"]),
    ],
)
def test_an_import_means_a_file(path: str, module: str, name: str, expected: list[str]) -> None:
    graph = ImportGraph(PATHS, np.full(len(PATHS), -1), [])
    found = dict.fromkeys(graph.resolve(path, ImportedName(module, name, "")))
    assert [PATHS[number] for number in found] == expected


def test_targets_leave_the_importing_file_out() -> None:
    imports = [[ImportedName("shop.till", "Till", "")], [ImportedName("shop.till", "", "")]]
    graph = ImportGraph(PATHS[:2], np.array([0, 1]), imports)
    assert graph.targets == [[1], []]

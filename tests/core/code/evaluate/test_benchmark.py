"""The benchmark's own parts, on a repository of three commits: what is measured is what is said."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.locate import features, fixes, generated, quality, training
from tests.benchmarks.locate.instances import SETS, find_mirror, load, sampled

PRICE = "def rounded_price(price):\n    return int(price)\n"
STOCK = "class Stock:\n    def units_left(self, store):\n        return store.count()\n"
TAX = "def tax_of(order):\n    return order.sum * 0.2\n"


@pytest.fixture
def data(origin, tmp_path):
    """Three instances of one repository, whose history lies under the name of a fork."""
    first = origin.commit("Begin the shop", {"price.py": PRICE, "stock.py": STOCK, "tax.py": TAX})
    second = origin.commit("Fix tax_of an empty order", {"tax.py": TAX.replace("sum", "total")})
    (tmp_path / "mirrors").mkdir()
    origin.path.rename(tmp_path / "mirrors" / "fork+shop")
    reports = [
        ("a", first, "rounded_price is wrong\n\nNegative prices are rounded up.", "price.py", "rounded_price"),
        ("b", second, "units_left of an empty store", "stock.py", "Stock.units_left"),
        ("c", second, "tax_of an order\n\n```\ntax_of(order)\n```\nis too high", "tax.py", "tax_of"),
    ]
    rows = [
        {
            "instance_id": name,
            "repo": "owner/shop",
            "base_commit": commit,
            "problem_statement": text,
            "gold_files": [path],
            "gold_functions": [f"{path}:{function}"],
        }
        for name, commit, text, path, function in reports
    ]
    for name in SETS.values():
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_instances_are_read_with_their_titles(data):
    first, _, last = load(data, "lite")
    assert (first.title, first.text.strip()) == ("rounded_price is wrong", "Negative prices are rounded up.")
    assert last.short_text == "is too high"
    assert [each.id for each in sampled(load(data, "lite"), 2)] == ["a", "b"]
    assert find_mirror(data / "mirrors", "owner/shop").name == "fork+shop"


def test_quality_asks_both_rankers_and_writes_what_scores(data, capsys):
    forms = [quality.WHOLE, quality.SHORT]
    predictions = list(quality.predict(load(data, "lite"), data / "mirrors", data / "cache", with_plain=True, forms=forms))
    assert len(predictions) == 3 * 2 * 2
    quality.write(predictions, data / "out", "lite")
    lines = [json.loads(line) for line in (data / "out" / "lite-locate-whole_report.jsonl").read_text().splitlines()]
    assert [line["instance_id"] for line in lines] == ["a", "b", "c"]
    assert [line["files"][0] for line in lines] == ["price.py", "stock.py", "tax.py"]
    assert lines[1]["functions"][0] == "stock.py:Stock.units_left"
    quality.show(predictions, "lite")
    printed = capsys.readouterr().out
    assert "LocAgent, Claude-3.5" in printed
    assert printed.count("owner/shop") == 1


def test_weights_are_trained_on_the_signals_of_the_product(data):
    instances = load(data, "lite")
    features.dump(instances, data / "mirrors", data / "cache", data / "features")
    tables = features.load_tables(instances, data / "features")
    assert [int(table.is_gold.sum()) for table in tables] == [1, 1, 1]
    weights = training.train(tables, penalty=1.0)
    assert [training.gold_ranks(table, weights) for table in tables] == [[1], [1], [1]]
    elsewhere = training.held_out(tables, lambda instance: instance.id, penalty=1.0)
    assert set(elsewhere) == {"a", "b", "c"}
    training.save(tables, 1.0, data / "weights.json")
    assert json.loads((data / "weights.json").read_text())["trained_on"] == 3


def test_a_missing_table_ends_the_training(data):
    with pytest.raises(SystemExit, match="run `features` first"):
        features.load_tables(load(data, "lite"), data / "features")


def test_rows_of_past_fixes_can_be_put_on_a_page(data, capsys):
    fixes.measure([str(data / "mirrors" / "fork+shop")], 5, data / "cache", None)
    heading, line, row, everything = capsys.readouterr().out.splitlines()
    assert heading.count("|") == line.count("|") == row.count("|")
    assert row.startswith("| fork/shop | .py | 1 | 100/100/100/100 |")
    assert everything.startswith("| all |")


def test_the_generated_repository_is_the_same_each_time(tmp_path):
    first = generated.build(tmp_path / "one.git", 60)
    assert generated.build(tmp_path / "two.git", 60) == first
    assert generated.build(tmp_path / "three.git", 60, seed=8) != first

"""The sample is a true bug in a real repository, the same on every machine, built once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sahur.embedded.sample import build
from sahur.embedded.sample.builder import NAME, PATCHES
from sahur.embedded.sample.history import apply_history, head_commit
from sahur_core.errors import RepositoryError

HEAD = "ae3af70b178cb31e4df7fae6f5b0b9e87f32bc5c"


def test_the_history_has_the_same_shas_everywhere(tmp_path: Path) -> None:
    sample = build(tmp_path / "a folder with spaces")
    assert head_commit(sample.path) == HEAD
    listed = subprocess.run(
        ["git", "-C", str(sample.path), "log", "--format=%an|%aI|%s"], capture_output=True, text=True, check=True
    )
    rows = [line.split("|") for line in listed.stdout.splitlines()]
    assert len(rows) == 12
    assert len({author for author, _, _ in rows}) == 3
    assert [date for _, date, _ in rows] == sorted((date for _, date, _ in rows), reverse=True)


def test_the_report_holds_what_the_running_service_really_did(tmp_path: Path) -> None:
    sample = build(tmp_path)
    assert sample.title == 'Some orders end in "internal error" since the last release'
    assert "AttributeError: 'NoneType' object has no attribute 'price'" in sample.body
    assert f'File "{sample.path}/shop/orders.py"' in sample.body
    assert '500 {"error": "internal error"}' in sample.body
    assert not any(place in sample.body for place in ("{request}", "{answer}", "{log}"))


def test_the_report_does_not_name_the_cause(tmp_path: Path) -> None:
    body = build(tmp_path).body
    assert not any(word in body for word in ("catalog", "find(", "barcode", "scanner", "capital"))


def test_the_tests_of_the_service_pass_although_it_has_the_bug(tmp_path: Path) -> None:
    sample = build(tmp_path)
    done = subprocess.run([sys.executable, "-B", "-m", "unittest"], cwd=sample.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Ran 7 tests" in done.stderr


@pytest.mark.parametrize(
    ("change", "fails"),
    [("Let the scanner in the store order by barcode", True), ("Say how many articles were loaded at the start", False)],
)
def test_the_bug_came_in_with_one_commit(tmp_path: Path, change: str, fails: bool) -> None:
    path = build(tmp_path).path
    # `:/^` finds the newest commit whose message begins so.
    subprocess.run(["git", "-C", str(path), "checkout", "--quiet", f":/^{change}"], check=True)
    code = (
        "from shop.catalog import Catalog; from shop.orders import parse_order\n"
        "payload = {'customer': 'x', 'lines': [{'article': 'tea-12', 'quantity': 1}]}\n"
        "print(parse_order(payload, Catalog.load('data/catalog.csv')).lines[0].net)"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=path, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) is fails, done.stderr


def test_a_second_build_finds_the_first(tmp_path: Path) -> None:
    first = build(tmp_path)
    (first.path / "untouched").write_text("")
    assert build(tmp_path) == first
    assert (first.path / "untouched").exists()


@pytest.mark.parametrize("damage", ["half a repository", "no report", "torn report", "another version", "moved head"])
def test_a_build_that_was_killed_or_damaged_is_made_good(tmp_path: Path, damage: str) -> None:
    path, report = tmp_path / NAME, tmp_path / "report.json"
    if damage == "half a repository":
        (tmp_path / f"{NAME}.new" / ".git").mkdir(parents=True)
        path.mkdir()
    else:
        stored = json.loads(report.read_text()) if build(tmp_path) else {}
        if damage == "no report":
            report.unlink()
        elif damage == "torn report":
            report.write_text("{")
        elif damage == "another version":
            report.write_text(json.dumps({**stored, "version": "old"}))
        else:
            subprocess.run(["git", "-C", str(path), "checkout", "--quiet", "HEAD~1"], check=True)
    sample = build(tmp_path)
    assert head_commit(sample.path) == HEAD
    assert "AttributeError" in sample.body


def test_patches_that_do_not_apply_are_told(tmp_path: Path) -> None:
    (tmp_path / "patches").mkdir()
    (tmp_path / "patches" / "1.patch").write_text("no patch")
    with pytest.raises(RepositoryError, match="git am failed"):
        apply_history(tmp_path / "patches", tmp_path / "repository")


def test_nothing_in_the_investigation_knows_the_sample() -> None:
    core = Path(__file__).parents[3] / "sahur_core"
    sources = "\n".join(path.read_text() for path in core.rglob("*.py"))
    names = ["shop-orders", "Catalog", "barcode", "tea-12", *(path.stem[5:] for path in PATCHES.glob("*.patch"))]
    assert [name for name in names if name in sources] == []

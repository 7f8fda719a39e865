"""`manage.py locate` and `manage.py evaluate_locate`: no service, no database, no `make run` before them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from sahur.embedded.locating_table import strongest
from tests.core.code.conftest import Origin

PRICE = "def rounded_price(price):\n    return int(price)\n"
STOCK = "class Stock:\n    def units_left(self, store):\n        return store.count()\n"
REPORT = "Negative prices are rounded up\n\nrounded_price(-1.5) gives -1, I expected -2.\n"


@pytest.fixture
def shop(tmp_path):
    origin = Origin(tmp_path / "shop")
    origin.commit("Begin the shop", {"price.py": PRICE, "stock.py": STOCK})
    origin.commit("Fix rounded_price for a negative price", {"price.py": PRICE.replace("int(", "round(")})
    origin.commit("Fix units_left of an empty store", {"stock.py": STOCK.replace("count()", "count() or 0")})
    return origin


@pytest.fixture
def ask(shop, tmp_path, capsys):
    """Runs `locate` with a report; gives exit status, standard output and standard error."""

    def run(*arguments: str, report: str | bytes = REPORT, repository: str = "", command: str = "locate"):
        place = tmp_path / "report.md"
        place.write_bytes(report.encode() if isinstance(report, str) else report)
        reports = ["--report-file", str(place)] if command == "locate" and "--report-file" not in arguments else []
        output = io.StringIO()
        status = 0
        try:
            call_command(
                command,
                *("--repository", repository or str(shop.path), "--index-dir", str(tmp_path / "cache"), *reports, *arguments),
                stdout=output,
            )
        except SystemExit as ended:
            status = int(ended.code or 0)
        captured = capsys.readouterr()
        return status, output.getvalue() + captured.out, captured.err

    return run


def test_json_has_exactly_the_promised_fields(ask):
    status, output, errors = ask("--json")
    document = json.loads(output)
    assert (status, errors) == (0, "")
    assert list(document) == ["files", "functions", "commits"]
    assert all(list(row) == ["path", "score", "reasons"] for row in document["files"])
    assert all(list(row) == ["path", "name", "line", "score", "reasons"] for row in document["functions"])
    assert all(list(row) == ["sha", "summary", "author", "committed_at", "score", "reasons"] for row in document["commits"])
    assert document["files"][0]["path"] == "price.py"
    assert (document["functions"][0]["name"], document["functions"][0]["line"]) == ("rounded_price", 1)
    assert document["files"][0]["reasons"]


def test_the_table_tells_files_functions_and_reasons(ask):
    status, output, _ = ask("--limit", "1")
    assert status == 0
    assert "price.py:1 rounded_price" in output
    assert "stock.py" not in output
    assert "rounded_price" in output.split("Why")[1]


def test_the_table_fits_a_page_and_says_what_its_scores_and_notes_are(ask):
    _, output, errors = ask(report="the prices of our store look strange")
    assert errors == ""
    assert "rests on words alone" in output
    assert "compare only within one answer" in output
    assert max(map(len, output.splitlines())) <= 120
    _, _, errors = ask("--json", report="the prices of our store look strange")
    assert "rests on words alone" in errors


def test_a_row_has_three_reasons_and_keeps_what_speaks_against_it():
    assert strongest(["a", "b", "c", "d"]) == ["a", "b", "c"]
    assert strongest(["a", "b", "c", "although x", "although y"]) == ["a", "b", "although x"]
    assert strongest(["a", "although x"]) == ["a", "although x"]


def test_the_same_question_has_the_same_answer(ask):
    assert ask("--json") == ask("--json")


def test_methods_are_named_with_their_class(ask):
    _, output, _ = ask("--json", report="units_left is wrong for an empty store")
    assert json.loads(output)["functions"][0]["name"] == "Stock.units_left"


def test_an_older_commit_and_a_time_are_looked_at_instead(ask, shop):
    first = shop.git("rev-list", "--max-parents=0", "HEAD")
    _, output, _ = ask("--json", "--commit", first)
    assert {row["sha"] for row in json.loads(output)["commits"]} <= {first}
    _, output, _ = ask("--json", "--reported-at", "2026-01-02T12:00:00")
    assert "Fix units_left of an empty store" not in {row["summary"] for row in json.loads(output)["commits"]}


def test_a_title_may_be_given(ask):
    _, output, _ = ask("--json", "--title", "units_left of a Stock is wrong", report="since today")
    assert json.loads(output)["files"][0]["path"] == "stock.py"


def test_the_repository_is_not_written_to(ask, shop):
    before = {path: path.stat().st_mtime_ns for path in shop.path.rglob("*")}
    ask("--json")
    assert {path: path.stat().st_mtime_ns for path in shop.path.rglob("*")} == before


def test_a_shallow_clone_is_said_on_standard_error(ask, shop, tmp_path):
    shop.git("clone", "--quiet", "--depth=1", f"file://{shop.path}", str(tmp_path / "shallow"))
    status, output, errors = ask("--json", repository=str(tmp_path / "shallow"))
    assert status == 0
    assert json.loads(output)["files"]
    assert "shallow clone" in errors


@pytest.mark.parametrize(
    ("report", "words"), [("", "empty"), (" \n ", "empty"), (b"\x89PNG\r\n\x1a\n\0\0", "binary"), (b"\0" * 100, "binary")]
)
def test_a_report_that_says_nothing_is_bad_input(ask, report, words):
    status, output, errors = ask("--json", report=report)
    assert (status, output) == (2, "")
    assert words in errors
    assert errors.count("\n") == 1


def test_a_report_of_five_megabytes_is_read_at_both_ends(ask):
    status, output, errors = ask("--json", report=REPORT + "2026-01-01 INFO all is well\n" * 180_000 + "\nunits_left failed\n")
    assert status == 0
    assert {row["path"] for row in json.loads(output)["files"]} == {"price.py", "stock.py"}
    assert "beginning and its end" in errors


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ["--limit", "0"],
            ["--limit", "51"],
            ["--limit", "many"],
            ["--reported-at", "yesterday"],
            ["--report-file", "/nowhere"],
        ),
        *(["--commit", "--help"], ["--commit", "a b"]),
    ],
)
def test_wrong_arguments_are_bad_input(shop, tmp_path, arguments):
    (tmp_path / "report.md").write_text(REPORT)
    usual = ["--repository", str(shop.path), "--index-dir", str(tmp_path / "cache"), "--report-file", str(tmp_path / "report.md")]
    done = manage("locate", *usual, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_repository_that_cannot_be_read_says_why(ask, tmp_path):
    (tmp_path / "plain").mkdir()
    status, _, errors = ask(repository=str(tmp_path / "plain"))
    assert status == 1
    assert "not a git repository" in errors
    Origin(tmp_path / "empty")
    status, _, errors = ask(repository=str(tmp_path / "empty"))
    assert status == 1
    assert "no commit" in errors
    status, _, errors = ask("--commit", "nowhere")
    assert status == 1
    assert "no branch, tag or commit nowhere" in errors
    status, _, errors = ask(repository=str(tmp_path / "missing"))
    assert status == 2
    assert "no folder" in errors


def test_a_repository_without_code_points_nowhere(ask, tmp_path):
    Origin(tmp_path / "bare").commit("nothing yet", {})
    status, output, _ = ask(repository=str(tmp_path / "bare"))
    assert status == 0
    assert "points to" in output


def test_names_from_a_repository_do_not_steer_the_terminal(ask, tmp_path):
    origin = Origin(tmp_path / "evil")
    origin.commit("Begin \x1b[2J\x1b]0;owned\x07", {"price.py": PRICE})
    _, output, _ = ask(repository=str(origin.path))
    assert "\x1b" not in output


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command line, with an environment that knows no database."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, *environment.pop("options", "").split(), str(Path(settings.BASE_DIR) / "manage.py"), *arguments]
    return subprocess.run(command, env=kept | environment, capture_output=True, text=True, timeout=100)


def test_it_starts_alone_and_without_what_it_does_not_use(shop, tmp_path):
    (tmp_path / "report.md").write_text(REPORT)
    done = manage(
        *("locate", "--repository", str(shop.path), "--report-file", str(tmp_path / "report.md"), "--json"),
        options="-X importtime",
        SAHUR_EMBEDDED_DIR=str(tmp_path / "home"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"][0]["path"] == "price.py"
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    for heavy in ("celery", "channels", "langchain_core", "langgraph", "rest_framework", "psycopg", "mcp", "rich.table"):
        assert heavy not in imported
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["repositories"]


def test_standard_input_is_a_report_too(shop, tmp_path):
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "locate", "--repository", str(shop.path), "--json"]
    command += ["--report-file", "-", "--index-dir", str(tmp_path / "cache")]
    done = subprocess.run(command, input=REPORT, capture_output=True, text=True, timeout=100)
    assert json.loads(done.stdout)["files"][0]["path"] == "price.py"


def test_the_past_of_a_repository_is_asked(ask):
    status, output, _ = ask("--json", command="evaluate_locate")
    document = json.loads(output)
    assert status == 0
    assert (document["questions"], document["commits_looked_at"]) == (2, 3)
    assert document["files"]["locate"]["all"]["accuracy"]["1"]["all"] == 100
    assert document["files"]["bm25"]["all"]["questions"] == document["functions"]["bm25"]["all"]["questions"] == 2
    assert document["left_out"] == {"no issue reference and no word such as fix": 1}
    assert set(document["seconds"]) == {"index", "locate", "bm25"}


def test_the_evaluation_has_tables(ask):
    status, output, _ = ask("--limit", "1", command="evaluate_locate")
    assert status == 0
    assert "1 past fixes asked" in output
    assert "plain BM25, all" in output
    assert "seed 20260" in output


def test_an_evaluation_goes_on_where_it_was_stopped(ask, tmp_path, monkeypatch):
    from sahur_core.code.evaluate import evaluation

    real, calls = evaluation.locate, []

    def stops_at_the_second(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(evaluation, "locate", stops_at_the_second)
    saved = str(tmp_path / "results.jsonl")
    status, output, _ = ask("--json", "--save", saved, command="evaluate_locate")
    document = json.loads(output)
    assert (status, document["was_stopped"], document["questions"]) == (130, True, 1)
    status, output, _ = ask("--json", "--save", saved, command="evaluate_locate")
    assert (status, json.loads(output)["questions"]) == (0, 2)
    assert len(calls) == 3


def test_a_repository_without_fixes_says_what_was_left_out(ask, tmp_path):
    Origin(tmp_path / "young").commit("Begin the shop", {"price.py": PRICE})
    status, _, errors = ask(repository=str(tmp_path / "young"), command="evaluate_locate")
    assert status == 2
    assert "1 no issue reference" in errors


def test_the_answer_does_not_depend_on_the_hash_seed_or_on_what_was_indexed_before(shop, tmp_path):
    (tmp_path / "report.md").write_text(REPORT)
    shop.commit(
        "More of the shop", {f"shop/{first}_{second}_price.py": PRICE for first in ("new", "old") for second in ("list", "sum")}
    )

    def answer(seed: str, cache: str, *arguments: str) -> str:
        usual = ["--repository", str(shop.path), "--report-file", str(tmp_path / "report.md"), "--json"]
        done = manage("locate", *usual, "--index-dir", str(tmp_path / cache), *arguments, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = answer("1", "one")
    assert answer("2", "one") == first
    answer("1", "two", "--commit", "HEAD~1")
    assert answer("3", "two") == first

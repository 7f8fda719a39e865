"""Promises about the code as a whole that no linter keeps: sizes, names, settings, direction."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("sahur", "sahur_core", "sahur_mcp")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
USUAL_FUNCTION_LINES = 40
MEANINGLESS_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff"}
# sahur/embedded hands an environment on to the processes it starts; celery.py says which settings are meant.
ENVIRONMENT_READERS = {"sahur/settings.py", "sahur_mcp/config.py"}
# Runs before anything is installed, outside of the packages, and answers on the terminal only.
STANDALONE = {"sahur/embedded/install.py"}


def tracked(*patterns: str) -> list[Path]:
    """The files of the project: what git has or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in sorted(set(listed.stdout.split("\0"))) if name and (ROOT / name).is_file()]


def source_files() -> list[Path]:
    return [path for path in tracked(*(f"{package}/*.py" for package in PACKAGES)) if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_are_short() -> None:
    found = {name_of(path): len(path.read_text().splitlines()) for path in [*source_files(), *tracked("tests/*.py")]}
    assert {name: lines for name, lines in found.items() if lines > MAX_FILE_LINES} == {}


def test_functions_are_short() -> None:
    found = [(f"{name_of(path)}:{node.lineno} {node.name}", length(node)) for path in source_files() for node in functions(path)]
    assert [item for item in found if item[1] > MAX_FUNCTION_LINES] == []
    usual = sum(lines <= USUAL_FUNCTION_LINES for _, lines in found)
    assert usual / len(found) >= 0.95


def test_nothing_is_named_after_nothing() -> None:
    names = {part for path in tracked() for part in path.relative_to(ROOT).with_suffix("").parts}
    assert names & MEANINGLESS_NAMES == set()


def test_every_module_says_what_lives_there() -> None:
    exempt = {"__init__.py", "apps.py"}
    silent = [
        name_of(path)
        for path in source_files()
        if path.name not in exempt and path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    # Where a module holds one model, the docstring of the class says it.
    assert [name for name in silent if not name.startswith("sahur/issues/models/")] == []


def environment_reads(path: Path) -> Iterator[int]:
    """Lines that read the process environment; handing it on (`update`, `setdefault`) is no reading."""
    for node in ast.walk(ast.parse(path.read_text())):
        text = ast.unparse(node) if isinstance(node, ast.Call | ast.Subscript | ast.Compare) else ""
        if re.match(r"os\.(environ\.(get|items|copy|keys|pop)\(|getenv\(|environ\[)|environ\.\w*Env\(|dict\(os\.environ", text):
            yield node.lineno
        if isinstance(node, ast.Compare) and "os.environ" in text:
            yield node.lineno


def test_one_file_of_each_package_reads_the_environment() -> None:
    found = {name_of(path): list(environment_reads(path)) for path in source_files()}
    readers = {name for name, lines in found.items() if lines}
    assert readers - ENVIRONMENT_READERS == set()
    assert "sahur/settings.py" in readers, "the check itself must notice a reader"


def variables() -> set[str]:
    """Every variable that the two readers look up."""
    found: set[str] = set()
    for name in ENVIRONMENT_READERS:
        text = (ROOT / name).read_text()
        found |= set(re.findall(r"""env(?:\.\w+)?\(\s*"([A-Z][A-Z0-9_]+)\"""", text))
        found |= set(re.findall(r"""(?:\w+\(env,|env\.get\()\s*"([A-Z][A-Z0-9_]+)\"""", text))
    return found


def test_every_setting_is_documented() -> None:
    readme = ROOT / "README.md"
    documented = readme.read_text() if readme.exists() else ""
    assert variables() >= {"SAHUR_SECRET_KEY", "SAHUR_TOKEN_PUBLIC_KEY"}, "the check itself must find the variables"
    assert sorted(name for name in variables() if f"`{name}`" not in documented) == []


def test_every_kind_of_event_is_documented_and_shown() -> None:
    from sahur_core import events

    documented = (ROOT / "docs" / "events.md").read_text()
    kinds = re.findall(r'kind: Literal\["([a-z_.]+)"\]', (ROOT / "sahur_core/events.py").read_text())
    assert set(kinds) >= events.TERMINAL_KINDS
    assert [kind for kind in kinds if f"`{kind}`" not in documented] == []


def test_raised_errors_are_of_the_tree() -> None:
    """An error class outside of the tree would need a translation of its own at every edge.

    A private class is control flow inside its module and leaves it under no circumstances.
    """
    roots = {"Exception", "RuntimeError", "ValueError", "TypeError", "OSError"}
    strays = []
    for path in source_files():
        if name_of(path) in STANDALONE | {"sahur_core/errors.py"}:
            continue
        classes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
        strays += [f"{name_of(path)}: {node.name}" for node in classes if roots & {ast.unparse(base) for base in node.bases}]
    assert [stray for stray in strays if ": _" not in stray and stray not in ALLOWED_EXCEPTIONS] == []


ALLOWED_EXCEPTIONS = {
    # The contract between effects and what delivers them (docs/architecture.md).
    "sahur/batch/effects.py: DeliveryError",
}


def test_every_broad_except_says_why() -> None:
    """Ruff (BLE001) lets one pass that raises again or logs the traceback; any other needs a reason next to it."""
    lines = [
        (f"{name_of(path)}:{number}", line)
        for path in source_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
    ]
    assert [place for place, line in lines if "noqa: BLE001" in line and not re.search(r"BLE001 (- |\()\w+", line)] == []


def test_import_contracts_hold() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", code, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_names_a_place_of_some_machine() -> None:
    pattern = re.compile(r"/work/|/root/|/home/\w+/|files\.pythonhosted|registry\.npmjs|pypi\.org")
    readable = [path for path in tracked() if path.suffix not in {".png", ".ico", ".woff2"} and path != Path(__file__)]
    assert [name_of(path) for path in readable if pattern.search(path.read_text(errors="replace"))] == []

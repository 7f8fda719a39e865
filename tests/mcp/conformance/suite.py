"""Runs a published suite against an address and says which of its checks failed."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import node_packages

FOLDER = Path(__file__).parent
_RUN_TIME = re.compile(r"-\d{4}-\d\d-\d\dT[\d-]+Z$")


@dataclass(frozen=True)
class Line:
    """One published line of the suite at one version of the specification, and how many checks it has."""

    package: str
    specification: str
    checks: int

    @property
    def id(self) -> str:
        return f"{self.package.removeprefix('conformance-')}-{self.specification}"


@dataclass(frozen=True)
class Score:
    """`failures` has an entry `scenario: check` for each check that failed, with what was said about it."""

    passed: int
    failures: dict[str, str]


def run(line: Line, url: str, results: Path, *scenario: str) -> Score:
    """All scenarios of a line (or the one named) against the server at `url`."""
    modules = node_packages.install(FOLDER)
    program = modules / line.package / "dist" / "index.js"
    command = [node_packages.node(modules), str(program), "server", "--url", url, "--spec-version", line.specification]
    chosen = ["--scenario", *scenario] if scenario else ["--suite", "all"]
    done = subprocess.run([*command, *chosen, "--output-dir", str(results)], capture_output=True, text=True, timeout=300)
    score = read(results)
    assert score.passed or score.failures, f"the suite did not run: {done.stdout[-1000:]}{done.stderr[-1000:]}"
    return score


def read(results: Path) -> Score:
    passed, failures = 0, {}
    for scenario, check in _checks(results):
        if check["status"] == "SUCCESS":
            passed += 1
        elif check["status"] == "FAILURE":
            said = f"{check.get('errorMessage', '')} {json.dumps(check.get('details'))[:1500]}"
            failures[f"{scenario}: {check['id']}"] = said
    return Score(passed, failures)


def _checks(results: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(results.glob("*/checks.json")):
        scenario = _RUN_TIME.sub("", file.parent.name).removeprefix("server-")
        for check in json.loads(file.read_text()):
            yield scenario, check


def expected_failures(line: Line) -> set[str]:
    """The checked-in list: one `scenario: check` a line; a comment above it argues for it."""
    lines = (FOLDER / "expected_failures" / f"{line.id}.txt").read_text().splitlines()
    return {text for text in (line.partition("#")[0].strip() for line in lines) if text}

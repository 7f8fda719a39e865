"""Runs a published suite against an address and says which of its checks failed."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
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
    """`passed` counts each `scenario: check` (one may be made several times); `others` has what was said about checks that
    were made and did not pass: failures, and warnings where the specification says SHOULD."""

    passed: Counter[str]
    others: dict[str, str]

    @property
    def failures(self) -> dict[str, str]:
        return {check: said for check, said in self.others.items() if said.startswith("FAILURE")}

    @property
    def total(self) -> int:
        return self.passed.total()


def run(line: Line, url: str, results: Path) -> Score:
    """All scenarios of a line against the server at `url`."""
    modules = node_packages.install(FOLDER)
    program = modules / line.package / "dist" / "index.js"
    command = [node_packages.node(modules), str(program), "server", "--url", url, "--spec-version", line.specification]
    done = subprocess.run([*command, "--suite", "all", "--output-dir", str(results)], capture_output=True, text=True, timeout=300)
    score = read(results)
    assert score.passed or score.others, f"the suite did not run: {done.stdout[-1000:]}{done.stderr[-1000:]}"
    return score


def read(results: Path) -> Score:
    passed: Counter[str] = Counter()
    others: dict[str, str] = {}
    for scenario, check in _checks(results):
        name = f"{scenario}: {check['id']}"
        if check["status"] == "SUCCESS":
            passed[name] += 1
        elif check["status"] in ("FAILURE", "WARNING"):
            others[name] = f"{check['status']} {check.get('errorMessage', '')} {json.dumps(check.get('details'))[:1500]}"
    return Score(passed, others)


def _checks(results: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(results.glob("*/checks.json")):
        scenario = _RUN_TIME.sub("", file.parent.name).removeprefix("server-")
        for check in json.loads(file.read_text()):
            yield scenario, check


def expected_failures(line: Line) -> set[str]:
    """The checked-in list of what the server passes and the gateway does not: one `scenario: check` a line, each argued for."""
    lines = (FOLDER / "expected_failures" / f"{line.id}.txt").read_text().splitlines()
    return {text for text in (line.partition("#")[0].strip() for line in lines) if text}

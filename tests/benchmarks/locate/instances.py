"""Reports with known answers, as JSON lines, and the histories they belong to.

A line has `instance_id, repo, base_commit, problem_statement, gold_files, gold_functions` (`path:Class.method`) and, where it
belongs to the subset of the published tables, `locagent_274`. Nothing after `base_commit` may be looked at.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sahur_core.code.report import split_title

DATA, MIRRORS = "SAHUR_LOCATE_DATA", "SAHUR_LOCATE_MIRRORS"
"""Environment variables: the folder of `lite_dev.jsonl` and `verified_dev.jsonl`, and the folder of the git histories."""
SETS = {"lite": "lite_dev.jsonl", "verified": "verified_dev.jsonl"}
SHORT_CHARS = 300
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.S)


@dataclass(frozen=True)
class Instance:
    id: str
    repo: str
    commit: str
    title: str
    text: str
    files: list[str]
    functions: list[str]
    is_published: bool
    """Belongs to the 274 of the published function tables."""

    @property
    def short_text(self) -> str:
        """What somebody would write in a chat: the first 300 characters after the title, without code blocks."""
        return _FENCED.sub(" ", self.text).strip()[:SHORT_CHARS]


def load(folder: Path, name: str) -> list[Instance]:
    """All instances of a set, in the order of the file."""
    lines = (folder / SETS[name]).read_text("utf-8").splitlines()
    return [_instance(json.loads(line)) for line in lines if line.strip()]


def _instance(row: dict) -> Instance:
    title, text = split_title(row["problem_statement"])
    functions = row.get("gold_functions") or []
    return Instance(
        row["instance_id"],
        row["repo"],
        row["base_commit"],
        title,
        text,
        row["gold_files"],
        functions,
        bool(row.get("locagent_274", bool(functions))),
    )


def sampled(instances: Sequence[Instance], size: int) -> list[Instance]:
    """Every n-th, so that all repositories stay represented; 0 for all."""
    if not size or size >= len(instances):
        return list(instances)
    return [instances[int(place * len(instances) / size)] for place in range(size)]


def find_mirror(folder: Path, repo: str) -> Path:
    """The history of `owner/name` below a folder: `owner/name`, `owner+name`, or that of any fork `…+name`; bare or not."""
    owner, _, name = repo.partition("/")
    wanted = [folder / owner / name, folder / f"{owner}+{name}", *sorted(folder.glob(f"*+{name}")), folder / name]
    for place in wanted:
        for candidate in (place / "repo", place, place.with_name(f"{place.name}.git")):
            if (candidate / "HEAD").is_file() or (candidate / ".git").exists():
                return candidate
    raise SystemExit(f"There is no history of {repo} in {folder}.")


def by_repository(instances: Iterable[Instance]) -> dict[str, list[Instance]]:
    """Grouped, so that one repository's caches are in memory at a time."""
    grouped: dict[str, list[Instance]] = {}
    for instance in instances:
        grouped.setdefault(instance.repo, []).append(instance)
    return grouped


def folder_from(argument: Path | None, variable: str) -> Path:
    """A folder named as an argument or in the environment."""
    named = argument or (Path(os.environ[variable]) if variable in os.environ else None)
    if named is None or not named.is_dir():
        raise SystemExit(f"Name the folder as an argument or in {variable} (docs/localization.md says what is in it).")
    return named

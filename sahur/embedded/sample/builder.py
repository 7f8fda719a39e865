"""Builds the sample once: the repository out of its patches, the report out of what the service does."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from sahur.embedded.sample.history import apply_history, head_commit
from sahur.embedded.sample.service import observe

_HERE = Path(__file__).parent
PATCHES = _HERE / "patches"
NAME = "shop-orders"


@dataclass(frozen=True)
class Sample:
    """A repository with a bug, and the report to file on it."""

    path: Path
    title: str
    body: str


def build(directory: Path) -> Sample:
    """Make the sample in `directory`, or find the one that is already there.

    May be killed at any moment and run again: the repository is built beside its place and renamed, the report is
    written last. A sample of another version of the patches is replaced. Raises `RepositoryError`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    repository, report = directory / NAME, directory / "report.json"
    stored = _read_report(report)
    if stored.get("version") != _version() or stored.get("head") != head_commit(repository):
        report.unlink(missing_ok=True)
        _build_repository(repository)
        stored = {"version": _version(), "head": head_commit(repository), **_write_report(repository)}
        fresh = report.with_suffix(".new")
        fresh.write_text(json.dumps(stored, indent=1), "utf-8")
        fresh.rename(report)
    return Sample(repository, stored["title"], stored["body"])


def _read_report(path: Path) -> dict[str, str]:
    try:
        stored: dict[str, str] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return stored


def _version() -> str:
    """Changes with every byte of the patches and the report."""
    digest = hashlib.sha256()
    for path in [*sorted(PATCHES.glob("*.patch")), _HERE / "report.md"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _build_repository(repository: Path) -> None:
    fresh = repository.with_name(f"{repository.name}.new")
    for old in (fresh, repository):
        if old.exists():
            shutil.rmtree(old)
    apply_history(PATCHES, fresh)
    fresh.rename(repository)


def _write_report(repository: Path) -> dict[str, str]:
    request = {"customer": "grace", "lines": [{"article": "tea-12", "quantity": 2}, {"article": "MUG-02", "quantity": 1}]}
    observed = observe(repository, request)
    title, _, template = (_HERE / "report.md").read_text("utf-8").partition("\n")
    parts = asdict(observed)
    body = template.strip() + "\n"
    for name, value in parts.items():
        body = body.replace("{" + name + "}", value)
    return {"title": title.strip(), "body": body}

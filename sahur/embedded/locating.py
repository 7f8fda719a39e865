"""What the commands around `locate` share: their arguments, the index they keep, their document."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from sahur_core.code.index.build import build_index
from sahur_core.code.locate.locate import locate
from sahur_core.code.opening import open_repository
from sahur_core.code.records import Location

Progress = Callable[[str], None]

_WORDS_ALONE = "No stack frame, path, name or message of the report is in the code: this rests on words alone."


@dataclass(frozen=True)
class Answer:
    """Where a report points to, and what could not be looked at."""

    location: Location
    notes: list[str]


def add_repository_arguments(parser: CommandParser) -> None:
    """`--repository`, `--commit` and `--index-dir`."""
    parser.add_argument("--repository", required=True, metavar="PATH_OR_URL", help="a local path is read where it lies")
    parser.add_argument("--commit", default="", metavar="SHA", help="commit, branch or tag (usual: HEAD)")
    parser.add_argument(
        "--index-dir", type=Path, metavar="DIR", help="where indexes and clones are kept (usual: with those of the service)"
    )


def cache_folder(options: Mapping[str, Any]) -> Path:
    """Where the indexes of these commands are kept, apart from those of the service."""
    chosen: Path | None = options["index_dir"]
    return chosen.absolute() if chosen else Path(settings.REPOSITORY_DIR) / "shell"


def locate_in(options: Mapping[str, Any], *, title: str, text: str, limit: int) -> Answer:
    """Open the repository, bring its index up to date, locate. Raises `InputError` and `RepositoryError`."""
    with progress_line() as progress:
        opened = open_repository(
            options["repository"],
            options["commit"],
            cache_folder(options),
            progress,
            private_hosts=settings.REPOSITORY_PRIVATE_HOSTS,
        )
        index = build_index(opened.repository, opened.commit, opened.directory, progress)
        progress("Locating")
        location = locate(opened.repository, index, text, title, limit=limit, reported_at=options["reported_at"])
    words = [_WORDS_ALONE] if location.files and not location.has_anchor else []
    return Answer(location, [*opened.notes, *words, *location.notes])


def document(location: Location) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "files": [{"path": file.path, "score": file.score, "reasons": file.reasons} for file in location.files],
        "functions": [
            {
                "path": function.path,
                "name": function.name,
                "line": function.start,
                "score": function.score,
                "reasons": function.reasons,
            }
            for function in location.functions
        ],
        "commits": [
            {
                "sha": suspicion.commit.sha,
                "summary": suspicion.commit.summary,
                "author": suspicion.commit.author,
                "committed_at": suspicion.commit.committed_at.isoformat(),
                "score": suspicion.score,
                "reasons": suspicion.reasons,
            }
            for suspicion in location.commits
        ],
    }


@contextmanager
def progress_line() -> Iterator[Progress]:
    """Says on standard error what is being done, on one line that is wiped at the end; nothing if nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return

    def say(text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text[:100]} …")
        sys.stderr.flush()

    try:
        yield say
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

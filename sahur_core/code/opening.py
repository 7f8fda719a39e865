"""Any repository, opened for a question from a shell: a local one where it lies, another one by a clone of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sahur_core.code.git.clone import clone_or_update, keep_commit
from sahur_core.code.git.in_place import open_in_place
from sahur_core.code.git.repository import Repository
from sahur_core.code.git.source import check_source, is_local
from sahur_core.errors import GitFailed, RepositoryError, RevisionMissing

_FULL_SHA = re.compile(r"^([0-9a-f]{40}|[0-9a-f]{64})$")


@dataclass(frozen=True)
class Opened:
    """A repository at a full sha; `directory` holds what we keep of it (`git`, `index`)."""

    source: str
    repository: Repository
    commit: str
    directory: Path
    notes: list[str]


def open_repository(
    source: str, revision: str, cache: Path, progress: Callable[[str], None], *, private_hosts: Sequence[str] = ()
) -> Opened:
    """Open `source` (a path or an address) at `revision`, with its folder below `cache`.

    A clone is fetched again unless `revision` is a full sha that it has. Raises `RepositoryRefused`, `InputError` and
    `RepositoryError`.
    """
    checked = check_source(source, allow_local=True, private_hosts=private_hosts)
    directory = cache / _folder_name(checked)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RepositoryError(
            f"The folder {directory} cannot be made: {error.strerror}.", next_step="Name another one with --index-dir."
        ) from error
    if not is_local(checked):
        repository, commit = _cloned(checked, revision, directory, progress, private_hosts)
        return Opened(checked, repository, commit, directory, [])
    found = open_in_place(Path(checked), revision, directory)
    notes = ["The history of this repository was cut off (a shallow clone): past commits say little."] if found.is_shallow else []
    return Opened(checked, found.repository, found.commit, directory, notes)


def _folder_name(source: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", source.rstrip("/").rsplit("/", 1)[-1])[:40].strip("-.") or "repository"
    return f"{readable}-{hashlib.sha256(source.encode(errors='surrogateescape')).hexdigest()[:12]}"


def _cloned(
    source: str, revision: str, directory: Path, progress: Callable[[str], None], private_hosts: Sequence[str]
) -> tuple[Repository, str]:
    wanted = revision.strip()
    if _FULL_SHA.match(wanted) and (directory / "git" / "HEAD").is_file():
        repository = Repository.open(directory)
        try:
            return repository, repository.resolve(wanted)
        except (RevisionMissing, GitFailed):
            progress("The commit is not in the clone yet")
    clone_or_update(source, directory, progress, wanted=wanted, private_hosts=private_hosts)
    repository = Repository.open(directory)
    commit = repository.resolve(wanted)
    keep_commit(directory, commit)
    return repository, commit

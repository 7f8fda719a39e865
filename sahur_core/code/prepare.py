"""Everything that has to happen before a repository can be read: clone or update, resolve, index."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from sahur_core.code.git.clone import clone_or_update, keep_commit
from sahur_core.code.git.credentials import Credentials
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index
from sahur_core.errors import RepositoryError

_FULL_SHA = re.compile(r"^([0-9a-f]{40}|[0-9a-f]{64})$")


def prepare(
    source: str,
    directory: Path,
    revision: str,
    progress: Callable[[str], None],
    *,
    private_hosts: Sequence[str] = (),
    credentials: Credentials | None = None,
) -> str:
    """Bring `<directory>/git` and `<directory>/index` up to date and give back the full sha of `revision`.

    `source` must have been passed by `check_source`; `credentials` are those of a private repository. May be killed at any
    moment and run again. A full sha that the clone has needs no remote. Raises `RepositoryError` and `InputError` (a
    revision that is none, an address that is not allowed any more).
    """
    wanted = revision.strip()
    if not _has(directory, wanted):
        clone_or_update(source, directory, progress, wanted=wanted, private_hosts=private_hosts, credentials=credentials)
    repository = Repository.open(directory)
    commit = repository.resolve(wanted)
    keep_commit(directory, commit)
    build_index(repository, commit, directory, progress)
    progress("Ready")
    return commit


def is_full_sha(revision: str) -> bool:
    """Whether a revision names one commit for ever."""
    return _FULL_SHA.match(revision.strip()) is not None


def _has(directory: Path, revision: str) -> bool:
    if not is_full_sha(revision):
        return False
    try:
        Repository.open(directory).resolve(revision)
    except RepositoryError:
        return False
    return True

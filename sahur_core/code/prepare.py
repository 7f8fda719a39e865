"""Everything that has to happen before a repository can be read: clone or update, resolve, index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sahur_core.code.git.clone import clone_or_update, keep_commit
from sahur_core.code.git.credentials import Credentials
from sahur_core.code.git.repository import Repository
from sahur_core.code.index.build import build_index


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
    moment and run again. Raises `RepositoryError` and `InputError` (a revision that is none, an address that is not
    allowed any more).
    """
    clone_or_update(source, directory, progress, wanted=revision.strip(), private_hosts=private_hosts, credentials=credentials)
    repository = Repository.open(directory)
    commit = repository.resolve(revision)
    keep_commit(directory, commit)
    build_index(repository, commit, directory, progress)
    progress("Ready")
    return commit

"""Everything that has to happen before a repository can be read: clone or update, resolve, index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path


def prepare(
    source: str, directory: Path, revision: str, progress: Callable[[str], None], *, private_hosts: Sequence[str] = ()
) -> str:
    """Bring `<directory>/git` and `<directory>/index` up to date and give back the full sha of `revision`.

    `source` must have been passed by `check_source`. May be killed at any moment and run again. Raises `RepositoryError`.
    """
    raise NotImplementedError

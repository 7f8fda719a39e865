"""Which repository addresses may be cloned (design: only https and ssh; local paths only for those who may name them)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def check_source(
    source: str, *, allow_local: bool = False, private_hosts: Sequence[str] = (), roots: Sequence[Path] = ()
) -> str:
    """The normalized address or absolute path; raises `RepositoryRefused` with what to do instead.

    `allow_local` permits any local path (the command line); otherwise only paths below `roots`. `private_hosts` lists
    the names that may resolve to private or link-local addresses.
    """
    raise NotImplementedError

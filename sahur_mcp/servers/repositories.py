"""Which repositories a caller may read. What its token does not name does not exist for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sahur_core.errors import InputError, NotFound


class Reader(Protocol):
    """The part of a caller that decides: its team, and the repositories it is held to (None: all of the team)."""

    @property
    def team(self) -> int: ...

    @property
    def repository_ids(self) -> frozenset[str] | None: ...


class Entry(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def team(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def test_command(self) -> str: ...


class Lookup(Protocol):
    """Asks the server for repositories by id or by team. Raises `GatewayUnavailable`."""

    async def repositories(self, *, ids: list[str] | None = None, teams: list[int] | None = None) -> Sequence[Entry]: ...


class Repositories:
    """Finds the folder of a repository: `<directory>/<id>/`."""

    def __init__(
        self, directory: Path, lookup: Lookup, *, keep_seconds: float = 15.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._directory = directory
        self._lookup = lookup
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._known: dict[tuple[int, frozenset[str] | None], tuple[float, dict[str, str]]] = {}

    async def find(self, reader: Reader, wanted: str) -> tuple[str, Path]:
        """Id and folder of the repository with this id or name; empty: the only one.

        Raises `NotFound` for any that is not the reader's, and `InputError` if several could be meant.
        """
        allowed = reader.repository_ids
        if allowed is not None and wanted in allowed:
            return self._located(wanted)
        if allowed is not None and not wanted and len(allowed) == 1:
            return self._located(next(iter(allowed)))
        names = await self.names(reader)
        if wanted in names:
            return self._located(wanted)
        matching = [key for key, name in names.items() if not wanted or name == wanted]
        known = ", ".join(sorted(names.values())) or "none"
        if not matching:
            raise NotFound(f"There is no repository {wanted[:200]!r} for you.", next_step=f"You may read: {known}.")
        if len(matching) > 1:
            raise InputError("Several repositories could be meant.", next_step=f"Name one of: {known}.", field="repository")
        return self._located(matching[0])

    async def names(self, reader: Reader) -> dict[str, str]:
        """Names by id of all that the reader may read, asked for at most every few seconds."""
        allowed = reader.repository_ids
        if allowed is not None and not allowed:
            return {}
        known = self._known.get((reader.team, allowed))
        if known is None or known[0] <= self._clock():
            if allowed is None:
                entries = await self._lookup.repositories(teams=[reader.team])
            else:
                entries = await self._lookup.repositories(ids=sorted(allowed))
            # The server was asked for these only; that it gave no others is checked, not believed.
            names = {e.id: e.name for e in entries if e.team == reader.team and (allowed is None or e.id in allowed)}
            if len(self._known) > 1000:
                self._known.clear()
            known = self._known[(reader.team, allowed)] = (self._clock() + self._keep_seconds, names)
        return known[1]

    async def test_command(self, reader: Reader, repository_id: str) -> str:
        """The team's own test command, as it is set now; empty where there is none, or the repository is not the reader's."""
        entries = await self._lookup.repositories(ids=[repository_id])
        found = (entry for entry in entries if entry.id == repository_id and entry.team == reader.team)
        return next((entry.test_command.strip() for entry in found), "")

    async def all_of(self, reader: Reader) -> list[tuple[str, Path]]:
        """Name and folder of each repository that the reader may read, by name."""
        return sorted((name, self._located(key)[1]) for key, name in (await self.names(reader)).items())

    def _located(self, repository_id: str) -> tuple[str, Path]:
        try:
            UUID(repository_id)
        except ValueError as error:
            raise NotFound(f"{repository_id[:100]!r} is not the id of a repository.") from error
        return repository_id, self._directory / repository_id

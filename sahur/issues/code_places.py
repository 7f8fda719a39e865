"""Which files, functions and commits the calls of a run have shown: what stands in results, not what was asked for.

A model chooses the words of its arguments and of its answer; a row of the code server's is the repository's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from sahur.issues import models
from sahur_core.context.results import parse_result
from sahur_core.issues import CodeLocation

CODE_TOOLS = "code__"
"""How the names of our own code server's tools begin, behind the gateway."""

Row = dict[str, Any]


class CodePlaces:
    """Of these calls. Their results are read when somebody asks."""

    def __init__(self, calls: Iterable[models.ToolCall]) -> None:
        self._ids = [call.id for call in calls if call.tool.startswith(CODE_TOOLS)]

    def location(self, told: CodeLocation) -> CodeLocation | None:
        """The place without what no result has shown; None if that is the file itself."""
        if told.path not in self.paths:
            return None
        return told if told.function in self._functions else told.model_copy(update={"function": ""})

    @cached_property
    def paths(self) -> frozenset[str]:
        return frozenset(str(row["path"]) for row in self._rows if row.get("path"))

    @cached_property
    def commits(self) -> frozenset[str]:
        """Full SHAs."""
        return frozenset(str(row["sha"]) for row in self._rows if row.get("sha"))

    @cached_property
    def _functions(self) -> frozenset[str]:
        """As places name them: of what a file qualifies, the last name also stands alone."""
        names = {str(row.get("name") or row.get("function") or "") for row in self._rows}
        return frozenset(names | {name.rpartition(".")[2] for name in names})

    @cached_property
    def _rows(self) -> list[Row]:
        texts = models.ToolCall.objects.filter(id__in=self._ids).values_list("text", flat=True)
        return [row for text in texts for row in _rows_of(parse_result(text) or {})]


def _rows_of(result: Row) -> Iterator[Row]:
    """What a result lists. Its own path counts where it has lines of that file: else it may only repeat the question."""
    for part in result.values():
        yield from (row for row in (part if isinstance(part, list) else [part]) if isinstance(row, dict))
    if result.get("lines"):
        yield {"path": result.get("path")}

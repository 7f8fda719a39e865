"""The same question of many at once, asked once, without an answer that is older than the question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedQuestions(Generic[T]):
    """Of each question at most one is under way, and at most one waits, which all share who came meanwhile.

    So an answer is always to a question that was sent after it was asked for: what had changed before is in it.
    """

    def __init__(self, answer: Callable[[str], Awaitable[T]]) -> None:
        self._answer = answer
        self._asked: dict[str, asyncio.Task[T]] = {}
        self._waiting: dict[str, asyncio.Task[T]] = {}

    async def ask(self, question: str) -> T:
        """Raises what `answer` raises. Who gives up takes nothing from the others."""
        waiting = self._waiting.get(question)
        if waiting is None:
            asked = self._asked.get(question)
            waiting = asyncio.create_task(self._ask(question, asked), name="a shared question")
            waiting.add_done_callback(_note_failure)
            (self._waiting if asked else self._asked)[question] = waiting
        return await asyncio.shield(waiting)

    async def _ask(self, question: str, before: asyncio.Task[T] | None) -> T:
        task = asyncio.current_task()
        if before is not None:
            await asyncio.wait([before])
            self._asked[question] = self._waiting.pop(question)
        try:
            return await self._answer(question)
        finally:
            if self._asked.get(question) is task:
                del self._asked[question]


def _note_failure(task: asyncio.Task[T]) -> None:
    """All who asked may have given up: nobody is left to hear of the failure, and nobody needs to."""
    if not task.cancelled():
        task.exception()

"""A question of many at once is asked once, and no answer is older than its question."""

from __future__ import annotations

import asyncio

import pytest

from sahur_mcp.proxy.questions import SharedQuestions


class Server:
    """Answers when it is told to; numbers what it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def answer(self, _question: str) -> int:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        return number


async def ticks() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_comes_while_it_is_asked_shares_the_next_question() -> None:
    server = Server()
    questions = SharedQuestions(server.answer)
    first = asyncio.create_task(questions.ask("t"))
    await ticks()
    others = [asyncio.create_task(questions.ask("t")) for _ in range(20)]
    await ticks()
    assert server.asked == 1
    server.may_answer.set()
    assert (await first, set(await asyncio.gather(*others)), server.asked) == (1, {2}, 2)
    assert await questions.ask("t") == 3


async def test_different_questions_do_not_wait_for_each_other() -> None:
    server = Server()
    questions = SharedQuestions(server.answer)
    asking = [asyncio.create_task(questions.ask(name)) for name in "ab"]
    await ticks()
    assert server.asked == 2
    server.may_answer.set()
    assert sorted(await asyncio.gather(*asking)) == [1, 2]


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    server = Server()
    questions = SharedQuestions(server.answer)
    asking = [asyncio.create_task(questions.ask("t")) for _ in range(3)]
    await ticks()
    asking[0].cancel()
    asking[1].cancel()
    await ticks()
    server.may_answer.set()
    assert await asking[2] == 2
    assert asking[0].cancelled()


async def test_a_failure_reaches_all_who_asked_and_is_not_kept() -> None:
    failures = 2

    async def answer(_question: str) -> str:
        nonlocal failures
        if failures:
            failures -= 1
            raise OSError("away")
        return "here"

    questions = SharedQuestions(answer)
    results = await asyncio.gather(*(questions.ask("t") for _ in range(4)), return_exceptions=True)
    assert [type(result) for result in results] == [OSError] * 4
    assert await questions.ask("t") == "here"
    failures = 1
    with pytest.raises(OSError, match="away"):
        await questions.ask("t")

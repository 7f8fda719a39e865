"""The Django side for the gateway, in a process of its own: `python -m tests.benchmarks.gateway.receiver PORT`.

It takes receipts as the real one does and counts them; `GET /count` says how many.
"""

from __future__ import annotations

import sys

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.fakes.internal import InternalServer


class Counter(InternalServer):
    """Keeps the ids only: a benchmark makes many large receipts."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()

    async def count(self, _request: Request) -> JSONResponse:
        self.forget()
        return JSONResponse({"receipts": len(self.ids)})

    def forget(self) -> None:
        self.ids |= self.receipts.keys()
        self.receipts.clear()

    async def _receipts(self, request: Request) -> JSONResponse:
        answer = await super()._receipts(request)
        self.forget()
        return answer


def main() -> None:
    counter = Counter()
    app = counter.app()
    app.router.routes.append(Route("/count", counter.count))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()

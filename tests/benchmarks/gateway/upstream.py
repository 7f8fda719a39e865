"""The MCP server behind every gateway: `python -m tests.benchmarks.gateway.upstream PORT`.

Two tools that only read: a short echo, and 20,000 characters of a service's log such as an agent asks for.
"""

from __future__ import annotations

import hashlib
import sys

from mcp.server import MCPServer
from mcp.types import ToolAnnotations

LOG_CHARS = 20_000
READ = ToolAnnotations(read_only_hint=True)

server = MCPServer("bench", log_level="WARNING")

# What logs are made of: ids, addresses, words that stand near secrets elsewhere, and a traceback.
_LINES = (
    "{time} INFO booking.api [{id}] GET /api/v1/orders/{n}/items?limit=50&cursor={id} 200 {n}ms",
    "{time} DEBUG booking.session token refreshed for user={n} session={id} expires_in=3600",
    '{time} INFO booking.http {{"method": "POST", "url": "https://api.example.com/v2/charge", "status": 201, "request": "{id}"}}',
    "{time} WARN booking.pool connection to postgresql://db.internal:5432/booking took {n} ms (attempt 2 of 3)",
    "{time} INFO booking.auth password check passed for customer {n}, authorization by role=agent",
    '{time} INFO booking.deploy image registry.example.com/booking@sha256:{id}{id} commit {id} by "Ada <ada@example.com>"',
    '{time} ERROR booking.worker Traceback (most recent call last):\n  File "/srv/booking/slots.py", line {n}, in reserve\n'
    "    slot = self.calendar.find(day, start=start, end=end)\n"
    "TypeError: can't compare offset-naive and offset-aware datetimes",
)


def log_text() -> str:
    """The same text in every process."""
    lines: list[str] = []
    size = 0
    while size < LOG_CHARS:
        number = len(lines)
        digest = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
        time = f"2026-11-22T10:{number // 60 % 60:02}:{number % 60:02}.{number * 37 % 1000:03}Z"
        lines.append(_LINES[number % len(_LINES)].format(time=time, id=digest, n=number * 7919 % 10_000))
        size += len(lines[-1]) + 1
    return "\n".join(lines)[:LOG_CHARS]


LOG = log_text()


@server.tool(annotations=READ)
async def get_echo(message: str) -> str:
    """Says it again."""
    return message


@server.tool(annotations=READ, structured_output=False)
async def get_logs(service: str, limit: int = 200) -> str:
    """The last lines that a service has logged."""
    return LOG


if __name__ == "__main__":
    server.run("streamable-http", port=int(sys.argv[1]))

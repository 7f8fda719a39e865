"""A server over stdio that breaks the protocol in one way: `python odd_upstream.py WAY`. Standard library only, to start fast.

Its tools `get_echo` and, depending on the way, others; the ways are the functions and entries of `WAYS`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

Reply = dict[str, Any]
BIG = 15_000_000
ENDLESS = 40_000_000
ECHO = {
    "name": "get_echo",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "annotations": {"readOnlyHint": True},
}


def tool(name: str, **fields: Any) -> Reply:
    return {"name": name, "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}} | fields


def write(message: Any) -> None:
    line = message if isinstance(message, str) else json.dumps(message)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def answer(request: Reply, result: Reply) -> None:
    write({"jsonrpc": "2.0", "id": request["id"], "result": result})


def notify(method: str, **params: Any) -> None:
    write({"jsonrpc": "2.0", "method": method, "params": params})


def text(words: str) -> Reply:
    return {"content": [{"type": "text", "text": words}]}


def echo(request: Reply) -> None:
    answer(request, text(str(request["params"]["arguments"].get("text", ""))))


class Odd:
    """One way: the tools it lists, what it does before it answers a call, and how it answers."""

    def __init__(self, *tools: Reply, start: Callable[[], None] = lambda: None, call: Callable[[Reply], None] = echo) -> None:
        self.tools = [ECHO, *tools]
        self.start = start
        self.call = call

    def list_page(self, cursor: int) -> Reply:
        page: Reply = {"tools": self.tools[cursor : cursor + 500]}
        if len(self.tools) > cursor + 500:
            page["nextCursor"] = str(cursor + 500)
        return page


def garbage(request: Reply) -> None:
    """Lines that are no message, before and after the answer."""
    for line in ("Server is running!", '{"jsonrpc": "2.0", "id": ', "[]", '{"jsonrpc": "1.0"}', "null", "\x00\x01"):
        write(line)
    echo(request)
    write("thank you, come again")


def wrong_id(request: Reply) -> None:
    """Answers to what nobody asked, then the right one."""
    for number in (10_000 + request["id"], -1, "nobody", None):
        write({"jsonrpc": "2.0", "id": number, "result": text("not yours")})
    echo(request)


def floods_notifications(request: Reply) -> None:
    for number in range(1000):
        notify("notifications/message", level="info", data="x" * 100)
        notify("notifications/progress", progressToken="nobody", progress=number)
        notify("notifications/of/its/own", number=number)
    echo(request)


def floods_stderr(request: Reply) -> None:
    for _ in range(20_000):
        sys.stderr.write("complaint " * 20 + "\n")
    echo(request)


def closes_stdin(request: Reply) -> None:
    echo(request)
    os.close(0)
    time.sleep(600)


def hangs(request: Reply) -> None:
    echo(request)
    time.sleep(600)


def answers_big(request: Reply) -> None:
    answer(request, text("x" * BIG) if request["params"]["name"] == "get_big" else text("small"))


def never_ends_a_line(request: Reply) -> None:
    if request["params"]["name"] != "get_endless":
        echo(request)
        return
    for _ in range(ENDLESS // 100_000):
        sys.stdout.write("x" * 100_000)
        sys.stdout.flush()


def no_result(request: Reply) -> None:
    write({"jsonrpc": "2.0", "id": request["id"], "result": {"content": "this is no list"}})


def silent() -> None:
    time.sleep(600)


def _huge_schema() -> Reply:
    definitions = {f"d{number}": {"$ref": f"#/$defs/d{number + 1}"} for number in range(3000)}
    return {"type": "object", "properties": {"x": {"$ref": "#/$defs/d0"}}, "$defs": definitions | {"d3000": {"type": "string"}}}


CYCLE = {"type": "object", "properties": {"x": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}
FAR = {"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:9/schema.json"}}}
HOPELESS = {"type": "object", "properties": {"x": {"type": "no such type", "pattern": "("}}}

WAYS: dict[str, Odd] = {
    "garbage": Odd(call=garbage),
    "wrong-id": Odd(call=wrong_id),
    "floods-notifications": Odd(call=floods_notifications),
    "floods-stderr": Odd(call=floods_stderr),
    "closes-stdin": Odd(call=closes_stdin),
    "hangs": Odd(call=hangs),
    "silent": Odd(start=silent),
    "big": Odd(tool("get_big"), call=answers_big),
    "endless-line": Odd(tool("get_endless"), call=never_ends_a_line),
    "no-result": Odd(call=no_result),
    "many-tools": Odd(*(tool(f"get_{number}") for number in range(10_000))),
    "odd-names": Odd(tool("get_" + "x" * 200), tool("get a thing!"), tool(""), tool("get_twice"), tool("get_twice", title="2")),
    "wordy": Odd(tool("get_wordy", description="word " * 200_000)),
    "odd-schemas": Odd(
        tool("get_cycle", inputSchema=CYCLE),
        tool("get_far", inputSchema=FAR),
        tool("get_hopeless", inputSchema=HOPELESS),
        tool("get_deep", inputSchema=_huge_schema()),
    ),
}


def main(odd: Odd) -> None:
    odd.start()
    capabilities = {"tools": {"listChanged": True}, "logging": {}}
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request or "method" not in request:
            continue
        if request["method"] == "initialize":
            version = request["params"]["protocolVersion"]
            info = {"name": "odd", "version": "1"}
            answer(request, {"protocolVersion": version, "capabilities": capabilities, "serverInfo": info})
        elif request["method"] == "tools/list":
            answer(request, odd.list_page(int((request.get("params") or {}).get("cursor") or 0)))
        elif request["method"] == "tools/call":
            odd.call(request)
        elif request["method"] == "ping":
            answer(request, {})
        else:
            write({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "Method not found"}})


if __name__ == "__main__":
    main(WAYS[sys.argv[1]])

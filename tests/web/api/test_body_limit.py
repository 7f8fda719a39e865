"""Bodies are refused before anybody reads them whole."""

import json

import pytest

from sahur.api.body_limit import BodyLimit
from sahur.api.parsers import RECEIPT_BYTES

LIMIT = 1000


async def ask(path, chunks, headers=()):
    """What an application behind the limit received, and what was sent back."""
    seen, sent, waiting = [], [], list(chunks)

    async def application(scope, receive, send):
        while (message := await receive())["type"] == "http.request":
            seen.append(message["body"])
            if not message["more_body"]:
                return
        seen.append(message["type"])

    async def receive():
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    await BodyLimit(application)({"path": path, "headers": list(headers)}, receive, send)
    return seen, sent


@pytest.fixture(autouse=True)
def small_limit(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = LIMIT


async def test_body_within_the_limit_passes():
    assert await ask("/api/issues/", [b"a" * 500, b"b" * 500], [(b"content-length", b"1000")]) == ([b"a" * 500, b"b" * 500], [])


@pytest.mark.parametrize("length", [b"1001", b"9" * 5000])
async def test_body_that_says_it_is_too_large_is_refused_unread(length):
    seen, sent = await ask("/api/issues/", [b"a"], [(b"content-length", length)])
    assert seen == []
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["code"] == "body_too_large"


async def test_body_that_becomes_too_large_is_cut_off():
    seen, _ = await ask("/api/issues/", [b"a" * 600, b"b" * 600, b"c"])
    assert seen == [b"a" * 600, "http.disconnect"]


async def test_gateway_may_send_more():
    assert (await ask("/internal/receipts/", [b"a" * 5000], [(b"content-length", b"5000")]))[1] == []
    assert (await ask("/internal/receipts/", [b"a"], [(b"content-length", str(RECEIPT_BYTES + 1).encode())]))[1][0][
        "status"
    ] == 413

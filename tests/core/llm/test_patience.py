"""How long a server asks to be left alone, in every form that the vendors use."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from sahur_core.llm.patience import MAX_RETRY_AFTER, retry_after

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def asked(**headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return retry_after(SimpleNamespace(response=SimpleNamespace(headers=named)), NOW)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7),
        ({"retry_after": "0.5"}, 0.5),
        ({"retry_after_ms": "250", "retry_after": "9"}, 0.25),
        ({"retry_after": "Mon, 23 Nov 2026 09:00:30 GMT"}, 30),
        ({"retry_after": "soon"}, 0),
        ({"retry_after": "-3"}, 0),
        ({"retry_after": "nan"}, 0),
        ({"retry_after": "inf"}, MAX_RETRY_AFTER),
        ({"x_ratelimit_remaining_tokens": "0", "x_ratelimit_reset_tokens": "6m0s"}, 360),
        ({"x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "120ms"}, 0.12),
        ({"x_ratelimit_remaining_requests": "3", "x_ratelimit_reset_requests": "1h"}, 0),
        ({"anthropic_ratelimit_tokens_remaining": "0", "anthropic_ratelimit_tokens_reset": "2026-11-23T09:01:00Z"}, 60),
        ({"anthropic_ratelimit_input_tokens_remaining": "0", "anthropic_ratelimit_input_tokens_reset": "later"}, 0),
        ({}, 0),
    ],
)
def test_headers_are_read(headers, seconds):
    assert asked(**headers) == pytest.approx(seconds)


def test_what_is_no_answer_asks_for_nothing():
    assert retry_after(ConnectionError("gone")) == 0
    assert retry_after(None) == 0

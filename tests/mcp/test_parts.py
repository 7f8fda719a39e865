"""The parts of the gateway by themselves: breaker, cache, arguments, redaction, results."""

from __future__ import annotations

import json
import sys
from typing import Any

import mcp.types as types
import pytest

from sahur_core.redaction.redactor import Redactor
from sahur_core.tools.arguments import ArgumentChecker
from sahur_mcp.config import UpstreamConfig, UpstreamRules
from sahur_mcp.proxy.cache import ResultCache
from sahur_mcp.proxy.records.results import MAX_BINARY_CHARS, build_result, read_result
from sahur_mcp.proxy.upstreams.breaker import Breaker
from sahur_mcp.proxy.upstreams.remote import RemoteUpstream

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}


def test_the_breaker_opens_rests_and_lets_one_call_probe() -> None:
    now = [0.0]
    breaker = Breaker(threshold=2, rest_seconds=10, clock=lambda: now[0])
    breaker.failed()
    assert breaker.admits()
    breaker.failed()
    assert (breaker.state, breaker.admits()) == ("open", False)
    now[0] = 10
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.succeeded()
    assert (breaker.state, breaker.admits()) == ("closed", True)


def test_a_probe_without_outcome_frees_the_way_for_the_next() -> None:
    breaker = Breaker(threshold=1, rest_seconds=0)
    breaker.failed()
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.abandoned()
    assert breaker.admits()


def test_the_cache_forgets_the_old_and_the_big() -> None:
    now = [0.0]
    cache: ResultCache[str] = ResultCache(max_bytes=100, keep_seconds=5, clock=lambda: now[0])
    for number in range(11):
        cache.put(str(number), "x", 10)
    cache.put("big", "x", 11)
    assert (cache.get("0"), cache.get("10"), cache.get("big")) == (None, "x", None)
    now[0] = 5
    assert cache.get("10") is None


def test_the_order_of_keys_makes_no_other_call_for_the_cache_and_their_values_do() -> None:
    upstream = RemoteUpstream("foreign", UpstreamConfig(url="https://mcp.example.com", rules=UpstreamRules(cache_seconds=60)))
    key = upstream.cache_key("get", {"filter": {"a": 1, "b": [{"c": 2, "d": 3}]}, "page": 1})
    assert key == upstream.cache_key("get", {"page": 1, "filter": {"b": [{"d": 3, "c": 2}], "a": 1}})
    wanted = {"a": 1, "b": [{"c": 2, "d": 3}]}
    others = [{"filter": {"a": 1, "b": [{"c": 2, "d": 4}]}, "page": 1}, {"filter": wanted, "page": "1"}]
    assert len({key, *(upstream.cache_key("get", other) for other in others)}) == 3


def test_wrong_arguments_are_named_with_the_right_ones() -> None:
    checker = ArgumentChecker()
    assert checker.problem(SCHEMA, {"path": "x"}) == ""
    assert "at path" in checker.problem(SCHEMA, {"path": 1})
    assert "path (required)" in checker.problem(SCHEMA, {})


def test_a_schema_that_is_wrong_or_points_outside_blocks_nothing() -> None:
    checker = ArgumentChecker()
    for schema in ({"type": "nonsense"}, {"$ref": "http://127.0.0.1:9/schema"}):
        assert checker.problem(schema, {"anything": 1}) == ""


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAABCDEFGHIJKLMNOP",
        "sntryu_" + "0f4k3" * 12,
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "A1b2" * 10,
        "xoxb-123456789012-123456789012-abcdefghijklmnop",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "sk-ant-" + "a1B2-" * 10,
        "sahur_" + "a1B2" * 8,
        "SG." + "a" * 22 + "." + "b" * 43,
    ],
)
def test_known_kinds_of_secrets_are_taken_out_of_texts_and_values(secret: str) -> None:
    redactor = Redactor()
    assert secret not in redactor.text(f"before {secret} after")
    assert secret not in json.dumps(redactor.value({"a": [{secret: f"x={secret}"}]}))
    assert redactor.count == 3


@pytest.mark.parametrize(
    "text",
    [
        "commit 8c2ddcd8c2ddcd8c2ddcd8c2ddcd8c2ddcd8c2dd",
        "password = get_password(user)",
        "SHA256 " + "ab12" * 16,
        'token = request.headers["Authorization"]',
        "https://example.org:8080/path@version",
        "    if bearer and token:",
    ],
)
def test_ordinary_code_is_left_alone(text: str) -> None:
    assert Redactor().text(text) == text


def test_a_key_is_taken_out_over_many_strings() -> None:
    lines = [
        "-----BEGIN PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0B",
        "AQEFAASCBKcwggSjAgEAAoIB",
        "-----END PRIVATE KEY-----",
        "plainTextThatFollows1234",
    ]
    told = Redactor().value([{"text": line} for line in lines])
    assert [part["text"] for part in told] == [lines[0], "[redacted: private key]", "[redacted: private key]", lines[3], lines[4]]


def test_pictures_are_passed_on_and_named_in_the_receipt() -> None:
    picture = types.ImageContent(type="image", data="QUFB", mime_type="image/png")
    told = types.CallToolResult(content=[types.TextContent(type="text", text="see"), picture])
    outcome = read_result(told, Redactor(), is_trusted=False)
    assert outcome.text == "see\n[image, image/png]"
    assert build_result(outcome, "id", 1).content == told.content


def test_a_picture_over_the_limit_is_named_only() -> None:
    picture = types.ImageContent(type="image", data="A" * (MAX_BINARY_CHARS + 4), mime_type="image/png")
    outcome = read_result(types.CallToolResult(content=[picture]), Redactor(), is_trusted=False)
    assert "left out" in str(build_result(outcome, "id", 1).content)


def test_the_child_starter_says_what_it_could_not_start() -> None:
    import subprocess

    from sahur_mcp.proxy.transports import child

    done = subprocess.run([sys.executable, child.__file__, "no-such-command"], capture_output=True, text=True, check=False)
    assert (done.returncode, "no-such-command" in done.stderr) == (127, True)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "part",
    [
        "/",
        "//x",
        "eyJ-",
        "eyJ ",
        "sk-",
        "sntryu_",
        "A_",
        "://a:",
        "1 ",
        "glagent-",
        "xoxb-1-",
        "bearer ",
        "password='",
        "-----BEGIN ",
    ],
)
def test_a_text_made_to_be_slow_is_not(part: str) -> None:
    """Quadratic patterns would take hours for these."""
    text = part * (400_000 // len(part))
    assert len(Redactor().text(text)) > 0


ENDLESS = {
    "type": "object",
    "properties": {"a": {"type": "string", "pattern": "^(a|aa)+$"}, "b": {"type": "string", "pattern": "^x"}},
    "patternProperties": {"^(z+)+$": {"type": "string"}},
    "additionalProperties": False,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("arguments", [{"a": "a" * 50 + "!"}, {"z" * 50 + "!": "y"}])
def test_an_upstreams_pattern_that_never_ends_is_left_to_the_upstream(arguments: dict[str, str]) -> None:
    assert ArgumentChecker().problem(ENDLESS, arguments) == ""


def test_a_pattern_that_ends_is_checked() -> None:
    assert "does not match" in ArgumentChecker().problem(ENDLESS, {"b": "y"})


def _doubling(depth: int) -> dict[str, Any]:
    """A small schema that takes two to the power of `depth` steps to check against anything."""
    twice = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(depth)}
    return {"$defs": {**twice, f"d{depth}": {"type": "object"}}, "$ref": "#/$defs/d0"}


def _unevaluated(depth: int) -> dict[str, Any]:
    return {"unevaluatedProperties": False, "allOf": [_unevaluated(depth - 1)]} if depth else {"type": "object"}


@pytest.mark.parametrize("schema", [_doubling(40), _unevaluated(27)], ids=["references", "unevaluated"])
def test_a_schema_that_takes_for_ever_is_left_to_its_upstream(schema: dict[str, Any]) -> None:
    assert ArgumentChecker().problem(schema, {}) == ""


def test_items_are_compared_in_one_pass() -> None:
    schema = {"properties": {"a": {"type": "array", "uniqueItems": True}}}
    assert ArgumentChecker().problem(schema, {"a": [{"i": number} for number in range(50_000)]}) == ""
    assert "non-unique" in ArgumentChecker().problem(schema, {"a": [{"i": 1}, {"i": 2}, {"i": 1}]})

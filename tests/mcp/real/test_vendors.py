"""The servers for GitHub, Sentry and Slack, as published, between a gateway process and local vendors."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import mcp.types as types
import pytest

from tests.fakes import github_server, sentry_server
from tests.fakes import slack as slack_server
from tests.fakes.rest_api import Mishap
from tests.fakes.slack import Script
from tests.mcp.real.conftest import REPOSITORY, Vendors
from tests.mcp.test_upstreams import status_of, text_of

pytestmark = [pytest.mark.xdist_group("real"), pytest.mark.full]

SHOP = {"owner": "acme", "repo": "shop"}
ISSUE = {"organizationSlug": "acme", "issueId": "SHOP-1"}
SENTRY_ISSUE = {"resourceType": "issue", "organizationSlug": "acme", "resourceId": "SHOP-1"}
GRANTED = {"granted": True, "reason": "", "effect_key": "tool.call:1"}
DENIED = {"granted": False, "reason": "Nobody approved it.", "effect_key": ""}
READS: list[tuple[str, dict[str, Any], str]] = [
    ("github__get_file_contents", SHOP | {"path": "shop/cart.py"}, "def total(lines)"),
    ("sentry__get_sentry_resource", SENTRY_ISSUE, 'File "shop/cart.py", line 2, in total'),
    ("slack__slack_list_channels", {}, '"name":"general"'),
]


@pytest.fixture(autouse=True)
def in_order(vendors: Vendors) -> Iterator[None]:
    """Every test finds the vendors willing, and nobody approving."""
    vendors.gateway.internal.grant = DENIED
    yield
    vendors.github.token, vendors.sentry.token, vendors.slack.token = github_server.TOKEN, sentry_server.TOKEN, slack_server.TOKEN
    vendors.github.remaining = github_server.LIMIT


async def call(vendors: Vendors, tool: str, arguments: dict[str, Any], *, granted: bool = False) -> types.CallToolResult:
    vendors.gateway.internal.grant = GRANTED if granted else DENIED
    return await vendors.gateway.call(tool, arguments)


def is_calm(vendors: Vendors, upstream: str) -> bool:
    state = vendors.gateway.ready()["upstreams"][upstream]
    return (state["state"], state["breaker"]) == ("ready", "closed")


# --- reads ---


@pytest.mark.parametrize(("tool", "arguments", "told"), READS)
async def test_a_read_is_answered_and_leaves_its_receipt(
    vendors: Vendors, tool: str, arguments: dict[str, Any], told: str
) -> None:
    result = await call(vendors, tool, arguments)
    receipt = vendors.gateway.receipt(result)
    assert status_of(result) == "ok"
    assert told in text_of(result)
    assert (receipt["tool"], receipt["arguments"], receipt["status"]) == (tool, arguments, "ok")
    assert told in receipt["result"]


async def test_each_vendor_gets_its_own_credential_and_nothing_of_the_callers(vendors: Vendors) -> None:
    token = vendors.gateway.token()
    for tool, arguments, _ in READS:
        await vendors.gateway.call(tool, arguments, token=token)
    assert {seen.authorization for seen in vendors.github.seen} == {f"Bearer {github_server.TOKEN}"}
    assert {seen.authorization for seen in vendors.sentry.seen} == {f"Bearer {sentry_server.TOKEN}"}
    assert {each.authorization for each in vendors.slack.calls} == {f"Bearer {slack_server.TOKEN}"}
    arrived = json.dumps([[seen.path, seen.headers, seen.body] for seen in vendors.github.seen + vendors.sentry.seen])
    assert token not in arrived
    assert "x-sahur" not in arrived.casefold()


async def test_long_lists_come_in_pages(vendors: Vendors) -> None:
    for number in range(35):
        vendors.github.file_issue(REPOSITORY, f"Report {number}")
    pages = [await call(vendors, "github__list_issues", SHOP | {"page": page, "per_page": 20}) for page in (1, 2)]
    titles = [issue["title"] for page in pages for issue in json.loads(text_of(page))]
    assert [title for title in titles if title.startswith("Report")] == [f"Report {number}" for number in reversed(range(35))]


async def test_what_the_vendor_searches_is_found(vendors: Vendors) -> None:
    code = await call(vendors, "github__search_code", {"q": f"repo:{REPOSITORY} line.price"})
    assert [item["path"] for item in json.loads(text_of(code))["items"]] == ["shop/cart.py"]
    issues = await call(vendors, "sentry__search_issues", {"organizationSlug": "acme", "query": "unsupported operand"})
    assert "SHOP-1" in text_of(issues)


# --- what is wrong is told in words ---


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("github__get_issue", SHOP | {"issue_number": "seven"}, "issue_number"),
        ("sentry__get_sentry_resource", {"resourceType": "dragon"}, "dragon"),
        ("slack__slack_get_channel_history", {}, "channel_id (required)"),
    ],
)
async def test_wrong_arguments_are_told_and_reach_no_vendor(
    vendors: Vendors, tool: str, arguments: dict[str, Any], told: str
) -> None:
    before = len(vendors.github.seen) + len(vendors.sentry.seen) + len(vendors.slack.calls)
    result = await call(vendors, tool, arguments)
    assert status_of(result) == "error"
    assert told in text_of(result)
    assert len(vendors.github.seen) + len(vendors.sentry.seen) + len(vendors.slack.calls) == before


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("github__get_issue", SHOP | {"issue_number": 9999}, "not found"),
        ("github__get_file_contents", SHOP | {"path": "no/such.py"}, "not found"),
        ("sentry__get_sentry_resource", SENTRY_ISSUE | {"resourceId": "SHOP-404"}, "does not exist"),
        ("slack__slack_get_channel_history", {"channel_id": "C0NONE"}, "channel_not_found"),
    ],
)
async def test_what_is_not_there_is_told(vendors: Vendors, tool: str, arguments: dict[str, Any], told: str) -> None:
    result = await call(vendors, tool, arguments)
    assert told in text_of(result).casefold()
    assert is_calm(vendors, tool.partition("__")[0])


@pytest.mark.parametrize(
    ("read", "told"),
    list(zip(READS, ("Bad credentials", "Sentry rejected the stored access token", "invalid_auth"), strict=True)),
    ids=["github", "sentry", "slack"],
)
async def test_a_credential_that_the_vendor_no_longer_takes_is_named(
    vendors: Vendors, read: tuple[str, dict[str, Any], str], told: str
) -> None:
    vendors.github.token = vendors.sentry.token = vendors.slack.token = "rotated-by-its-owner"
    result = await call(vendors, read[0], read[1])
    assert told in text_of(result)
    assert is_calm(vendors, read[0].partition("__")[0])


async def test_a_spent_hourly_limit_is_told_and_the_breaker_stays_closed(vendors: Vendors) -> None:
    vendors.github.remaining = 0
    results = [await call(vendors, "github__list_commits", SHOP) for _ in range(6)]
    assert all("API rate limit exceeded" in text_of(result) for result in results)
    assert {status_of(result) for result in results} == {"error"}
    assert is_calm(vendors, "github")
    vendors.github.remaining = 10
    assert status_of(await call(vendors, "github__list_commits", SHOP)) == "ok"


async def test_too_many_requests_are_told_and_the_breaker_stays_closed(vendors: Vendors) -> None:
    vendors.github.script("GET /repos/{owner}/{repo}/issues/{number}", *[github_server.secondary_limit()] * 6)
    vendors.sentry.script(f"GET {sentry_server.ORGANIZATION}/issues/", *[sentry_server.rate_limit()] * 6)
    vendors.slack.script("conversations.history", *[Script("ratelimited", 429, 30)] * 6)
    for tool, arguments, told in (
        ("github__get_issue", SHOP | {"issue_number": 1}, "secondary rate limit"),
        ("sentry__search_issues", {"organizationSlug": "acme", "query": "is:unresolved"}, "too frequently"),
        ("slack__slack_get_channel_history", {"channel_id": "C0GENERAL"}, "ratelimited"),
    ):
        results = [await call(vendors, tool, arguments) for _ in range(6)]
        assert all(told in text_of(result) for result in results), text_of(results[0])
        assert is_calm(vendors, tool.partition("__")[0])


async def test_a_vendor_that_takes_too_long_is_given_up_and_others_are_served_meanwhile(vendors: Vendors) -> None:
    vendors.sentry.script(f"GET {sentry_server.ORGANIZATION}/projects/", Mishap(delay=8))
    slow = await call(vendors, "sentry__find_projects", {"organizationSlug": "acme"})
    assert "did not answer" in text_of(slow)
    assert status_of(await call(vendors, "sentry__find_organizations", {})) == "ok"


# --- writes ---


async def test_an_issue_is_filed_once_with_a_grant_and_never_without(vendors: Vendors) -> None:
    arguments = SHOP | {"title": "Total is negative", "body": "See SHOP-1."}
    denied = await call(vendors, "github__create_issue", arguments)
    assert (status_of(denied), vendors.github.requests("POST", "/issues")) == ("denied", [])
    filed = await call(vendors, "github__create_issue", arguments, granted=True)
    assert status_of(filed) == "ok"
    assert [seen.body["title"] for seen in vendors.github.requests("POST", "/issues")] == ["Total is negative"]
    number = json.loads(text_of(filed))["number"]
    listed = json.loads(text_of(await call(vendors, "github__list_issues", SHOP)))
    assert [issue["title"] for issue in listed if issue["number"] == number] == ["Total is negative"]


async def test_what_the_vendor_does_not_accept_is_told(vendors: Vendors) -> None:
    result = await call(vendors, "github__create_issue", SHOP | {"title": " "}, granted=True)
    assert status_of(result) == "error"
    assert "Validation Failed" in text_of(result)


async def test_a_message_is_posted_once_and_can_be_read(vendors: Vendors) -> None:
    arguments = {"channel_id": "C0GENERAL", "text": "The cause is in cart.py."}
    assert status_of(await call(vendors, "slack__slack_post_message", arguments)) == "denied"
    assert status_of(await call(vendors, "slack__slack_post_message", arguments, granted=True)) == "ok"
    history = await call(vendors, "slack__slack_get_channel_history", {"channel_id": "C0GENERAL"})
    assert [message["text"] for message in json.loads(text_of(history))["messages"]] == ["The cause is in cart.py."]


async def test_an_issue_of_sentry_is_resolved_only_with_a_grant(vendors: Vendors) -> None:
    arguments = ISSUE | {"status": "resolved"}
    try:
        assert status_of(await call(vendors, "sentry__update_issue", arguments)) == "denied"
        assert vendors.sentry.issues["SHOP-1"].status == "unresolved"
        assert status_of(await call(vendors, "sentry__update_issue", arguments, granted=True)) == "ok"
        assert vendors.sentry.issues["SHOP-1"].status == "resolved"
        left = await call(vendors, "sentry__search_issues", {"organizationSlug": "acme", "query": "is:unresolved"})
        assert "SHOP-1" not in text_of(left)
    finally:
        vendors.sentry.issues["SHOP-1"].status = "unresolved"


async def test_the_door_to_all_other_tools_of_sentry_needs_a_grant_even_for_reading(vendors: Vendors) -> None:
    arguments = {"name": "add_issue_note", "arguments": ISSUE | {"text": "Known."}}
    assert status_of(await call(vendors, "sentry__execute_sentry_tool", arguments)) == "denied"
    assert vendors.sentry.issues["SHOP-1"].notes == []
    assert status_of(await call(vendors, "sentry__execute_sentry_tool", arguments, granted=True)) == "ok"
    assert [note["data"]["text"] for note in vendors.sentry.issues["SHOP-1"].notes] == ["Known."]


# --- staying up, and keeping quiet ---


@pytest.mark.parametrize(
    ("program", "read"), list(zip(("server-github", "sentry/mcp-server", "server-slack"), READS, strict=True))
)
async def test_a_killed_server_is_back_for_the_next_call(
    vendors: Vendors, program: str, read: tuple[str, dict[str, Any], str]
) -> None:
    [old] = vendors.gateway.children(program)
    os.kill(old, signal.SIGKILL)
    result = await call(vendors, read[0], read[1])
    assert (status_of(result), read[2] in text_of(result)) == ("ok", True)
    assert vendors.gateway.children(program) != {old}


async def test_no_credential_is_ever_told_kept_or_logged(vendors: Vendors) -> None:
    """Also not where a server writes what it is sent to its standard error, as GitHub's and Slack's do."""
    leak = "AKIAABCDEFGHIJKLMNOP"
    body = f"Tokens: {github_server.TOKEN} {sentry_server.TOKEN} {leak}"
    filed = await call(vendors, "github__create_issue", SHOP | {"title": "Leak", "body": body}, granted=True)
    told = [text_of(filed), text_of(await call(vendors, "github__search_issues", {"q": f"repo:{REPOSITORY} Leak"}))]
    vendors.gateway.receipt(filed)
    told.append(vendors.gateway.everything_told())
    secrets = [github_server.TOKEN, sentry_server.TOKEN, slack_server.TOKEN, leak]
    assert not [secret for secret in secrets if any(secret in each for each in told)]

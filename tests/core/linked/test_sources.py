"""Which tool reads which link: by the schemas of the vendors' servers, and only where a server stands for the host."""

from __future__ import annotations

from typing import Any

import pytest

from sahur_core.issues import RepositoryRef
from sahur_core.linked.links import read_links
from sahur_core.linked.sources import MAX_READS, Reads, plan_reads
from sahur_core.protocols import ToolSpec
from sahur_core.tools.registry import ToolRegistry
from tests.fakes.vendor_upstreams import GITHUB_SCHEMAS, NUMBER, SENTRY_SCHEMAS, SLACK_SCHEMAS, STRING, schema

PULL = "https://github.com/acme/shop/pull/12"
SENTRY = "https://acme.sentry.io/issues/SHOP-1/"
SLACK = "https://acme.slack.com/archives/C0123AB/p1700000000000100"
SHOP = {"owner": "acme", "repo": "shop"}
CODE = {name: schema("commit", repository=STRING, commit=STRING) for name in ("show", "read", "log", "changes")}
HOME = RepositoryRef(id="r1", name="shop", commit="abc", remote="github.com/acme/shop")


def registry(*hosts: str, read_only: bool = True, **upstreams: dict[str, Any]) -> ToolRegistry:
    """Tools of upstreams by their names; `code` is our own."""
    return ToolRegistry(
        ToolSpec(
            name=f"{upstream}__{tool}", description="", input_schema=given, read_only=read_only or upstream == "code",
            is_own=upstream == "code", hosts=hosts,
        )
        for upstream, tools in upstreams.items()
        for tool, given in tools.items()
    )  # fmt: skip


def plan(text: str, tools: ToolRegistry, repository: RepositoryRef | None = None) -> Reads:
    return plan_reads(read_links(text, repository.remote if repository else ""), tools, repository)


def calls(text: str, tools: ToolRegistry, repository: RepositoryRef | None = None) -> list[tuple[str, dict[str, Any]]]:
    planned = plan(text, tools, repository)
    assert planned.missing == []
    return [(read.tool, read.arguments) for read in planned.reads]


def test_a_pull_request_is_read_with_its_files() -> None:
    assert calls(PULL, registry(hub=GITHUB_SCHEMAS)) == [
        ("hub__pull_request_read", {"method": "get", **SHOP, "pullNumber": 12}),
        ("hub__pull_request_read", {"method": "get_files", **SHOP, "pullNumber": 12, "perPage": 30}),
    ]


def test_the_older_server_of_github_is_asked_in_its_own_words() -> None:
    pull = schema("owner repo pull_number", owner=STRING, repo=STRING, pull_number=NUMBER)
    issue = schema("owner repo issue_number", owner=STRING, repo=STRING, issue_number=NUMBER)
    tools = registry(github={"get_pull_request": pull, "get_pull_request_files": pull, "get_issue": issue})
    assert calls(f"{PULL} acme/web#3", tools) == [
        ("github__get_pull_request", {**SHOP, "pull_number": 12}),
        ("github__get_pull_request_files", {**SHOP, "pull_number": 12}),
        ("github__get_issue", {"owner": "acme", "repo": "web", "issue_number": 3}),
    ]


@pytest.mark.parametrize(
    ("text", "tool", "arguments"),
    [
        ("acme/shop@a1b2c3d", "get_commit", {**SHOP, "sha": "a1b2c3d"}),
        ("https://github.com/acme/shop/issues/3", "issue_read", {"method": "get", **SHOP, "issue_number": 3}),
        ("https://github.com/acme/shop/blob/v1/a/b.py#L3", "get_file_contents", {**SHOP, "path": "a/b.py", "ref": "v1"}),
    ],
)
def test_other_things_of_github(text: str, tool: str, arguments: dict[str, Any]) -> None:
    assert calls(text, registry(github=GITHUB_SCHEMAS)) == [(f"github__{tool}", arguments)]


DETAILS = {"get_issue_details": schema("", organizationSlug=STRING, issueId=STRING, eventId=STRING, issueUrl=STRING)}
ISSUE = {"organizationSlug": "acme", "issueId": "SHOP-1"}
EVENT = "c49541c747cb4d8aa3efb70ca5aba243"


@pytest.mark.parametrize(
    ("text", "tools", "tool", "arguments"),
    [
        (SENTRY, SENTRY_SCHEMAS, "get_sentry_resource",
         {"resourceType": "issue", "organizationSlug": "acme", "resourceId": "SHOP-1"}),
        (f"{SENTRY}events/{EVENT}/", SENTRY_SCHEMAS, "get_sentry_resource",
         {"resourceType": "event", "organizationSlug": "acme", "resourceId": EVENT}),
        ("https://sentry.io/issues/7/", SENTRY_SCHEMAS, "get_sentry_resource", {"url": "https://sentry.io/issues/7/"}),
        (SENTRY, DETAILS, "get_issue_details", ISSUE),
        (f"{SENTRY}events/{EVENT}/", DETAILS, "get_issue_details", {**ISSUE, "eventId": EVENT}),
        ("https://sentry.io/issues/7/", DETAILS, "get_issue_details", {"issueUrl": "https://sentry.io/issues/7/"}),
        (f"{SENTRY} {SENTRY}?x=1", DETAILS, "get_issue_details", ISSUE),
    ],
)  # fmt: skip
def test_things_of_sentry(text: str, tools: dict[str, Any], tool: str, arguments: dict[str, Any]) -> None:
    assert calls(text, registry(errors=tools)) == [(f"errors__{tool}", arguments)]


TS = "1700000000.000100"
REPLIES = schema("channel_id thread_ts", channel_id=STRING, thread_ts=STRING, limit=STRING)


@pytest.mark.parametrize(
    ("tools", "tool", "name"),
    [
        (SLACK_SCHEMAS, "slack_read_thread", "message_ts"),
        ({"conversations_replies": REPLIES}, "conversations_replies", "thread_ts"),
        ({"slack_get_thread_replies": REPLIES}, "slack_get_thread_replies", "thread_ts"),
    ],
)
def test_a_thread_is_read_with_any_of_slacks_servers(tools: dict[str, Any], tool: str, name: str) -> None:
    assert calls(SLACK, registry(slack=tools)) == [(f"slack__{tool}", {"channel_id": "C0123AB", name: TS})]


def test_commits_and_files_of_the_own_repository_are_read_in_the_code() -> None:
    text = f"{PULL[:-8]}/commit/A1B2C3D and deploy of 0f1e2d3c, {PULL[:-8]}/compare/v1...v2 {PULL[:-8]}/blob/a1b2c3d/x.py#L30-L32"
    assert calls(text, registry(code=CODE, github=GITHUB_SCHEMAS), HOME) == [
        ("code__show", {"repository": "r1", "commit": "a1b2c3d"}),
        ("code__show", {"repository": "r1", "commit": "0f1e2d3c"}),
        ("code__changes", {"repository": "r1", "base": "v1", "head": "v2"}),
        ("code__read", {"repository": "r1", "commit": "a1b2c3d", "path": "x.py", "start": 10, "end": 52}),
    ]


def test_a_pull_request_of_the_own_repository_is_looked_for_in_its_history_where_no_server_has_it() -> None:
    asked = {"repository": "r1", "commit": "abc", "grep": "#12", "limit": 5}
    assert calls(f"{PULL} since PR 12", registry(code=CODE), HOME) == [("code__log", asked)]


def test_what_needs_an_approval_is_not_read_by_itself() -> None:
    planned = plan(PULL, registry(github=GITHUB_SCHEMAS, read_only=False))
    assert planned == Reads(missing=["pull request acme/shop#12: github__pull_request_read needs a person's approval"])


@pytest.mark.parametrize("channel", ["D0123AB", "G0123AB"])
def test_private_conversations_are_not_read_by_themselves(channel: str) -> None:
    planned = plan(SLACK.replace("C0123AB", channel), registry(slack=SLACK_SCHEMAS))
    assert (planned.reads, len(planned.missing)) == ([], 1)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil-github.com/acme/shop/pull/12", "https://github.com.evil.org/acme/shop/pull/12",
        "https://github.com:8443/acme/shop/pull/12", "https://sentry.io.evil.org/organizations/acme/issues/1/",
        "https://evilsentry.io/organizations/acme/issues/1/", "https://git.example.com/acme/shop/pull/12",
        "https://127.0.0.1:9000/organizations/acme/issues/1/",
    ],
)  # fmt: skip
def test_of_a_host_that_no_server_stands_for_nothing_is_read(address: str) -> None:
    planned = plan(address, registry(github=GITHUB_SCHEMAS, sentry=SENTRY_SCHEMAS, slack=SLACK_SCHEMAS))
    assert planned.reads == []
    assert ["no tool server here stands for" in line for line in planned.missing] == [True]


def test_a_server_with_hosts_of_its_own_reads_their_links_and_no_others() -> None:
    tools = registry("git.example.com", github=GITHUB_SCHEMAS)
    assert len(plan("https://git.example.com/acme/shop/pull/12", tools).reads) == 2
    assert plan(PULL, tools).reads == []
    own = registry("sentry.example.com:9000", sentry=SENTRY_SCHEMAS)
    assert len(plan("http://sentry.example.com:9000/organizations/acme/issues/7/", own).reads) == 1
    assert plan("http://sentry.example.com/organizations/acme/issues/7/", own).reads == []


@pytest.mark.parametrize("upstream", ["gitlab", "gitea", "sentry"])
def test_a_server_named_for_another_vendor_is_not_asked(upstream: str) -> None:
    assert plan(PULL, registry(**{upstream: GITHUB_SCHEMAS})).reads == []


@pytest.mark.parametrize(
    "given",
    [
        schema("id", id=STRING),
        schema("owner repo issue_number team", owner=STRING, repo=STRING, issue_number=NUMBER, team=STRING),
        {}, {"properties": "none"}, schema("", owner=STRING, repo=STRING, issue_number={"enum": [1, 2]}),
    ],
)  # fmt: skip
def test_a_tool_with_another_schema_is_not_called(given: dict[str, Any]) -> None:
    planned = plan("acme/shop#12", registry(tracker={"get_issue": given}))
    assert planned == Reads(missing=["issue acme/shop#12: no tool of the servers here can read it"])


def test_a_comparison_of_another_repository_is_told() -> None:
    planned = plan("https://github.com/acme/shop/compare/v1...v2", registry(github=GITHUB_SCHEMAS))
    assert planned == Reads(missing=["comparison of v1 with v2 of acme/shop: no tool of the servers here can read it"])


def test_an_id_without_organization_is_not_guessed() -> None:
    planned = plan("Sentry says SHOP-1", registry(sentry=SENTRY_SCHEMAS))
    assert planned == Reads(missing=["Sentry issue SHOP-1: nothing says of which organization it is; a link would"])


def test_more_than_can_be_read_is_told() -> None:
    text = " ".join(f"https://github.com/acme/shop/pull/{number}" for number in range(1, 10))
    planned = plan(text, registry(github=GITHUB_SCHEMAS))
    assert (len(planned.reads), len(planned.missing)) == (MAX_READS, 3)

"""MCP servers for the local GitHub, Sentry and Slack, with the tools, schemas and forms of answers of the vendors' own.

Names and arguments: github/github-mcp-server (`pkg/github/__toolsnaps__`), getsentry/sentry-mcp (`get_sentry_resource`),
Slack's hosted server (`slack_read_thread`). Each asks its vendor over HTTP with the vendor's token, as the real one does.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import mcp.types as types
from mcp.server import Server

from tests.fakes.github_server import GitHub
from tests.fakes.internal import serve
from tests.fakes.sentry_server import Sentry
from tests.fakes.slack import Slack

READ = types.ToolAnnotations(read_only_hint=True)
STRING, NUMBER = {"type": "string"}, {"type": "number"}
Arguments = dict[str, Any]
Ask = Callable[[Arguments], Awaitable[str]]


def schema(required: str, **properties: Any) -> dict[str, Any]:
    """An input schema; `required` names what must be given."""
    return {"type": "object", "properties": properties, "required": required.split()}


REPOSITORY = {"owner": STRING, "repo": STRING}
PAGES = {"page": NUMBER, "perPage": NUMBER}
PULL_METHODS = ["get", "get_diff", "get_status", "get_files", "get_review_comments", "get_reviews", "get_comments"]
ISSUE_METHODS = ["get", "get_comments", "get_sub_issues", "get_labels"]

GITHUB_SCHEMAS = {
    "pull_request_read": schema(
        "method owner repo pullNumber", **REPOSITORY, **PAGES, pullNumber=NUMBER, method={"type": "string", "enum": PULL_METHODS}
    ),
    "issue_read": schema(
        "method owner repo issue_number", **REPOSITORY, **PAGES, issue_number=NUMBER,
        method={"type": "string", "enum": ISSUE_METHODS},
    ),
    "get_commit": schema("owner repo sha", **REPOSITORY, **PAGES, sha=STRING, include_diff={"type": "boolean", "default": True}),
    "get_file_contents": schema("owner repo", **REPOSITORY, path={**STRING, "default": "/"}, ref=STRING, sha=STRING),
}  # fmt: skip
SENTRY_SCHEMAS = {
    "get_sentry_resource": schema(
        "", url={**STRING, "format": "uri"}, resourceType={"type": "string", "enum": ["issue", "event", "trace", "replay"]},
        resourceId=STRING, organizationSlug=STRING,
    ),
    "find_organizations": schema("", query=STRING),
}  # fmt: skip
SLACK_SCHEMAS = {
    "slack_read_thread": schema(
        "channel_id message_ts", channel_id=STRING, message_ts=STRING, limit=NUMBER, cursor=STRING, oldest=STRING, latest=STRING
    ),
    "slack_send_message": schema("channel_id message", channel_id=STRING, message=STRING, thread_ts=STRING),
}


class VendorServer:
    """One MCP server. `asked` keeps what was called."""

    def __init__(self, schemas: dict[str, dict[str, Any]], answers: dict[str, Ask]) -> None:
        self._schemas = schemas
        self._answers = answers
        self.asked: list[tuple[str, Arguments]] = []

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve it for as long as the block lasts; gives the address of an entry."""
        server: Server[Any] = Server("vendor", on_list_tools=self._list, on_call_tool=self._call)
        with serve(server.streamable_http_app(stateless_http=True)) as url:
            yield f"{url}/mcp"

    async def _list(self, _context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(
            tools=[
                types.Tool(name=name, input_schema=given, annotations=None if "send" in name else READ)
                for name, given in self._schemas.items()
            ]
        )

    async def _call(self, _context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        arguments = params.arguments or {}
        self.asked.append((params.name, arguments))
        try:
            text = await self._answers[params.name](arguments)
        except httpx2.HTTPStatusError as error:
            failed = f"failed: {error.response.status_code} {error.response.text[:300]}"
            return types.CallToolResult(content=[types.TextContent(type="text", text=failed)], is_error=True)
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)])


async def fetched(url: str, token: str, **query: str) -> Any:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        answer = await client.get(url, params=query)
        answer.raise_for_status()
        return answer.json()


def github_tools(github: GitHub) -> VendorServer:
    async def repository(arguments: Arguments, rest: str) -> str:
        found = await fetched(f"{github.url}/repos/{arguments['owner']}/{arguments['repo']}/{rest}", github.token)
        return json.dumps(found)

    async def pull(arguments: Arguments) -> str:
        rest = {"get": "", "get_files": "/files"}[arguments["method"]]
        return await repository(arguments, f"pulls/{int(arguments['pullNumber'])}{rest}")

    async def issue(arguments: Arguments) -> str:
        return await repository(arguments, f"issues/{int(arguments['issue_number'])}")

    async def commit(arguments: Arguments) -> str:
        return await repository(arguments, f"commits/{arguments['sha']}")

    return VendorServer(GITHUB_SCHEMAS, {"pull_request_read": pull, "issue_read": issue, "get_commit": commit})


def sentry_tools(sentry: Sentry) -> VendorServer:
    async def resource(arguments: Arguments) -> str:
        organization, wanted = arguments["organizationSlug"], arguments["resourceId"]
        address = f"{sentry.url}/api/0/organizations/{organization}/issues/{wanted}/"
        issue, event = await fetched(address, sentry.token), await fetched(f"{address}events/latest/", sentry.token)
        return sentry_page(organization, issue, event["entries"][0]["data"]["values"][0])

    return VendorServer(SENTRY_SCHEMAS, {"get_sentry_resource": resource})


def sentry_page(organization: str, issue: Any, error: Any) -> str:
    """An issue as Sentry's server tells it: one frame, then all of them."""
    frames = [
        (f'  File "{frame["filename"]}", line {frame["lineNo"]}, in {frame["function"]}', frame["context"][0][1])
        for frame in error["stacktrace"]["frames"]
    ]
    whole = "\n".join(f"{place}\n{code}" for place, code in frames)
    return "\n".join(
        [
            f"# Issue {issue['shortId']} in **{organization}**",
            f"\n**Description**: {issue['title']}\n**Occurrences**: {issue['count']}",
            f"\n### Error\n\n```\n{error['type']}: {error['value']}\n```",
            f"\n**Most Relevant Frame:**\n─────────────────────\n{frames[-1][0]}\n\n  → {frames[-1][1]}",
            f"\n**Full Stacktrace:**\n────────────────\n```\n{whole}\n```",
        ]
    )


def author_of(slack: Slack, message: dict[str, Any]) -> str:
    person = slack.users.get(message.get("user", ""))
    return person.name if person else "somebody"


def slack_tools(slack: Slack) -> VendorServer:
    async def thread(arguments: Arguments) -> str:
        found = slack.perform("conversations.replies", {"channel": arguments["channel_id"], "ts": arguments["message_ts"]})
        parent, *replies = [f"From: {author_of(slack, each)}\n{each['text']}" for each in found["messages"]]
        return f"=== THREAD PARENT MESSAGE ===\n{parent}\n\n=== THREAD REPLIES ({len(replies)} total) ===\n" + "\n\n".join(
            replies
        )

    return VendorServer(SLACK_SCHEMAS, {"slack_read_thread": thread})

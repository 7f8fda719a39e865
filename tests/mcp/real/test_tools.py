"""The tools of the real servers, all of them, and what our rules say each may do. A tool that is new fails here too."""

from __future__ import annotations

import pytest

from tests.mcp.real.conftest import Local, Vendors
from tests.mcp.real.process import RealGateway

pytestmark = pytest.mark.xdist_group("real")

EVERYTHING = {
    "echo": "read",
    "get-annotated-message": "read",
    "get-env": "read",
    "get-resource-links": "read",
    "get-resource-reference": "read",
    "get-structured-content": "read",
    "get-sum": "read",
    "get-tiny-image": "read",
    "gzip-file-as-resource": "write",
    "simulate-research-query": "write",
    "toggle-simulated-logging": "write",
    "toggle-subscriber-updates": "write",
    # It says that it only reads, but its name does not.
    "trigger-long-running-operation": "write",
}
FILESYSTEM = {
    "create_directory": "write",
    "directory_tree": "read",
    "edit_file": "destroy",
    "get_file_info": "read",
    "list_allowed_directories": "read",
    "list_directory": "read",
    "list_directory_with_sizes": "read",
    "move_file": "destroy",
    "read_file": "read",
    "read_media_file": "read",
    "read_multiple_files": "read",
    "read_text_file": "read",
    "search_files": "read",
    "write_file": "destroy",
}
# This server says nothing of the kind itself: the reads are those of `risk` in its entry.
GITHUB = {
    "add_issue_comment": "write",
    "create_branch": "write",
    "create_issue": "write",
    "create_or_update_file": "write",
    "create_pull_request": "write",
    "create_pull_request_review": "write",
    "create_repository": "write",
    "fork_repository": "write",
    "get_file_contents": "read",
    "get_issue": "read",
    "get_pull_request": "read",
    "get_pull_request_comments": "read",
    "get_pull_request_files": "read",
    "get_pull_request_reviews": "read",
    "get_pull_request_status": "read",
    "list_commits": "read",
    "list_issues": "read",
    "list_pull_requests": "read",
    "merge_pull_request": "write",
    "push_files": "write",
    "search_code": "read",
    "search_issues": "read",
    "search_repositories": "read",
    "search_users": "read",
    "update_issue": "write",
    "update_pull_request_branch": "write",
}
# As GitHub's.
SLACK = {
    "slack_add_reaction": "write",
    "slack_get_channel_history": "read",
    "slack_get_thread_replies": "read",
    "slack_get_user_profile": "read",
    "slack_get_users": "read",
    "slack_list_channels": "read",
    "slack_post_message": "write",
    "slack_reply_to_thread": "write",
}
SENTRY = {
    "analyze_issue_with_seer": "write",
    # Calls any of some sixty more tools, which its name does not say.
    "execute_sentry_tool": "destroy",
    "find_organizations": "read",
    "find_projects": "read",
    "get_sentry_resource": "read",
    "search_events": "read",
    "search_issues": "read",
    "search_sentry_tools": "read",
    "update_issue": "destroy",
}


async def judged(gateway: RealGateway, upstream: str) -> dict[str, str]:
    """The tools that a caller sees of an upstream, with what the gateway says of them."""
    found = {}
    for name, tool in (await gateway.list_all()).items():
        if name.startswith(f"{upstream}__"):
            hints = tool.annotations
            assert hints, name
            risk = "read" if hints.read_only_hint else "destroy" if hints.destructive_hint else "write"
            found[name.removeprefix(f"{upstream}__")] = risk
    return found


@pytest.mark.parametrize(("upstream", "table"), [("everything", EVERYTHING), ("files", FILESYSTEM)])
async def test_each_tool_of_the_local_servers_is_judged_as_the_table_says(
    local: Local, upstream: str, table: dict[str, str]
) -> None:
    assert await judged(local.gateway, upstream) == table


@pytest.mark.full
@pytest.mark.parametrize(("upstream", "table"), [("github", GITHUB), ("slack", SLACK), ("sentry", SENTRY)])
async def test_each_tool_of_the_vendors_servers_is_judged_as_the_table_says(
    vendors: Vendors, upstream: str, table: dict[str, str]
) -> None:
    assert await judged(vendors.gateway, upstream) == table


@pytest.mark.full
@pytest.mark.parametrize(("upstream", "table"), [("github", GITHUB), ("slack", SLACK), ("sentry", SENTRY)])
async def test_whatever_does_more_than_read_is_asked_for_and_then_not_called(
    vendors: Vendors, upstream: str, table: dict[str, str]
) -> None:
    """Each of them, with arguments that its server would take."""
    seen = len(vendors.github.seen) + len(vendors.sentry.seen) + len(vendors.slack.calls)
    vendors.gateway.internal.grant = {"granted": False, "reason": "Nobody approved it.", "effect_key": ""}
    tools = await vendors.gateway.list_all()
    for name in [name for name, risk in table.items() if risk != "read"]:
        result = await vendors.gateway.call(f"{upstream}__{name}", fitting(tools[f"{upstream}__{name}"].input_schema))
        assert (result.meta or {})["sahur/status"] == "denied", name
    assert len(vendors.github.seen) + len(vendors.sentry.seen) + len(vendors.slack.calls) == seen


def fitting(schema: dict[str, object]) -> dict[str, object]:
    """The least arguments that fit a schema."""
    values: dict[str, object] = {"string": "x", "number": 1, "integer": 1, "boolean": True, "array": [], "object": {}}
    properties, required = schema.get("properties", {}), schema.get("required", [])
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    return {name: properties[name].get("enum", [values.get(properties[name].get("type"), "x")])[0] for name in required}

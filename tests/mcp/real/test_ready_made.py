"""The ready-made entries of docs/mcp-servers.example.yaml work as they stand there, with the real servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from sahur_core.tools.policy import matches
from tests.core.tools.test_risk import GITHUB_CHANGES, GITHUB_READS
from tests.fakes import sentry_server
from tests.fakes import slack as slack_server
from tests.fakes.sentry_server import Sentry
from tests.fakes.slack import Slack
from tests.mcp.real.entries import FOLDER, SENTRY, SLACK, Programs, redirection
from tests.mcp.real.process import ROOT, RealGateway, running
from tests.mcp.real.test_tools import judged
from tests.mcp.test_upstreams import status_of, text_of

pytestmark = [pytest.mark.xdist_group("real"), pytest.mark.full]

EXAMPLE = ROOT / "docs" / "mcp-servers.example.yaml"


def example() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = yaml.safe_load(EXAMPLE.read_text())["mcpServers"]
    return entries


def locally(entry: dict[str, Any], programs: Programs, package: str, *arguments: str, **env: str) -> dict[str, Any]:
    """The entry, with the installed program in the place of `npx -y package@version`."""
    assert (entry["command"], entry["args"][0]) == ("npx", "-y")
    assert entry["args"][1].rpartition("@")[0] == package
    rest = {name: value for name, value in entry.items() if name != "disabled"}
    command = {"command": programs.node, "args": [programs.file(package), *entry["args"][2:], *arguments]}
    return rest | command | {"env": entry["env"] | env}


@pytest.fixture(scope="module")
def slack() -> Iterator[tuple[str, Slack]]:
    with slack_server.running() as (url, slack):
        yield url.removesuffix("/api/"), slack


@pytest.fixture(scope="module")
def sentry() -> Iterator[Sentry]:
    with sentry_server.running() as sentry:
        sentry.add_project("shop")
        sentry.add_error("shop", "KeyError", "'price'", [("shop/cart.py", "total", 2, "    line['price']")])
        yield sentry


@pytest.fixture(scope="module")
def gateway(
    programs: Programs, slack: tuple[str, Slack], sentry: Sentry, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealGateway]:
    """Everything else of the file is as it is there: switched off."""
    entries = example()
    entries["slack-local"] = locally(entries["slack-local"], programs, SLACK, **redirection({"slack.com": slack[0]}))
    entries["sentry-local"] = locally(entries["sentry-local"], programs, SENTRY, "--insecure-http")
    env = {
        "SLACK_MCP_BOT_TOKEN": slack_server.TOKEN,
        "SLACK_TEAM_ID": "T0FAKE",
        "SENTRY_ACCESS_TOKEN": sentry.token,
        "SENTRY_HOST": sentry.url.removeprefix("http://"),
    }
    with running(tmp_path_factory.mktemp("example"), entries, **env) as gateway:
        for name in ("slack-local", "sentry-local"):
            gateway.wait_for_state(name, "ready")
        yield gateway


def test_the_versions_in_the_example_are_those_that_are_tested() -> None:
    tested = yaml.safe_load((FOLDER / "package.json").read_text())["dependencies"]
    named = [argument for entry in example().values() for argument in entry.get("args", []) if argument.startswith("@")]
    assert {name.rpartition("@")[0]: name.rpartition("@")[2] for name in named} == {
        name: tested[name] for name in (SLACK, SENTRY)
    }


@pytest.mark.parametrize(
    ("upstream", "table"),
    [
        (
            "slack-local",
            {
                "slack_get_channel_history": "read",
                "slack_get_thread_replies": "read",
                "slack_get_user_profile": "read",
                "slack_get_users": "read",
                "slack_list_channels": "read",
                "slack_post_message": "write",
                "slack_reply_to_thread": "write",
            },
        ),
        (
            "sentry-local",
            {
                "find_organizations": "read",
                "find_projects": "read",
                "get_sentry_resource": "read",
                "search_events": "read",
                "search_issues": "read",
                "search_sentry_tools": "read",
                "update_issue": "destroy",
            },
        ),
    ],
)
async def test_an_entry_offers_what_it_names_and_nothing_else(gateway: RealGateway, upstream: str, table: dict[str, str]) -> None:
    assert await judged(gateway, upstream) == table


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("slack-local__slack_list_channels", {}, '"name":"general"'),
        (
            "sentry-local__get_sentry_resource",
            {"resourceType": "issue", "organizationSlug": "acme", "resourceId": "SHOP-1"},
            "KeyError: 'price'",
        ),
    ],
)
async def test_an_entry_reads(gateway: RealGateway, tool: str, arguments: dict[str, Any], told: str) -> None:
    result = await gateway.call(tool, arguments)
    assert status_of(result) == "ok"
    assert told in text_of(result)


async def test_addresses_in_a_result_are_no_secrets(gateway: RealGateway, sentry: Sentry) -> None:
    """Although the host is given to the server by a variable of its own, as its token is."""
    result = await gateway.call("sentry-local__search_issues", {"organizationSlug": "acme", "query": "is:unresolved"})
    assert f"{sentry.url}/organizations/acme/issues/SHOP-1" in text_of(result)


@pytest.mark.parametrize("name", ["github", "github-local"])
def test_the_entries_for_github_name_tools_that_there_are_and_let_only_reads_through(name: str) -> None:
    rules = example()[name]["tools"]
    allowed = [tool for tool in GITHUB_READS + GITHUB_CHANGES if matches(tool, rules["allow"])]
    assert set(allowed) <= set(GITHUB_READS)
    assert all(any(matches(tool, [glob]) for tool in GITHUB_READS) for glob in rules["allow"] + rules["deny"])
    assert set(rules["ask"]) <= set(GITHUB_CHANGES)


async def test_what_an_entry_denies_is_not_there_to_be_called(gateway: RealGateway) -> None:
    result = await gateway.call("sentry-local__execute_sentry_tool", {"name": "whoami", "arguments": {}})
    assert status_of(result) == "denied"


def test_an_entry_that_is_switched_off_does_not_run(gateway: RealGateway) -> None:
    states = {name: upstream["state"] for name, upstream in gateway.ready()["upstreams"].items()}
    assert {states.get(name, "disabled") for name in ("github", "github-local", "slack", "sentry")} == {"disabled"}

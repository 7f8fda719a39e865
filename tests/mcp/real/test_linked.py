"""What a report links to, planned and read with the vendors' own servers: their names, schemas and answers as they are."""

from __future__ import annotations

import pytest

from sahur_core.issues import ToolResultStatus
from sahur_core.linked.links import read_links
from sahur_core.linked.shown import trace_in
from sahur_core.linked.sources import plan_reads
from sahur_core.tools.gateway import GatewayToolBox
from sahur_core.tools.registry import ToolRegistry
from tests.mcp.real.conftest import REPOSITORY, Vendors

pytestmark = [pytest.mark.xdist_group("real"), pytest.mark.full]


async def read(vendors: Vendors, text: str) -> dict[str, str]:
    """What each tool that was planned for the links of a text answered."""
    box = GatewayToolBox(f"{vendors.gateway.url}/mcp", vendors.gateway.token)
    planned = plan_reads(read_links(text), ToolRegistry(await box.list_tools()), None)
    assert planned.missing == []
    answers = {}
    for number, wanted in enumerate(planned.reads):
        outcome = await box.call(wanted.tool, wanted.arguments, tool_call_id=f"call_{number}")
        assert outcome.status is ToolResultStatus.OK, outcome.text
        answers[wanted.tool] = outcome.text
    return answers


@pytest.mark.parametrize("issue", ["SHOP-1", "{number}"])
async def test_an_issue_of_sentry_shows_its_trace(vendors: Vendors, issue: str) -> None:
    number = vendors.sentry.issues["SHOP-1"].id
    [(tool, text)] = (await read(vendors, f"https://acme.sentry.io/issues/{issue.format(number=number)}/")).items()
    assert tool == "sentry__get_sentry_resource"
    assert 'File "shop/cart.py", line 2, in total' in trace_in(text)


async def test_a_pull_request_shows_its_files(vendors: Vendors) -> None:
    repository = vendors.github.repositories[REPOSITORY]
    pull = vendors.github.add(repository, {"title": "Count", "body": ""}, head="main", base="main")
    answers = await read(vendors, f"https://github.com/{REPOSITORY}/pull/{pull.number}")
    assert '"title"' in answers["github__get_pull_request"]
    assert "github__get_pull_request_files" in answers


async def test_an_issue_a_commit_and_a_file_of_github(vendors: Vendors) -> None:
    issue = vendors.github.file_issue(REPOSITORY, "The cart is empty")
    answers = await read(vendors, f"{REPOSITORY}#{issue.number} https://github.com/{REPOSITORY}/blob/main/shop/cart.py")
    assert "The cart is empty" in answers["github__get_issue"]
    assert "def total(lines)" in answers["github__get_file_contents"]


async def test_a_thread_of_slack(vendors: Vendors) -> None:
    ts = vendors.slack.say("C0GENERAL", "press 7 stops")
    vendors.slack.say("C0GENERAL", "since the deploy", thread_ts=ts)
    answers = await read(vendors, f"https://acme.slack.com/archives/C0GENERAL/p{ts.replace('.', '')}")
    assert "since the deploy" in answers["slack__slack_get_thread_replies"]

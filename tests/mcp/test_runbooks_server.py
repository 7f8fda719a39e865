"""Runbooks through the gateway: which a caller may see, how they are found, and that nothing else is ever read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import mcp.types as types
import pytest
from mcp import MCPError

from sahur_core.code.prepare import prepare
from sahur_mcp.servers import runbook_sources
from sahur_mcp.servers.runbook_files import MAX_SECTION_LINES, sections_of
from sahur_mcp.servers.runbook_sources import FolderSource, RepositorySource
from tests.mcp.conftest import TEAM, Gateway, GatewayMaker
from tests.mcp.test_code_server import git
from tests.mcp.test_upstreams import status_of, text_of

OTHER = 8
PAYMENTS = """---
owner: payments
---
# Refunds

Who to call.

## The queue is stuck

1. Look at the depth of the queue.
2. Restart the refund worker:

```sh
# this is no heading
systemctl restart refunds
```

## Wrong amounts

Compare with the ledger of the bank.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of runbooks next to something that nobody may read."""
    root = tmp_path / "runbooks"
    (root / "payments").mkdir(parents=True)
    (root / "payments/refunds.md").write_text(PAYMENTS)
    (root / "disk.md").write_text("Disk full\n=========\n\nDelete old logs first.\n")
    for key in ("SAH", "OTH"):
        (root / "teams" / key).mkdir(parents=True)
        (root / "teams" / key / "oncall.md").write_text(f"# On call of {key}\n\nThe pager of {key}.\n")
    (tmp_path / "secret.md").write_text("# Secret\n\nThe password of everything.\n")
    return root


@pytest.fixture
def gateway(gateways: GatewayMaker, folder: Path) -> Gateway:
    gateways.internal.teams = {TEAM: "SAH", OTHER: "OTH"}
    return gateways.start(SAHUR_RUNBOOKS_DIR=str(folder))


def data(result: types.CallToolResult) -> dict[str, Any]:
    assert result.structured_content is not None, text_of(result)
    return dict(result.structured_content)


async def paths(gateway: Gateway, **claims: Any) -> list[str]:
    listed = await gateway.call("runbooks__list", token=gateway.token(**claims))
    return [each["path"] for each in data(listed)["runbooks"]]


async def test_a_team_sees_what_is_for_all_and_what_is_its_own(gateway: Gateway) -> None:
    assert await paths(gateway) == ["disk.md", "payments/refunds.md", "teams/SAH/oncall.md"]
    assert await paths(gateway, team=OTHER) == ["disk.md", "payments/refunds.md", "teams/OTH/oncall.md"]
    result = await gateway.call("runbooks__read", {"path": "teams/OTH/oncall.md"})
    assert (status_of(result), "pager of OTH" in text_of(result)) == ("error", False)
    assert status_of(await gateway.call("runbooks__search", {"query": "OTH"})) == "no_data"


async def test_search_names_runbook_headings_lines_and_date(gateway: Gateway) -> None:
    hit = data(await gateway.call("runbooks__search", {"query": "refund worker is stuck, restart it"}))["hits"][0]
    assert (hit["path"], hit["headings"], hit["title"]) == ("payments/refunds.md", ["Refunds", "The queue is stuck"], "Refunds")
    assert (hit["start"], hit["end"]) == (8, 17)
    assert {"line": 11, "text": "2. Restart the refund worker:"} in hit["lines"]
    assert hit["changed_at"].startswith("20")


async def test_nothing_found_is_no_data(gateway: Gateway) -> None:
    assert status_of(await gateway.call("runbooks__search", {"query": "kangaroo"})) == "no_data"
    assert status_of(await gateway.call("runbooks__list", {"folder": "nowhere/"})) == "no_data"


async def test_read_gives_numbered_lines_in_parts(gateway: Gateway) -> None:
    first = await gateway.call("runbooks__read", {"path": "payments/refunds.md", "start": 10, "limit": 2})
    assert "   10  1. Look at the depth of the queue." in text_of(first)
    assert (data(first)["headings"], data(first)["next_start"]) == (["Refunds", "The queue is stuck"], 12)
    rest = data(await gateway.call("runbooks__read", {"path": "payments/refunds.md", "start": 12}))
    assert (rest["end"], rest["next_start"]) == (20, None)
    beyond = data(await gateway.call("runbooks__read", {"path": "disk.md", "start": 99}))
    assert beyond["lines"] == []


@pytest.mark.parametrize(
    "path", ["../secret.md", "/etc/passwd", "payments/../../secret.md", "payments", "disk.md\x00", "linked.md"]
)
async def test_no_path_leads_outside(gateway: Gateway, folder: Path, path: str) -> None:
    (folder / "linked.md").symlink_to(folder.parent / "secret.md")
    result = await gateway.call("runbooks__read", {"path": path})
    assert (status_of(result), "password" in text_of(result)) == ("error", False)


async def test_links_that_leave_and_files_that_are_no_runbooks_are_left_out(gateway: Gateway, folder: Path) -> None:
    (folder / "out.md").symlink_to(folder.parent / "secret.md")
    (folder / "outside").symlink_to(folder.parent)
    (folder / "circle").symlink_to(folder)
    (folder / "theirs.md").symlink_to(folder / "teams/OTH/oncall.md")
    (folder / "again.md").symlink_to(folder / "disk.md")
    (folder / ".git").mkdir()
    (folder / ".git/x.md").write_text("# x")
    (folder / "notes.txt").write_text("no Markdown")
    (folder / "large.md").write_text("x" * 300_000)
    (folder / "long.md").write_text("#\n" * 5_001)
    (folder / "binary.md").write_bytes(b"\0\1\2")
    os.mkfifo(folder / "pipe.md")
    listed = await gateway.call("runbooks__list")
    found = [each["path"] for each in data(listed)["runbooks"]]
    assert found == ["again.md", "disk.md", "payments/refunds.md", "teams/SAH/oncall.md"]
    assert {each["path"]: each["reason"] for each in data(listed)["left_out"]} == {
        "large.md": "it is larger than 256 KiB, or no file",
        "long.md": "it has more than 5000 lines",
        "binary.md": "it is not text",
    }


async def test_a_change_is_seen_at_the_next_call(gateway: Gateway, folder: Path) -> None:
    assert status_of(await gateway.call("runbooks__search", {"query": "certificate"})) == "no_data"
    (folder / "disk.md").write_text("# Certificates\n\nRenew the certificate.\n")
    (folder / "payments/refunds.md").unlink()
    assert data(await gateway.call("runbooks__search", {"query": "certificate"}))["hits"][0]["path"] == "disk.md"
    assert "payments/refunds.md" not in await paths(gateway)


async def test_without_a_folder_there_is_nothing(gateways: GatewayMaker) -> None:
    assert status_of(await gateways.start().call("runbooks__list")) == "no_data"


async def test_while_the_server_is_away_a_run_has_what_is_for_all(gateway: Gateway) -> None:
    gateway.internal.is_down = True
    result = await gateway.call("runbooks__list", token=gateway.token(repositories=[str(uuid4())]))
    assert [each["path"] for each in data(result)["runbooks"]] == ["disk.md", "payments/refunds.md"]
    assert [each["path"] for each in data(result)["left_out"]] == ["repositories", "runbooks of the team"]
    assert "status 503" in text_of(result)


@pytest.fixture
def repository(gateway: Gateway, tmp_path: Path) -> str:
    """A prepared repository `shop` of the team with runbooks in both places; gives its id."""
    source, key = tmp_path / "source", str(uuid4())
    for name in ("docs/runbooks/deploy.md", "runbooks/cache.md", "runbooks/image.png", "README.md"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(f"# {name}\n\nFlush the cache of the shop.\n")
    (source / "runbooks/link.md").symlink_to("../README.md")
    git(source, "init")
    git(source, "add", ".")
    git(source, "commit", "-m", "First")
    (source / "runbooks/cache.md").write_text("# Cache\n\nFlush the cache twice.\n")
    git(source, "commit", "-am", "Flush twice", day=2)
    prepare(str(source), tmp_path / "repositories" / key, "", lambda _line: None)
    gateway.internal.repositories = [
        {"id": key, "team": TEAM, "name": "shop", "source": "https://example.org/shop.git"},
        {"id": str(uuid4()), "team": TEAM, "name": "new", "source": "https://example.org/new.git"},
    ]
    return key


async def test_runbooks_of_a_repository_are_seen_by_who_may_read_it(gateway: Gateway, repository: str) -> None:
    assert [path for path in await paths(gateway) if "shop" in path] == []
    found = await paths(gateway, repositories=[repository])
    assert found[2:4] == ["shop:docs/runbooks/deploy.md", "shop:runbooks/cache.md"]
    result = await gateway.call(
        "runbooks__read", {"path": "shop:runbooks/cache.md"}, token=gateway.token(repositories=[repository])
    )
    read = data(result)["runbook"]
    assert (read["changed_at"][:10], read["changed_by"], len(read["commit"])) == ("2026-01-02", "Ada", 40)
    assert "repository shop, changed 2026-01-02 by Ada" in text_of(result)
    older = await gateway.call("runbooks__list", {"folder": "shop:docs"}, token=gateway.token(repositories=[repository]))
    assert data(older)["runbooks"][0]["changed_at"][:10] == "2026-01-01"


async def test_a_user_sees_those_of_all_the_teams_repositories_and_which_are_not_ready(gateway: Gateway, repository: str) -> None:
    token = "sahur_" + "k" * 40
    gateway.internal.users[token] = {"active": True, "team_ids": [TEAM], "user": "ada", "role": "viewer"}
    listed = data(await gateway.call("runbooks__list", token=token))
    assert "shop:runbooks/cache.md" in [each["path"] for each in listed["runbooks"]]
    assert [each["path"] for each in listed["left_out"]] == ["new"]


def test_a_new_commit_is_seen_after_a_while_and_not_asked_for_before(tmp_path: Path) -> None:
    source, clone, now = tmp_path / "source", tmp_path / "clone", [0.0]
    (source / "runbooks").mkdir(parents=True)
    (source / "runbooks/a.md").write_text("# One\n")
    git(source, "init")
    git(source, "add", ".")
    git(source, "commit", "-m", "First")
    prepare(str(source), clone, "", lambda _line: None)
    runbooks = RepositorySource(keep_seconds=10, clock=lambda: now[0])
    first = runbooks.found(clone, "shop")
    assert [each.title for each in first.runbooks] == ["One"]
    (source / "runbooks/a.md").write_text("# Two\n")
    git(source, "commit", "-am", "Second", day=2)
    prepare(str(source), clone, "", lambda _line: None)
    assert runbooks.found(clone, "shop") is first
    now[0] = 11.0
    assert [each.title for each in runbooks.found(clone, "shop").runbooks] == ["Two"]


def test_a_file_that_has_not_changed_is_not_read_again(folder: Path) -> None:
    source = FolderSource(folder)
    first = source.shared().runbooks
    (folder / "disk.md").write_text("# Other\n")
    second = source.shared().runbooks
    assert [one is two for one, two in zip(first, second, strict=True)] == [False, True]
    assert [each.path for each in source.of_team("SAH").runbooks] == ["teams/SAH/oncall.md"]


def test_a_source_has_a_limit_of_lines(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runbook_sources, "MAX_SOURCE_LINES", 10)
    found = FolderSource(folder).shared()
    assert [each.path for each in found.runbooks] == ["disk.md"]
    assert found.left_out == {"payments/refunds.md": "the runbooks of this source have more than 10 lines"}


def test_sections_follow_the_headings_of_commonmark() -> None:
    found = sections_of(tuple(PAYMENTS.split("\n")[:-1]))
    assert [(section.headings, section.start, section.end) for section in found] == [
        ((), 1, 3),
        (("Refunds",), 4, 7),
        (("Refunds", "The queue is stuck"), 8, 17),
        (("Refunds", "Wrong amounts"), 18, 20),
    ]
    long = sections_of(("# A", *("x" for _ in range(MAX_SECTION_LINES))))
    assert [(section.start, section.end) for section in long] == [
        (1, MAX_SECTION_LINES),
        (MAX_SECTION_LINES + 1, MAX_SECTION_LINES + 1),
    ]
    assert sections_of(()) == ()


async def test_a_runbook_is_a_resource_too_for_who_may_read_it(gateway: Gateway) -> None:
    async with gateway.connected() as client:
        templates = [each.uri_template for each in (await client.list_resource_templates()).resource_templates]
        read = await client.read_resource("runbooks+runbook:payments/refunds.md")
        own = await client.read_resource("runbooks+runbook:teams/SAH/oncall.md")
        for path in ("teams/OTH/oncall.md", "../secret.md", "/etc/passwd"):
            with pytest.raises(MCPError, match="no runbook"):
                await client.read_resource(f"runbooks+runbook:{path}")
    assert "runbooks+runbook:{+path}" in templates
    assert "systemctl restart refunds" in read.contents[0].text  # type: ignore[union-attr]
    assert "pager of SAH" in own.contents[0].text  # type: ignore[union-attr]

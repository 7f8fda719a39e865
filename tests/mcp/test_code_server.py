"""The `code` tools through the gateway: what they find, and what they never show."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import mcp.types as types
import pytest

from sahur_core.code.prepare import prepare
from sahur_mcp.servers import code_schemas as schemas
from tests.mcp.conftest import TEAM, Gateway, GatewayMaker

CART = '''"""A cart."""


class Cart:
    def __init__(self):
        self.lines = []

    def total(self):
        return sum(price * count for price, count in self.lines) / len(self.lines)


def checkout(cart):
    return {"total": cart.total()}
'''
REPORT = """Checkout of an empty cart fails:

Traceback (most recent call last):
  File "/srv/shop/shop/cart.py", line 13, in checkout
    return {"total": cart.total()}
  File "/srv/shop/shop/cart.py", line 9, in total
    return sum(price * count for price, count in self.lines) / len(self.lines)
ZeroDivisionError: division by zero
"""
KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "MIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9OiZ1BjP5CE/Wm/Rr500P0aBcDe2\n" * 3
    + "-----END RSA PRIVATE KEY-----\n"
)


def git(folder: Path, *arguments: str, day: int = 1) -> str:
    date = f"2026-01-{day:02}T12:00:00+00:00"
    env = os.environ | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "GIT_CONFIG_GLOBAL": "/dev/null"}
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=env, check=True, capture_output=True, text=True
    ).stdout.strip()


def make_repository(source: Path, target: Path) -> str:
    """A repository of two commits, prepared as the indexer does; gives the newer one."""
    (source / "shop").mkdir(parents=True)
    git(source, "init")
    (source / "shop" / "cart.py").write_text(CART.replace(" / len(self.lines)", ""))
    (source / "key.pem").write_text(KEY)
    git(source, "add", ".")
    git(source, "commit", "-m", "Add the cart")
    (source / "shop" / "cart.py").write_text(CART)
    git(source, "commit", "-am", "Show the mean price", day=2)
    return prepare(str(source), target, "", lambda _line: None)


@pytest.fixture(scope="module")
def shop(shared_gateways: GatewayMaker) -> tuple[Gateway, str, str]:
    """A gateway, the id of a repository that the team has, and its newest commit."""
    repository, folder = str(uuid4()), shared_gateways.folder
    commit = make_repository(folder / "shop", folder / "repositories" / repository)
    shared_gateways.internal.repositories = [{"id": repository, "team": TEAM, "name": "shop", "source": "x"}]
    return shared_gateways.start(), repository, commit


async def ask(shop: tuple[Gateway, str, str], tool: str, **arguments: Any) -> types.CallToolResult:
    gateway, repository, _ = shop
    return await gateway.call(f"code__{tool}", arguments, token=gateway.token(repositories=[repository]))


def text_of(result: types.CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, types.TextContent))


def status_of(result: types.CallToolResult) -> str:
    return str((result.meta or {})["sahur/status"])


async def test_files_are_listed_and_paged(shop: Any) -> None:
    found = schemas.ListFilesResult.model_validate((await ask(shop, "list_files", limit=1)).structured_content)
    assert (found.files, found.total, found.next_offset, found.commit) == (["key.pem"], 2, 1, shop[2])


@pytest.mark.parametrize(
    ("mode", "query"), [("literal", "len(self.lines)"), ("regex", r"len\(self\.\w+\)"), ("literal", "LEN(SELF")]
)
async def test_text_is_found(shop: Any, mode: str, query: str) -> None:
    result = await ask(shop, "search", query=query, mode=mode, ignore_case=query.isupper())
    found = schemas.SearchResult.model_validate(result.structured_content)
    assert [(line.path, line.line) for line in found.lines] == [("shop/cart.py", 9)]
    assert "shop/cart.py:9:" in text_of(result)


async def test_functions_are_found_by_words(shop: Any) -> None:
    found = schemas.SearchResult.model_validate(
        (await ask(shop, "search", query="cart total price", mode="ranked")).structured_content
    )
    assert any(function.name == "Cart.total" for function in found.functions)


async def test_an_empty_answer_is_no_data(shop: Any) -> None:
    result = await ask(shop, "search", query="nowhere_to_be_found")
    assert status_of(result) == "no_data"
    assert not result.is_error


async def test_a_range_is_read(shop: Any) -> None:
    found = schemas.ReadResult.model_validate((await ask(shop, "read", path="shop/cart.py", start=8, end=9)).structured_content)
    assert [line.line for line in found.lines] == [8, 9]
    assert "total" in found.lines[0].text
    assert found.total_lines == 13


async def test_symbols_have_the_lines_they_span(shop: Any) -> None:
    found = schemas.SymbolsResult.model_validate((await ask(shop, "symbols", name="total")).structured_content)
    assert [(symbol.name, symbol.line, symbol.end_line) for symbol in found.symbols] == [("Cart.total", 8, 9)]


async def test_history_blame_and_commits_agree(shop: Any) -> None:
    log = schemas.LogResult.model_validate((await ask(shop, "log", path="shop/cart.py")).structured_content)
    blame = schemas.BlameResult.model_validate((await ask(shop, "blame", path="shop/cart.py", start=9, end=9)).structured_content)
    show = schemas.ShowResult.model_validate((await ask(shop, "show", commit=log.commits[0].sha)).structured_content)
    diff = schemas.DiffResult.model_validate(
        (await ask(shop, "diff", base=log.commits[1].sha, head=log.commits[0].sha)).structured_content
    )
    assert [commit.summary for commit in log.commits] == ["Show the mean price", "Add the cart"]
    assert blame.lines[0].sha == blame.commits[0].sha == show.shown.sha == log.commits[0].sha == shop[2]
    assert show.diff == diff.diff
    assert "/ len(self.lines)" in diff.diff


async def test_a_report_is_located(shop: Any) -> None:
    found = schemas.LocateResult.model_validate((await ask(shop, "locate", report=REPORT)).structured_content)
    assert found.files[0].path == "shop/cart.py"
    assert found.functions[0].name == "Cart.total"
    assert found.commits[0].sha == shop[2]
    assert [(frame.line, frame.function) for frame in found.frames] == [(13, "checkout"), (9, "total")]
    assert found.exception == "ZeroDivisionError"


@pytest.mark.parametrize("path", ["../../../etc/passwd", "/etc/passwd", "shop/../../secret", "--output=/tmp/x", "a\x00b"])
async def test_paths_do_not_leave_the_repository(shop: Any, path: str) -> None:
    for tool in ("read", "blame"):
        result = await ask(shop, tool, path=path)
        assert status_of(result) == "error"
        assert "root:" not in text_of(result)


@pytest.mark.parametrize("commit", ["--help", "HEAD..HEAD", "a b", "--upload-pack=touch /tmp/x", "HEAD@{0}"])
async def test_a_commit_is_not_an_option(shop: Any, commit: str) -> None:
    assert status_of(await ask(shop, "log", commit=commit)) == "error"


async def test_a_repository_has_a_name_too(shop: Any) -> None:
    assert status_of(await ask(shop, "read", repository="shop", path="shop/cart.py")) == "ok"


async def test_foreign_repositories_do_not_exist(shop: Any, shared_gateways: GatewayMaker) -> None:
    foreign, folder = str(uuid4()), shared_gateways.folder
    make_repository(folder / "foreign", folder / "repositories" / foreign)
    shop[0].internal.repositories.append({"id": foreign, "team": TEAM + 1, "name": "foreign", "source": "x"})
    for wanted in (foreign, "foreign", f"../{foreign}", "../../repositories"):
        result = await ask(shop, "read", repository=wanted, path="shop/cart.py")
        assert status_of(result) == "error"
        assert "There is no repository" in text_of(result)


async def test_a_user_reads_the_repositories_of_the_own_team_only(shop: Any) -> None:
    gateway, repository, _ = shop
    for name, teams in (("own", [TEAM]), ("other", [TEAM + 1])):
        token = "sahur_" + name * 10
        gateway.internal.users[token] = {"active": True, "team_ids": teams, "user": name, "role": "viewer"}
    assert status_of(await gateway.call("code__read", {"path": "key.pem"}, token="sahur_" + "own" * 10)) == "ok"
    other = await gateway.call("code__read", {"path": "key.pem", "repository": repository}, token="sahur_" + "other" * 10)
    assert status_of(other) == "error"


@pytest.mark.parametrize(("start", "end"), [(1, 5), (3, 3)])
async def test_a_key_in_the_code_is_not_shown_in_whole_nor_line_by_line(shop: Any, start: int, end: int) -> None:
    result = await ask(shop, "read", path="key.pem", start=start, end=end)
    receipt = shop[0].receipt(result)
    for told in (text_of(result), str(result.structured_content), receipt["result"]):
        assert "MIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9OiZ1BjP5CE" not in told
        assert "[redacted" in told
    assert receipt["redactions"] >= 1


async def test_reads_of_a_fixed_commit_are_cached_for_the_same_scope_only(shop: Any) -> None:
    gateway, repository, commit = shop
    first, second = [await ask(shop, "read", path="shop/cart.py", commit=commit) for _ in range(2)]
    branch = await ask(shop, "read", path="shop/cart.py", commit="main")
    other = await gateway.call(
        "code__read",
        {"path": "shop/cart.py", "commit": commit},
        token=gateway.token(repositories=[repository, str(uuid4())], team=9),
    )
    assert text_of(first) == text_of(second)
    assert [gateway.receipt(result)["is_cached"] for result in (first, second, branch)] == [False, True, False]
    assert status_of(other) == "error"


async def test_wrong_arguments_are_explained(shop: Any) -> None:
    result = await ask(shop, "read", file="shop/cart.py")
    assert status_of(result) == "error"
    assert "path (required)" in text_of(result)

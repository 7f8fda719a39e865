"""The `code` tools on trees, references, the past and its people, through the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from sahur_core.code.prepare import prepare
from sahur_mcp.servers import code_schemas as schemas
from tests.mcp.conftest import TEAM, Gateway, GatewayMaker
from tests.mcp.test_code_server import CART, ask, git, status_of, text_of

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "4d7a" * 16 + "\nsize 12345\n"


def _make(source: Path, target: Path) -> str:
    """A tag, a merged pull request, a rule, a link, a pointer, an odd name, and a file that is gone."""
    (source / "shop").mkdir(parents=True)
    (source / ".github").mkdir()
    git(source, "init")
    (source / "shop" / "cart.py").write_text(CART)
    (source / "shop" / "old.py").write_text("x = 1\n")
    (source / ".github" / "CODEOWNERS").write_text("/shop/ @org/shop ada@example.org\n")
    (source / "link").symlink_to("/etc/passwd")
    (source / "model.bin").write_text(POINTER)
    (source / "odd\nname.txt").write_text("1\n")
    git(source, "add", ".")
    git(source, "commit", "-m", "Add the cart")
    git(source, "tag", "v1.0")
    git(source, "checkout", "-b", "fix")
    (source / "shop" / "views.py").write_text("from shop.cart import checkout\n\nprint(checkout(None))\n" + "# x\n" * 6000)
    (source / "shop" / "old.py").unlink()
    git(source, "add", "--all")
    git(source, "commit", "-m", "Show the cart", day=2)
    git(source, "checkout", "main")
    git(source, "merge", "--no-ff", "-m", "Merge pull request #12 from ada/fix\n\nShow carts", "fix", day=3)
    return prepare(str(source), target, "", lambda _line: None)


@pytest.fixture(scope="module")
def past(shared_gateways: GatewayMaker) -> tuple[Gateway, str, str]:
    repository, folder = str(uuid4()), shared_gateways.folder
    commit = _make(folder / "past", folder / "repositories" / repository)
    shared_gateways.internal.repositories = [{"id": repository, "team": TEAM, "name": "past", "source": "x"}]
    return shared_gateways.start(), repository, commit


async def test_what_changed_since_a_tag(past: Any) -> None:
    result = await ask(past, "changes", base="v1.0")
    found = schemas.ChangesResult.model_validate(result.structured_content)
    assert (found.total_commits, found.total_files, found.commit) == (1, 2, past[2])
    assert [(request.number, request.title) for request in found.pull_requests] == [(12, "Show carts")]
    assert "#12  Show carts" in text_of(result)
    by_version = await ask(past, "changes", base="1.0")
    assert by_version.structured_content == result.structured_content
    nothing = await ask(past, "changes", base="main")
    assert status_of(nothing) == "no_data"
    assert "0 commits, 0 files" in text_of(nothing)


async def test_owners_are_named_without_their_addresses(past: Any) -> None:
    result = await ask(past, "owners", path="shop/cart.py")
    found = schemas.OwnersResult.model_validate(result.structured_content)
    assert found.rules[0].owners == ["@org/shop", "ada"]
    assert [(person.name, person.lines, person.commits) for person in found.people] == [("Ada", 13, 1)]
    assert "example.org" not in text_of(result) + str(result.structured_content)
    asked = await ask(past, "owners", path="shop/cart.py", emails=True)
    assert "ada@example.org" in text_of(asked)


async def test_references_and_outline(past: Any) -> None:
    result = await ask(past, "symbols", mode="references", name="checkout")
    found = schemas.SymbolsResult.model_validate(result.structured_content)
    assert [(use.path, use.line, use.kind) for use in found.references] == [
        ("shop/cart.py", 12, "definition"),
        ("shop/views.py", 1, "import"),
        ("shop/views.py", 3, "call"),
    ]
    assert [symbol.name for symbol in found.symbols] == ["checkout"]
    assert "shop/views.py:3: call: print(checkout(None))" in text_of(result)
    outline = schemas.SymbolsResult.model_validate(
        (await ask(past, "symbols", mode="outline", path="shop/cart.py")).structured_content
    )
    assert [(each.name, each.line) for each in outline.symbols] == [
        ("Cart", 4),
        ("Cart.__init__", 5),
        ("Cart.total", 8),
        ("checkout", 12),
    ]
    assert status_of(await ask(past, "symbols", mode="outline")) == "error"


async def test_a_tree_is_told_by_folders_and_with_what_is_no_file(past: Any) -> None:
    result = await ask(past, "list_files", depth=1)
    found = schemas.ListFilesResult.model_validate(result.structured_content)
    assert {folder.path: folder.files for folder in found.folders} == {".github": 1, "shop": 2}
    assert set(found.files) == {"model.bin", '"odd\\nname.txt"'}
    assert [(link.path, link.target) for link in found.links] == [("link", "/etc/passwd")]
    assert "link -> /etc/passwd  (a link, not followed)" in text_of(result)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"path": "shop"}, "shop is a folder. It holds: cart.py, views.py."),
        ({"path": "shop/old.py"}, "'Show the cart'), which deleted it"),
        ({"path": "cart.py"}, "Similar: shop/cart.py."),
        ({"path": "link"}, "outside of the repository, where nothing is read"),
        ({"path": "model.bin"}, "kept in Git LFS (12,345 bytes"),
        ({"path": "shop/cart.py", "commit": "v1.1"}, "Nearest: v1.0. The default branch is main."),
    ],
)
async def test_what_cannot_be_read_is_answered_with_what_to_do(past: Any, arguments: dict[str, str], told: str) -> None:
    result = await ask(past, "read", **arguments)
    assert status_of(result) == "error"
    assert told in text_of(result)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("search", {"query": "x"}), ("symbols", {}), ("symbols", {"mode": "references", "name": "x"}), ("log", {}), ("owners", {})],
)
async def test_a_path_that_is_nowhere_is_not_an_empty_answer(past: Any, tool: str, arguments: dict[str, str]) -> None:
    result = await ask(past, tool, path="shop/crat.py", **arguments)
    assert status_of(result) == "error"
    assert "Similar: shop/cart.py." in text_of(result)


async def test_an_odd_name_is_given_as_it_is_shown(past: Any) -> None:
    result = await ask(past, "read", path='"odd\\nname.txt"')
    assert schemas.ReadResult.model_validate(result.structured_content).lines[0].text == "1"


async def test_long_answers_are_paged_to_their_end(past: Any) -> None:
    read, start = 0, 1
    while start:
        found = schemas.ReadResult.model_validate((await ask(past, "read", path="shop/views.py", start=start)).structured_content)
        read, start = read + len(found.lines), found.next_start or 0
    assert read == found.total_lines == 6003
    added, offset, pages = 0, 0, 0
    while offset is not None:
        result = await ask(past, "diff", base="v1.0", path="shop/views.py", offset=offset)
        page = schemas.DiffResult.model_validate(result.structured_content)
        added += sum(line.startswith("+") and not line.startswith("+++") for line in page.diff.split("\n"))
        pages, offset = pages + 1, page.next_offset
    assert (added, pages > 1) == (6003, True)
    logs = [(await ask(past, "log", limit=1, offset=offset)).structured_content for offset in (0, 1, 2)]
    assert [schemas.LogResult.model_validate(log).next_offset for log in logs] == [1, 2, None]


async def test_nothing_is_said_that_says_nothing(past: Any) -> None:
    content = (await ask(past, "read", path="shop/cart.py", start=1, end=2)).structured_content
    assert content["lines"][0] == {"line": 1, "text": '"""A cart."""'}
    assert "notes" not in content
    listed = (await ask(past, "list_files", path="shop")).structured_content
    assert set(listed) == {"repository", "commit", "files", "total"}


async def test_a_merge_tells_its_parents_and_is_shown_against_the_first(past: Any) -> None:
    result = await ask(past, "show", commit="main", path="shop/old.py")
    found = schemas.ShowResult.model_validate(result.structured_content)
    assert len(found.parents) == 2
    assert [(file.path, file.deleted) for file in found.files] == [("shop/old.py", 1)]
    assert "Merge:  " in text_of(result)

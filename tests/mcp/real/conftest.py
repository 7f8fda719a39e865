"""One gateway before all real servers, and the fakes of the vendors behind them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes import github_server, sentry_server
from tests.fakes import slack as slack_server
from tests.fakes.github_server import GitHub
from tests.fakes.sentry_server import Sentry
from tests.fakes.slack import Slack
from tests.mcp.real.entries import Programs
from tests.mcp.real.process import RealGateway, running

REPOSITORY = "acme/shop"
CART = "def total(lines):\n    return sum(line.price * line.count for line in lines)\n"


@pytest.fixture(scope="session")
def programs() -> Programs:
    return Programs()


@dataclass
class Local:
    """A gateway before the two servers that need no vendor, and the folder that one of them may see.

    With `own-files` every client has a session, and so a process, of its own.
    """

    gateway: RealGateway
    root: Path
    outside: Path


@pytest.fixture(scope="session")
def local(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    folder = tmp_path_factory.mktemp("local")
    root, outside = folder / "root", folder / "outside.txt"
    root.mkdir()
    (root / "notes.txt").write_text("The cart shows a negative total.\n")
    outside.write_text("not for tools\n")
    files = programs.filesystem(root)
    entries = {"everything": programs.everything(), "files": files, "own-files": files | {"session": "client"}}
    with running(folder, entries) as gateway:
        for name in entries:
            gateway.wait_for_state(name, "ready")
        yield Local(gateway, root, outside)


@dataclass
class Vendors:
    """The three vendors' fakes, and a gateway whose upstreams have their tokens."""

    github: GitHub
    sentry: Sentry
    slack: Slack
    gateway: RealGateway


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two commits."""
    path = tmp_path_factory.mktemp("shop")
    git = ["git", "-C", str(path), "-c", "user.name=Rita", "-c", "user.email=rita@example.com"]
    (path / "shop").mkdir()
    (path / "shop" / "cart.py").write_text(CART)
    (path / "README.md").write_text("# Shop\n")
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "A cart"]):
        subprocess.run([*git, *command], check=True)
    (path / "shop" / "cart.py").write_text(CART + "\n\ndef count(lines):\n    return len(lines)\n")
    subprocess.run([*git, "commit", "-qam", "Count the lines of a cart"], check=True)
    return path


@pytest.fixture(scope="session")
def vendors(programs: Programs, shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with ExitStack() as stack:
        github = stack.enter_context(github_server.running())
        sentry = stack.enter_context(sentry_server.running())
        slack_url, slack = stack.enter_context(slack_server.running())
        github.add_repository(REPOSITORY, shop)
        sentry.add_project("shop")
        frames = [("shop/cart.py", "total", 2, "    return sum(line.price * line.count for line in lines)")]
        sentry.add_error("shop", "TypeError", "unsupported operand type(s) for *: 'str' and 'int'", frames, environment="prod")
        entries = {
            "github": programs.github(github.url),
            "sentry": programs.sentry(sentry.url),
            "slack": programs.slack(slack_url.removesuffix("/api/")),
        }
        tokens = {"GITHUB_TOKEN": github.token, "SENTRY_TOKEN": sentry.token, "SLACK_TOKEN": slack_server.TOKEN}
        gateway = stack.enter_context(running(tmp_path_factory.mktemp("vendors"), entries, **tokens))
        for name in entries:
            gateway.wait_for_state(name, "ready")
        yield Vendors(github, sentry, slack, gateway)

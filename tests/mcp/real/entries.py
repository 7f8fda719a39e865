"""How the real servers are configured: as a person would, with the vendors' addresses and tokens of the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests import node_packages

FOLDER = Path(__file__).parent
OLDEST_NODE = (20, 19)
READS = {"get_*": "read", "list_*": "read", "search_*": "read"}
SLACK_READS = {"slack_get_*": "read", "slack_list_*": "read"}

EVERYTHING = "@modelcontextprotocol/server-everything"
FILESYSTEM = "@modelcontextprotocol/server-filesystem"
GITHUB = "@modelcontextprotocol/server-github"
SLACK = "@modelcontextprotocol/server-slack"
SENTRY = "@sentry/mcp-server"


class Programs:
    """The installed packages."""

    def __init__(self) -> None:
        self._modules = node_packages.install(FOLDER)
        self.node = node_packages.node(self._modules, oldest=OLDEST_NODE)

    def file(self, package: str) -> str:
        return str(self._modules / package / "dist" / "index.js")

    def entry(self, package: str, *arguments: str, env: dict[str, str] | None = None, **ours: Any) -> dict[str, Any]:
        """An entry over stdio."""
        return {"command": self.node, "args": [self.file(package), *arguments], "env": env or {}} | ours

    def everything(self, **ours: Any) -> dict[str, Any]:
        return self.entry(EVERYTHING, "stdio", env={"FOR_THE_CHILD": "plain"}, **ours)

    def filesystem(self, *roots: Path) -> dict[str, Any]:
        return self.entry(FILESYSTEM, *(str(root) for root in roots))

    def github(self, url: str) -> dict[str, Any]:
        """It gives no hints, so the file says what only reads."""
        env = {"GITHUB_PERSONAL_ACCESS_TOKEN": "${GITHUB_TOKEN}"} | redirection({"api.github.com": url})
        return self.entry(GITHUB, env=env, risk=READS)

    def slack(self, url: str) -> dict[str, Any]:
        env = {"SLACK_BOT_TOKEN": "${SLACK_TOKEN}", "SLACK_TEAM_ID": "T0FAKE"} | redirection({"slack.com": url})
        return self.entry(SLACK, env=env, risk=SLACK_READS)

    def sentry(self, url: str) -> dict[str, Any]:
        """Self-hosted. Without `--sentry-dsn=` it would report to its makers."""
        host = url.removeprefix("http://")
        env = {"SENTRY_ACCESS_TOKEN": "${SENTRY_TOKEN}"}
        return self.entry(SENTRY, f"--host={host}", "--insecure-http", "--sentry-dsn=", env=env, timeout=5)


def redirection(hosts: dict[str, str]) -> dict[str, str]:
    """Variables that send a Node program to other hosts than it thinks."""
    return {"NODE_OPTIONS": f'--require "{FOLDER / "redirect.cjs"}"', "REDIRECTED_HOSTS": json.dumps(hosts)}

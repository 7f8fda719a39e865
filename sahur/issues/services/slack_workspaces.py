"""Workspaces of Slack that SAHUR is installed in."""

from __future__ import annotations


def purpose(workspace_id: str) -> str:
    """What the tokens of this workspace are sealed for, so that they open for no other."""
    return f"slack workspace {workspace_id}"

"""The local Slack under its old name: `tests.fakes.slack`."""

from tests.fakes.slack import (
    APP_TOKEN,
    BOT,
    TOKEN,
    Arguments,
    Call,
    RefusedError,
    Script,
    Slack,
    check_content,
    running,
    start,
)

__all__ = [
    "APP_TOKEN",
    "BOT",
    "TOKEN",
    "Arguments",
    "Call",
    "RefusedError",
    "Script",
    "Slack",
    "check_content",
    "running",
    "start",
]

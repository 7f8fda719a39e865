"""A local Slack for the real `slack_sdk` and Bolt: Web API, events, interactivity, commands, Socket Mode, OAuth and files.

`running()` serves one. Tests set `slack.deliveries.address` to the app's Request URL and then act as people do
(`slack.acting`); they look at `slack.messages(…)`, `slack.views`, `slack.calls_of(…)` and `slack.deliveries.sent`. Errors come by
`slack.script(method, Script(…))`, rate limits by `slack.has_limits`.
"""

from tests.fakes.slack import chat, conversations, oauth, views
from tests.fakes.slack.chat import check_content
from tests.fakes.slack.deliveries import Answer, Delivery, envelope, signed
from tests.fakes.slack.server import running, start
from tests.fakes.slack.state import (
    APP_TOKEN,
    BOT,
    CLIENT_ID,
    CLIENT_SECRET,
    SECRET,
    TOKEN,
    Arguments,
    Call,
    RefusedError,
    Script,
    Slack,
    Token,
)

__all__ = [
    "APP_TOKEN", "BOT", "CLIENT_ID", "CLIENT_SECRET", "SECRET", "TOKEN", "Answer", "Arguments", "Call", "Delivery",
    "RefusedError", "Script", "Slack", "Token", "chat", "check_content", "conversations", "envelope", "oauth", "running",
    "signed", "start", "views",
]  # fmt: skip

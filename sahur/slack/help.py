"""How SAHUR is used from Slack, in a few words: what `help` answers, and what the agent's view offers to say."""

from __future__ import annotations

from django.conf import settings

HELP_WORDS = frozenset({"help", "hilfe", "how does this work", "what can you do"})
COMMAND = "/sahur"
PROMPTS = (
    {"title": "Report a problem", "message": "This fails: \n(paste the error or the traceback here)"},
    {"title": "Say which repository", "message": "This fails: \nrepo: name-of-the-repository"},
    {"title": "How does this work?", "message": "help"},
)
"""What the agent's view offers to say: https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts."""


def help_text() -> str:
    """In Slack's markup."""
    lines = [
        "*How to report a problem*",
        "• Mention me with what went wrong; in a thread, a mention alone is enough: I read the thread and its files.",
        "• Or write to me here, directly, with the error, the traceback or a log.",
        "• Or choose *Investigate this* in the menu of any message.",
        f"• Or type `{COMMAND}`, which asks for title, details, repository and severity.",
        "A line `repo: name` says which repository it is about.",
        "",
        "*While I am at it*",
        "• Reply in the thread: I read it before my next step. A mention there is read at once.",
        "• Write `stop`, press Stop on the card, or react with :x: to the report.",
        "• Once I have answered, mention me in the thread to look further.",
        "",
        f"`{COMMAND} link` links you to your account of SAHUR, `{COMMAND} unlink` takes the link away.",
        f"\nAll investigations: {settings.PUBLIC_URL}/",
    ]
    return "\n".join(lines)

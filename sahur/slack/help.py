"""How SAHUR is used from Slack, in a few words: what `help` answers, and what the agent's view offers to say."""

from __future__ import annotations

from django.conf import settings

HELP_WORDS = frozenset({"help", "hilfe", "how does this work", "what can you do", "how do i report a problem"})
GREETINGS = frozenset(
    {"hi", "hello", "hey", "hallo", "moin", "good morning", "thanks", "thank you", "thx", "ok", "okay", "test", "ping"}
)
"""Said alone they report nothing: who says so hears how it works, and no run is spent on it."""
COMMAND = "/sahur"
PROMPTS = (
    {"title": "How do I report a problem?", "message": "How do I report a problem?"},
    {"title": "What can you do?", "message": "What can you do?"},
)
"""What the agent's view offers to say, each of which is sent as it stands when it is pressed: https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts."""


def asks_for_help(words: str, *, is_reply: bool) -> bool:
    """Whether these words report nothing. A greeting in a thread may call us into it: then the thread is the report."""
    plain = words.strip(" ?!.,").casefold()
    return plain in HELP_WORDS or (plain in GREETINGS and not is_reply)


def help_text() -> str:
    """In Slack's markup."""
    lines = [
        "*How to report a problem*",
        "• Mention me with what went wrong; in a thread, a mention alone is enough: I read the thread and its files.",
        "• Or write to me in a direct message, with the error, the traceback or a log.",
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

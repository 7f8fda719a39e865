"""A report that is typed in Slack: the form behind the slash command, and the message that then begins its thread."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from sahur.accounts.models import Team
from sahur.issues import models
from sahur.issues.services.reports import MAX_TITLE_CHARS
from sahur.slack.blocks.block_kit import Block, Post, context, cut, fallback, header, section
from sahur.slack.blocks.modals import MAX_INPUT_CHARS, VALUE, form, text_input
from sahur.slack.markup import escape
from sahur_core.issues import Severity

REPORT = "report"
"""The form's callback id."""
REPOSITORY = "report_repository"
"""The action id of the list of repositories, where Slack asks us what is in it."""
MAX_OPTIONS = 100
"""Slack's limit of a list that comes with the form."""
OPTION_CHARS = 75
SHOWN_BODY_CHARS = 1_500
SEVERITIES = {
    Severity.CRITICAL: "Critical: nothing goes any more",
    Severity.HIGH: "High: many are affected",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
}


def report_form(team: Team, text: str, metadata: str) -> dict[str, Any]:
    """The form, with what was typed after the command: its first line as the title, all of it as the details."""
    first = " ".join(text.strip().split("\n", 1)[0].split())
    has_more = len(first) > MAX_TITLE_CHARS or "\n" in text.strip()
    blocks = [
        text_input("title", "What is wrong", initial=cut(first, MAX_TITLE_CHARS), is_long=False, most=MAX_TITLE_CHARS),
        text_input(
            "body",
            "Details",
            initial=text.strip()[:MAX_INPUT_CHARS] if has_more else "",
            hint="The error or traceback. For a longer log, report in a message with the file.",
            is_optional=True,
        ),
        *_repositories(team),
        _select("severity", "How bad is it", [_option(label, each.value) for each, label in SEVERITIES.items()]),
    ]
    return form(REPORT, "Report a problem", "Investigate", blocks, metadata)


def chosen(view: dict[str, Any], block_id: str) -> str:
    """The value of the chosen option; empty if there is none."""
    of_block: dict[str, Any] = view.get("state", {}).get("values", {}).get(block_id, {})
    option = next((state.get("selected_option") for state in of_block.values() if isinstance(state, dict)), None)
    return str((option or {}).get("value") or "")


def repository_options(team: Team, typed: str = "") -> list[dict[str, Any]]:
    """The team's repositories whose name holds what was typed, as many as Slack shows."""
    rows = models.Repository.objects.filter(team=team, name__icontains=typed.strip()).order_by("name")
    return [_option(row.name, str(row.id)) for row in rows[:MAX_OPTIONS]]


def _repositories(team: Team) -> list[Block]:
    count = models.Repository.objects.filter(team=team).count()
    if count == 0:
        return []
    if count <= MAX_OPTIONS:
        return [_select("repository", "Repository", repository_options(team))]
    element = {"type": "external_select", "action_id": REPOSITORY, "min_query_length": 0, "placeholder": _plain("Type its name")}
    return [{"type": "input", "block_id": "repository", "optional": True, "label": _plain("Repository"), "element": element}]


def root_post(issue: models.Issue, thread: models.SlackThread, *, is_elsewhere: bool) -> Post:
    """`is_elsewhere`: it could not be posted where it was typed."""
    said = f"<@{thread.user_id}> reports a problem" if thread.user_id else f"{escape(issue.reporter_name)} reports a problem"
    facts = [f"<{settings.PUBLIC_URL}/issues/{issue.key}/|{issue.key}>"]
    if issue.severity:
        facts.append(f"Severity: {issue.severity}")
    if issue.repository is not None:
        facts.append(f"Repository: {escape(issue.repository.name)}")
    if is_elsewhere:
        facts.append(f"I am not in <#{thread.channel_id}>, so I answer here. Invite me there for the next time.")
    has_body = issue.body.strip() not in ("", issue.title.strip())
    body = [section(escape(cut(issue.body, SHOWN_BODY_CHARS)))] if has_body else []
    blocks = [section(f"{said}:"), header(issue.title), *body, context(" · ".join(facts))]
    return Post(text=fallback(f"{issue.reporter_name} reports: {issue.title}"), blocks=blocks)


def flood_post(limit: int) -> Post:
    text = (
        f"More than {limit} alerts came here within an hour. Further ones are not investigated until there are fewer;"
        " mention me in the thread of one that matters."
    )
    return Post(text=text, blocks=[section(text)])


def _select(block_id: str, label: str, options: list[dict[str, Any]]) -> Block:
    element = {"type": "static_select", "action_id": VALUE, "options": options}
    return {"type": "input", "block_id": block_id, "optional": True, "label": _plain(label), "element": element}


def _option(label: str, value: str) -> dict[str, Any]:
    return {"text": _plain(cut(label, OPTION_CHARS)), "value": value}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}

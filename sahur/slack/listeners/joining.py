"""The button of a report that has joined the issue of the same problem."""

from __future__ import annotations

from typing import Any

from slack_bolt import BoltContext

from sahur.batch import joining
from sahur.slack.listeners.interactions import action_of, actor_at, issue_at, place_of


def on_separate(body: dict[str, Any], context: BoltContext) -> None:
    """Investigate it by itself after all. Pressed again, or by a second person, it changes nothing."""
    place = place_of(body, context)
    issue = issue_at(place, action_of(body)[1])
    joining.separate(actor_at(place, issue), issue.id)

"""A report from Slack, however it was made: what was typed is stored at once, the rest is read by an effect."""

from __future__ import annotations

from dataclasses import dataclass

from sahur.accounts.actor import Actor
from sahur.batch import actions
from sahur.batch.actions import Submission, Submitted
from sahur.issues.services import slack_people
from sahur.issues.services.report_context import Awaited
from sahur.issues.services.reports import Delivery
from sahur.issues.services.slack_threads import Place
from sahur.slack import places
from sahur.slack.markup import parse_report
from sahur.slack.report_source import Source as Rest
from sahur_core.issues import Severity, Source

UNTITLED = "Report in Slack"
"""Until its thread or its files are read."""


@dataclass(frozen=True)
class Reported:
    """`words` is what was typed, as plain text; `user` who reports; `delivery_id` tells a repeated delivery."""

    place: Place
    user: str
    words: str
    delivery_id: str
    rest: Rest | None = None
    title: str = ""
    repository: str = ""
    severity: Severity | None = None


def submit(reported: Reported, *, by: Actor | None = None) -> Submitted:
    """File it for the team of its place, as reported by its user if nobody else is given. Raises `SahurError`."""
    place = reported.place
    team = places.team_of(place.workspace_id, place.channel_id)
    actor = by or places.actor_of_slack_user(place.workspace_id, reported.user, team)
    report = parse_report(slack_people.with_names(place.workspace_id, reported.words))
    slack_people.ask_about(place.workspace_id, (), report.body)
    rest = None if reported.rest is None or reported.rest.is_empty else reported.rest
    title = reported.title or report.title
    awaited = Awaited(rest.what, rest.as_data(), is_untitled=not title) if rest else None
    return actions.submit_issue(
        actor,
        Submission(
            title=title or (UNTITLED if awaited else ""),
            body=report.body,
            source=Source.SLACK,
            team_id=team.pk,
            repository=reported.repository
            or report.repository
            or places.repository_of(team, place.workspace_id, place.channel_id),
            place=place,
            severity=reported.severity,
            awaits_context=awaited,
            delivery=Delivery("slack", reported.delivery_id),
        ),
    )

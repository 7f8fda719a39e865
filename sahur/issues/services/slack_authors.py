"""Who made what in Slack before anybody knew who they are: their reports, runs and words get the name and the account.

The id of a person in Slack is theirs alone (nobody is called like one), their name is not: what stands under the id is renamed
in all issues of the workspace, what stands under an earlier name only where the report says who made it.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from sahur.issues import events, models
from sahur_core.issues import Role, Source


@transaction.atomic
def name(person: models.SlackUser, before: str, now: str) -> None:
    """Put the name of now in the place of the one before, and of the bare id. Runs are locked before issues."""
    bare = f"{person.user_id} via Slack"
    reported = _reported(person, {bare, before} - {now})
    _rename_in_runs(person, bare, now, _told_in(person.workspace_id))
    if reported and before not in (bare, now):
        # Others may have had the same name: only what the report itself made is surely theirs.
        first = models.Run.objects.filter(issue_id__in=list(reported), number=1, asked_by=before, asked_by_user=None)
        first.update(asked_by=now, asked_by_user_id=person.account_id)
        opened = models.Activity.objects.filter(issue_id__in=list(reported), kind="issue.opened", actor=before)
        opened.update(actor=now)
    _rename_opinions(person, now)
    models.Issue.objects.filter(id__in=list(reported)).update(reporter_name=now, reporter_id=person.account_id)
    for issue_id, team_id in reported.items():
        events.announce(run_id=None, issue_id=issue_id, team_id=team_id)


def _reported(person: models.SlackUser, names: set[str]) -> dict[UUID, int]:
    """Their issues under one of these names that belong to no account, each with its team."""
    where = {"source": Source.SLACK.value, "source_ref__team": person.workspace_id, "source_ref__user": person.user_id}
    rows = models.Issue.objects.filter(**where, reporter=None, reporter_name__in=names)
    return dict(rows.values_list("id", "team_id"))


def _told_in(workspace_id: str) -> Q:
    threads = models.SlackThread.objects.filter(workspace_id=workspace_id)
    return Q(issue_id__in=threads.values("issue_id")) | Q(issue_id__in=threads.exclude(joined_from=None).values("joined_from_id"))


def _rename_in_runs(person: models.SlackUser, old: str, now: str, issues: Q) -> None:
    """What the runs of these issues, and the issues' own logs, keep under the old name."""
    account = person.account_id
    runs = models.Run.objects.filter(issues)
    asked = runs.filter(asked_by=old, asked_by_user=None)
    said = models.Message.objects.filter(run__in=runs, role=Role.USER.value, author_name=old, author=None)
    answered = models.InputRequest.objects.filter(run__in=runs, answered_by=old, answered_by_user=None)
    stopped = models.RunLease.objects.filter(run__in=runs, stop_requested_by=old)
    by_run = (rows.values_list("run_id", flat=True) for rows in (said, answered, stopped))
    touched: set[UUID] = {*asked.values_list("id", flat=True), *(run_id for ids in by_run for run_id in ids)}
    held = models.Run.objects.filter(id__in=touched).order_by("id").select_for_update(no_key=True)
    ids = list(held.values_list("id", flat=True)) if touched else []
    if ids:
        asked.filter(id__in=ids).update(asked_by=now, asked_by_user_id=account)
        said.filter(run_id__in=ids).update(author_name=now, author_id=account)
        answered.filter(run_id__in=ids).update(answered_by=now, answered_by_user_id=account)
        events.rename_people(ids, old, now)
    models.Activity.objects.filter(issues, actor=old).update(actor=now)


def _rename_opinions(person: models.SlackUser, now: str) -> None:
    """Votes know the person by their id in Slack. Where the account has voted, too, that vote holds."""
    given = models.Feedback.objects.filter(slack_user=f"{person.workspace_id}/{person.user_id}", user=None)
    given.update(author=now)
    if person.account_id is None:
        return
    for vote in given:
        own = models.Feedback.objects.filter(run_id=vote.run_id, step=vote.step, user_id=person.account_id)
        if own.exists():
            vote.delete()
        else:
            models.Feedback.objects.filter(id=vote.id).update(user_id=person.account_id)

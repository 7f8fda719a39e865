"""What is news to whom: when an issue last had some, up to when a person has seen it, and the lists that people keep.

News of an issue: it was reported, closed or reopened (`updated_at`); a run began, or ended; a run asked a person for
something. `news_at()` is the one place that says so: the summary and the filter of unread issues both take it from here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Expression, F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from sahur.accounts.models import User
from sahur.issues import models
from sahur_core.errors import NotFound


def news_at() -> Expression:
    """When an issue last had news. PostgreSQL's `greatest` passes over what is null, such as the end of a live run."""
    runs = models.Run.objects.filter(issue=OuterRef("pk")).order_by().values("issue")
    asked = models.InputRequest.objects.filter(run__issue=OuterRef("pk")).order_by().values("run__issue")
    return Greatest(
        F("updated_at"),
        Subquery(runs.annotate(last=Max(Greatest("created_at", "ended_at"))).values("last")),
        Subquery(asked.annotate(last=Max("created_at")).values("last")),
    )


def seen_at(user_id: int) -> Expression:
    """Up to when this person has seen an issue: as marked, else what happened before their account was made is no news."""
    marks = models.ReadMark.objects.filter(user_id=user_id, issue=OuterRef("pk"))
    return Coalesce(Subquery(marks.values("seen_at")[:1]), Subquery(User.objects.filter(pk=user_id).values("date_joined")[:1]))


def news_of(issue_ids: Collection[UUID]) -> Mapping[UUID, datetime]:
    """`news_at` of each of these issues."""
    rows = models.Issue.objects.filter(id__in=issue_ids).annotate(news_at=news_at())
    return dict(rows.values_list("id", "news_at"))


def seen_by(user_id: int, issue_ids: Collection[UUID]) -> Mapping[UUID, datetime]:
    """`seen_at` of each of these issues."""
    rows = models.Issue.objects.filter(id__in=issue_ids).annotate(seen_at=seen_at(user_id))
    return dict(rows.values_list("id", "seen_at"))


def list_views(user_id: int) -> list[models.SavedView]:
    """In the order in which they were saved."""
    return list(models.SavedView.objects.filter(user_id=user_id).order_by("created_at", "id"))


def get_view(user_id: int, view_id: UUID) -> models.SavedView:
    """Raises `NotFound`, also for one of somebody else."""
    view = models.SavedView.objects.filter(user_id=user_id, id=view_id).first()
    if view is None:
        raise NotFound("There is no such view, or it is not yours.")
    return view

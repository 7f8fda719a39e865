"""The list of issues: filtered, searched, newest first, a bounded amount of work for each page.

Each filter is answered in one of three ways. *In order*: an index has the issues of a team (of its status, of its
repository, of a reporter) as the list shows them. *By words*: see `_search`. *One by one*: what the latest run came to and
what somebody has not read yet change too often to be kept in an index of issues, so each page looks at no more than
`LOOKED_AT` issues, shows those that fit, and continues after the last one it looked at: a page may be short, or even
empty, and still have a next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum, Value

from sahur.accounts.actor import Actor
from sahur.accounts.models import Team
from sahur.issues import models, reading, search
from sahur_core.errors import NotPermitted
from sahur_core.issues import RunStatus

WALKED = (300, 5_000)
"""How many of the newest issues a search looks through before it turns to the index of all words."""
LOOKED_AT = 3_000
"""How many issues one page looks at where no index has the answer."""
FOUND = 500
"""How many results of a search one page looks at."""
ME = "me"
"""As a reporter: whoever is asking."""
NEWEST_FIRST = ("-created_at", "-id")
_IN_ORDER = (ExpressionWrapper(F("created_at") + Value(timedelta(0)), DateTimeField()).desc(), "-id")
"""The same order by a sum that changes nothing: PostgreSQL then does not walk through all issues to find the few wanted."""
Place = tuple[datetime, UUID]
"""`created_at` and `id`: where in the list an issue stands."""


@dataclass(frozen=True)
class Filter:
    """What is asked for; empty: anything. `verdict` and `run_status` are those of the latest run.

    `query` is a key, or words (quoted, excluded by `-`, with `or`), of which each may also be the beginning of one.
    """

    team: str = ""
    status: str = ""
    query: str = ""
    repository: str = ""
    """Its name, in any of the teams."""
    reporter: str = ""
    """The name as it is shown, or `ME`."""
    verdict: str = ""
    run_status: str = ""
    is_unread: bool = False

    @property
    def looks_one_by_one(self) -> bool:
        return bool(self.verdict or self.run_status or self.is_unread)


@dataclass(frozen=True)
class Page:
    """Issues without their long texts; `end` is where the next page continues, None on the last."""

    rows: list[models.Issue]
    end: Place | None


@dataclass(frozen=True)
class _Scope:
    """Whose issues may be shown: for each team the condition that an index of it begins with, and what all have besides."""

    each: dict[int, Q]
    besides: Q

    @property
    def whole(self) -> Q:
        return Q(team_id__in=list(self.each)) & self.besides


def list_issues(
    actor: Actor, *, team: str = "", status: str = "", query: str = "", before: Place | None = None, limit: int = 50
) -> list[models.Issue]:
    """Newest first; `before` is the place of the last of the page before."""
    return list_page(actor, Filter(team=team, status=status, query=query), before, limit).rows


def list_page(actor: Actor, wanted: Filter, before: Place | None = None, limit: int = 50) -> Page:
    """Newest first; `before` is the `end` of the page before."""
    scope = _scope_of(actor, wanted)
    if not scope.each:
        return Page([], None)
    narrowed = Q(status=wanted.status) if wanted.status else Q()
    if before:
        at, last = before
        # The first condition is the one that an index can start at.
        narrowed &= Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(id__lt=last))
    if wanted.looks_one_by_one:
        return _fitting(actor, wanted, scope, narrowed, limit)
    if wanted.query:
        return _cut(_search(scope, narrowed, search.matching(wanted.query), limit + 1), limit)
    if len(scope.each) > 1:
        narrowed = Q(id__in=[row[0] for row in _newest_of_each(scope, narrowed, limit + 1)[: limit + 1]])
    return _cut(list(_shown(scope, narrowed).order_by(*NEWEST_FIRST)[: limit + 1]), limit)


def _scope_of(actor: Actor, wanted: Filter) -> _Scope:
    teams = list(actor.roles)
    if wanted.team:
        teams = list(Team.objects.filter(id__in=teams, key=wanted.team.upper()).values_list("id", flat=True))
    by, besides = Q(), Q()
    if wanted.reporter:
        besides = by = Q(reporter_id=_reader(actor)) if wanted.reporter == ME else Q(reporter_name=wanted.reporter)
    each = {team: Q(team_id=team) & by for team in teams}
    if wanted.repository:
        # A team has one repository of a name at most.
        named = models.Repository.objects.filter(team_id__in=teams, name=wanted.repository).values_list("team_id", "id")
        each = {team: each[team] & Q(repository_id=repository) for team, repository in named}
        besides &= Q(repository_id__in=[repository for _, repository in named])
    return _Scope(each, besides)


def _fitting(actor: Actor, wanted: Filter, scope: _Scope, narrowed: Q, limit: int) -> Page:
    """Those that fit among the next issues; `end` is the last one looked at where the page is not full."""
    edge: Place | None = None
    if wanted.query:
        found = _search(scope, narrowed, search.matching(wanted.query), FOUND)
        edge = _place(found[-1]) if len(found) == FOUND else None
        rows = _shown(scope, Q(id__in=[row.id for row in found])).order_by(*_IN_ORDER)
    elif (live := _with_live_runs(scope, wanted.run_status)) is not None:
        rows = _shown(scope, narrowed & Q(id__in=live)).order_by(*_IN_ORDER)
    else:
        last = list(_newest_of_each(scope, narrowed, LOOKED_AT)[LOOKED_AT - 1 : LOOKED_AT])
        edge = (last[0][1], last[0][0]) if last else None
        rows = _shown(scope, narrowed & _down_to(edge) if edge else narrowed).order_by(*NEWEST_FIRST)
    return _cut(list(_fit(rows, actor, wanted)[: limit + 1]), limit, edge)


def _with_live_runs(scope: _Scope, run_status: str) -> list[UUID] | None:
    """Issues with such a run: few, and an index has them. None where they may be many."""
    if not run_status or RunStatus(run_status).is_terminal:
        return None
    found = models.Run.objects.filter(status=run_status, issue__team_id__in=list(scope.each))
    ids = list(found.values_list("issue_id", flat=True).distinct()[:LOOKED_AT])
    return ids if len(ids) < LOOKED_AT else None


def _fit(rows: QuerySet[models.Issue], actor: Actor, wanted: Filter) -> QuerySet[models.Issue]:
    latest = models.Run.objects.filter(issue=OuterRef("pk")).order_by("-number")
    if wanted.verdict:
        rows = rows.alias(latest_verdict=Subquery(latest.values("verdict")[:1])).filter(latest_verdict=wanted.verdict)
    if wanted.run_status:
        rows = rows.alias(latest_status=Subquery(latest.values("status")[:1])).filter(latest_status=wanted.run_status)
    if wanted.is_unread:
        told = rows.alias(news_at=reading.news_at(), seen_at=reading.seen_at(_reader(actor)))
        rows = told.filter(news_at__gt=F("seen_at"))
    return rows


def _reader(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotPermitted("Only a person has issues of their own to read.", next_step="Sign in, or use an API token.")
    return actor.user_id


def _cut(rows: list[models.Issue], limit: int, edge: Place | None = None) -> Page:
    """`rows` has one more than the page where there is more."""
    return Page(rows[:limit], _place(rows[limit - 1]) if len(rows) > limit else edge)


def _place(row: models.Issue) -> Place:
    return row.created_at, row.id


def _down_to(edge: Place) -> Q:
    at, last = edge
    return Q(created_at__gte=at) & (Q(created_at__gt=at) | Q(id__gte=last))


def _search(scope: _Scope, narrowed: Q, found: Q, limit: int) -> list[models.Issue]:
    """A frequent word is found among the newest issues; only a rarer one is looked up in the index of all words.

    PostgreSQL knows too little of how frequent a word is: left to itself it read a million issues for one in five of them.
    """
    for walked in WALKED:
        edge = list(_newest_of_each(scope, narrowed, walked)[walked - 1 : walked])
        recent = narrowed & Q(created_at__gte=edge[0][1]) if edge else narrowed
        page = list(_shown(scope, recent & found).order_by(*NEWEST_FIRST)[:limit])
        if not edge or len(page) == limit:
            return page
    # A sum that changes nothing keeps PostgreSQL from reading another index for all issues of teams that own nearly all.
    teams = list(scope.each)
    rows = in_short(models.Issue.objects.filter(narrowed & found & scope.besides))
    if _own_few_issues(teams):
        rows = rows.filter(team_id__in=teams)
    else:
        rows = rows.alias(owner=F("team_id") + 0).filter(owner__in=teams)
    return list(rows.order_by(*_IN_ORDER)[:limit])


def _own_few_issues(teams: list[int]) -> bool:
    """Whether an index by team leaves out most issues."""
    numbers = Team.objects.aggregate(every=Sum("next_issue_number"), own=Sum("next_issue_number", filter=Q(id__in=teams)))
    return bool((numbers["own"] or 0) < (numbers["every"] or 0) / 20)


def _shown(scope: _Scope, wanted: Q) -> QuerySet[models.Issue]:
    return in_short(models.Issue.objects.filter(wanted, scope.whole))


def in_short(issues: QuerySet[models.Issue]) -> QuerySet[models.Issue]:
    """What a list shows of each: a report may have 200,000 characters, and a list shows none of them."""
    return issues.select_related("team", "repository").defer("body", "resolution", "source_ref")


def _newest_of_each(scope: _Scope, narrowed: Q, limit: int) -> QuerySet[models.Issue, tuple[UUID, datetime]]:
    """`id` and `created_at` over several teams: each team's own index gives its newest, and the lists are merged.

    Without this PostgreSQL would read all issues of the teams, or those of other teams too, to find the newest.
    """
    ids = models.Issue.objects.filter(narrowed).order_by(*NEWEST_FIRST).values_list("id", "created_at")
    if len(scope.each) == 1:
        return ids.filter(*scope.each.values())
    first, *others = [ids.filter(condition)[:limit] for condition in scope.each.values()]
    return first.union(*others, all=True).order_by(*NEWEST_FIRST)

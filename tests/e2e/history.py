"""A month of a team that has used the system, for pictures: `manage.py shell < tests/e2e/history.py`.

Only what lists and figures show: issues, runs with their times and verdicts, feedback, and what each day has cost.
"""

import random
from datetime import timedelta

from django.utils import timezone

from sahur.accounts.models import Team
from sahur.issues import models
from sahur.issues.services import reports, runs
from sahur_core.issues import Source

TITLES = (
    "Checkout answers 500 for vouchers over the cart total",
    "Refunds are booked twice after a retry",
    "Search returns nothing for umlauts",
    "Invoice PDF misses the second page",
    "Webhook of the parcel service times out",
    "Nightly export stops at row 65,536",
    "Stock count goes below zero on parallel orders",
    "Mail to customers shows the wrong time zone",
    "Token refresh races with sign-out",
    "Card payments declined with code 05 since Tuesday",
    "Settlement file rejected by the bank",
    "Currency rounding differs by one cent",
)
PEOPLE = ("Rita Okonkwo", "Bo Haddad", "Ada Lindqvist")
DAYS = 30
random.seed(7)
team = Team.objects.get(key="SAH")
now = timezone.now()


def spend(days_ago: int) -> None:
    """What the models have cost on a day; weekends are quiet."""
    day = (now - timedelta(days=days_ago)).date()
    for model, share, price in (("gpt-5", 5, 0.041), ("claude-sonnet-4-5", 2, 0.058)):
        calls = round(share * random.uniform(3, 7) * (0.25 if day.weekday() > 4 else 1))
        models.TeamUsage.objects.create(
            team=team,
            day=day,
            model=model,
            model_calls=calls,
            input_tokens=calls * random.randint(6000, 14000),
            output_tokens=calls * random.randint(300, 900),
            cost_usd=calls * price,
        )


def investigate(days_ago: int) -> None:
    """An issue of that day whose run has ended long since."""
    who = random.choice(PEOPLE)
    title = random.choice(TITLES)
    issue = reports.open_issue(team, reports.NewIssue(title=title, body=f"{title}.", source=Source.WEB, reporter_name=who))
    run = runs.insert_run(issue, runs.Asked(who, None, ""))
    at = (now - timedelta(days=days_ago)).replace(hour=random.randint(6, 18), minute=random.randint(0, 59))
    seconds = random.lognormvariate(5.2, 0.6)
    ended = at + timedelta(seconds=seconds)
    has_failed = random.random() < 0.08
    verdict = "" if has_failed else random.choices(["confirmed", "likely", "inconclusive"], [52, 31, 17])[0]
    failure = {"stage": "analyze", "code": "model_unavailable", "cause": "The model did not answer.", "next_step": "Try again."}
    models.Run.objects.filter(id=run.id).update(
        status="failed" if has_failed else "succeeded",
        verdict=verdict,
        stage="publish",
        created_at=at,
        started_at=at,
        status_since=ended,
        ended_at=ended,
        first_hypothesis_at=at + timedelta(seconds=seconds * random.uniform(0.08, 0.3)),
        pruned_at=ended,
        compacted_at=ended,
        failure=failure if has_failed else {},
    )
    models.RunLease.objects.filter(run=run).update(lease_until=None)
    is_right = random.random() < 0.85
    models.Issue.objects.filter(id=issue.id).update(
        created_at=at,
        updated_at=ended,
        status="closed",
        closed_at=ended + timedelta(hours=3),
        resolution="Mended.",
        outcome={"answer": "right" if is_right else "wrong"} if verdict else {},
    )
    if verdict and random.random() < 0.4:
        vote = 1 if is_right else -1
        models.Feedback.objects.create(run=run, author=who, vote=vote, source="web", changed_at=ended)


for ago in range(DAYS - 1, 0, -1):
    spend(ago)
    for _ in range(random.choice([0, 1]) if (now - timedelta(days=ago)).weekday() > 4 else random.choice([1, 2, 3])):
        investigate(ago)

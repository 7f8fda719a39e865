"""What the list of issues takes: its filters, marks, closing several, saved views."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from rest_framework import serializers

from sahur.api.serializers import IssueOutcome
from sahur.issues.listing import ME, Filter
from sahur_core.issues import IssueStatus, RunStatus, Verdict

MAX_KEYS = 100


def _choice(values: list[str], help_text: str) -> serializers.ChoiceField:
    return serializers.ChoiceField(values, required=False, allow_blank=True, default="", help_text=help_text)


def _text(max_length: int, help_text: str) -> serializers.CharField:
    return serializers.CharField(max_length=max_length, required=False, allow_blank=True, default="", help_text=help_text)


class IssueFilter(serializers.Serializer[Any]):
    """What an address of the list may carry, in its canonical order."""

    q = _text(200, "Words of the title or body, or a key.")
    status = _choice([each.value for each in IssueStatus], "Of the issue.")
    verdict = _choice([each.value for each in Verdict], "Of the latest run.")
    run_status = _choice([each.value for each in RunStatus], "Of the latest run.")
    team = _text(10, "Key of a team of yours.")
    repository = _text(200, "Its name.")
    reporter = _text(200, f"The name as it is shown, or `{ME}`.")
    unread = serializers.BooleanField(required=False, default=False, help_text="Only what you have not seen yet.")


class IssueQuery(IssueFilter):
    cursor = _text(200, "`next` of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=100, required=False, default=50)


def filter_of(asked: dict[str, Any]) -> Filter:
    """Of a checked `IssueFilter`."""
    return Filter(
        team=asked["team"],
        status=asked["status"],
        query=asked["q"],
        repository=asked["repository"],
        reporter=asked["reporter"],
        verdict=asked["verdict"],
        run_status=asked["run_status"],
        is_unread=asked["unread"],
    )


class Keys(serializers.ListField):
    def __init__(self) -> None:
        super().__init__(child=serializers.CharField(max_length=24), min_length=1, max_length=MAX_KEYS)


class SeenIssues(serializers.Serializer[Any]):
    keys = Keys()
    is_seen = serializers.BooleanField(required=False, default=True, help_text="False: all of them is news again.")
    until = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="`news_at` of what was shown: later news stay unread."
    )


class ClosedIssues(serializers.Serializer[Any]):
    keys = Keys()
    resolution = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    outcome = IssueOutcome(required=False, allow_null=True, default=None)


class ViewQuery(serializers.CharField):
    """A query of the list, brought into its canonical form. What the list does not know is left out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=1000,
            allow_blank=True,
            help_text="Of the address of the list, without the question mark: `q=checkout&status=open`.",
            **options,
        )

    def to_internal_value(self, data: Any) -> str:
        form = IssueFilter(data=QueryDict(super().to_internal_value(data).removeprefix("?")))
        form.is_valid(raise_exception=True)
        asked = {name: str(value).lower() if value is True else value for name, value in form.validated_data.items()}
        return urlencode({name: value for name, value in asked.items() if value})


class NewView(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    query = ViewQuery(required=False, default="")


class ViewChange(serializers.Serializer[Any]):
    """What is not sent stays as it is."""

    name = serializers.CharField(max_length=80, required=False, default=None)
    query = ViewQuery(required=False, default=None)

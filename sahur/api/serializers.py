"""What the REST door takes. Rules about reports themselves are the actions'; here is only the form."""

from __future__ import annotations

from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from rest_framework import serializers

from sahur.accounts.models import MemberRole
from sahur_core.errors import InputError
from sahur_core.issues import Decision, IssueStatus, Severity, Stage, ToolResultStatus
from sahur_core.tools.decisions import LANGGRAPH_WORDS
from sahur_core.tools.storable import check_storable


class TextField(serializers.CharField):
    """Text as it was typed. NUL bytes reach the action, which says in clear words what is wrong with them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)
        self.validators = [each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)]


class Arguments(serializers.DictField):
    """The arguments of a tool: any JSON object that can be stored."""

    def to_internal_value(self, data: Any) -> dict[Any, Any]:
        checked = super().to_internal_value(data)
        try:
            check_storable(checked)
        except InputError as error:
            raise serializers.ValidationError(error.message) from error
        return checked


class ClientId(serializers.CharField):
    """The sender's own name for the request: the same one again does nothing twice."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=100, required=False, allow_blank=True, default="", **options)


class Login(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class PasswordChange(serializers.Serializer[Any]):
    old_password = serializers.CharField(max_length=1000, trim_whitespace=False)
    new_password = serializers.CharField(max_length=1000, trim_whitespace=False)


class NewIssue(serializers.Serializer[Any]):
    team = serializers.CharField(max_length=10, required=False, allow_blank=True, default="", help_text="Empty: your first team.")
    title = TextField(required=False, allow_blank=True, default="", help_text="Empty: the first line of the body.")
    body = TextField(required=False, allow_blank=True, default="")
    repository = serializers.CharField(
        max_length=1000,
        required=False,
        allow_blank=True,
        default="",
        help_text="Name of one of the team's, or its https or ssh URL.",
    )
    revision = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    severity = serializers.ChoiceField(
        [each.value for each in Severity],
        required=False,
        allow_blank=True,
        default="",
        help_text="How bad it is; empty: unsaid.",
    )


class IssueOutcome(serializers.Serializer[Any]):
    """How it really ended: evaluations hold answers against it."""

    answer = serializers.ChoiceField(
        ["right", "wrong"], required=False, allow_blank=True, default="", help_text="Whether the latest answer was right."
    )
    is_outside = serializers.BooleanField(required=False, default=False, help_text="Nothing in the code caused it.")
    commit = serializers.RegexField(
        r"^[0-9a-f]{7,64}$", required=False, allow_blank=True, default="", help_text="The commit that caused it: its full sha."
    )
    files = serializers.ListField(
        child=serializers.CharField(max_length=1000),
        max_length=50,
        required=False,
        default=list,
        help_text="Where it was caused.",
    )
    functions = serializers.ListField(child=serializers.CharField(max_length=300), max_length=50, required=False, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["is_outside"] and (attrs["commit"] or attrs["files"]):
            raise serializers.ValidationError("What no code caused has neither commit nor files.")
        return attrs


class IssueChange(serializers.Serializer[Any]):
    status = serializers.ChoiceField([each.value for each in IssueStatus])
    resolution = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    outcome = IssueOutcome(
        required=False, allow_null=True, default=None, help_text="Of a closed issue. Null: what was said stays."
    )


class UnfiledReport(serializers.Serializer[Any]):
    """A report as far as it is written. Of a long one the beginning and the end are read."""

    team = serializers.CharField(max_length=10, required=False, allow_blank=True, default="", help_text="Empty: all your teams.")
    title = TextField(required=False, allow_blank=True, default="")
    body = TextField(required=False, allow_blank=True, default="")
    limit = serializers.IntegerField(min_value=1, max_value=20, required=False, default=5)


class SimilarQuery(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=20, required=False, default=5)


class NewRun(serializers.Serializer[Any]):
    client_id = ClientId()
    model = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Of the choices; empty: as it is configured."
    )
    repository = serializers.CharField(
        max_length=1000,
        required=False,
        allow_blank=True,
        default="",
        help_text="Name or address, for an issue that was reported without one.",
    )


class EventQuery(serializers.Serializer[Any]):
    after = serializers.IntegerField(min_value=0, max_value=2**62, required=False, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=1000, required=False, default=200)


class NewMessage(serializers.Serializer[Any]):
    text = TextField(allow_blank=True)
    urgent = serializers.BooleanField(
        required=False, default=False, help_text="Use it now: the model call under way is given up and made anew with it."
    )
    client_id = ClientId()


class StopRun(serializers.Serializer[Any]):
    client_id = ClientId()


class DifferenceQuery(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        # `with` is a word of Python's own, so it cannot be the name of an attribute.
        return {"with": serializers.UUIDField(help_text="The other run, of the same issue.")}


class ResumeRun(serializers.Serializer[Any]):
    client_id = ClientId()


class BranchRun(serializers.Serializer[Any]):
    message = TextField(allow_blank=True, help_text="What if it were otherwise: the new run hears this first.")
    from_stage = serializers.ChoiceField(
        [each.value for each in Stage],
        required=False,
        default=Stage.GATHER_CONTEXT.value,
        help_text="The stage, over in this run, from whose end the new one goes on.",
    )
    client_id = ClientId()


class FeedbackQuery(serializers.Serializer[Any]):
    step = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Id of a step of the run; empty: the answer."
    )


class NewFeedback(FeedbackQuery):
    vote = serializers.ChoiceField([1, -1], help_text="1: helpful, -1: not helpful.")
    comment = TextField(required=False, allow_blank=True, default="", help_text="What was right or wrong about it.")


class Answer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(
        [*(each.value for each in Decision), *(word for word in LANGGRAPH_WORDS if word != Decision.EDIT)],
        help_text="`accept`, `response` and `ignore` are LangGraph's words for approve, respond and reject.",
    )
    answer = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="", trim_whitespace=False)
    arguments = Arguments(
        required=False,
        allow_null=True,
        default=None,
        help_text="Of `edit`: what to call the tool with, or a budget's `raise_by`.",
    )
    arguments_hash = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of the arguments that you were shown: a decision about any others is refused.",
    )
    client_id = ClientId()


class TeamBudget(serializers.Serializer[Any]):
    """A team's own limits: null as in the settings, 0 no limit. All are sent: one that is left out is refused, not cleared."""

    run_tokens = serializers.IntegerField(min_value=0, max_value=10**15, allow_null=True)
    run_cost_usd = serializers.FloatField(min_value=0, max_value=1e9, allow_null=True)
    run_tool_calls = serializers.IntegerField(min_value=0, max_value=10**9, allow_null=True)
    run_seconds = serializers.FloatField(min_value=0, max_value=1e9, allow_null=True)
    day_tokens = serializers.IntegerField(min_value=0, max_value=10**15, allow_null=True)
    day_cost_usd = serializers.FloatField(min_value=0, max_value=1e9, allow_null=True)
    day_tool_calls = serializers.IntegerField(min_value=0, max_value=10**9, allow_null=True)
    day_seconds = serializers.FloatField(min_value=0, max_value=1e9, allow_null=True)
    ask_at = serializers.FloatField(
        min_value=0.1, max_value=1.0, help_text="Part of a limit at which the first rung is reached; 0.8 is usual."
    )
    asks = serializers.BooleanField(help_text="The first rung asks people whether to go on; else the run concludes.")
    seen_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="`changed.at` of the budget that you saw: if it was changed since, nothing is. Null: replace it in any case.",
    )


class UsageQuery(serializers.Serializer[Any]):
    """Days of UTC."""

    def get_fields(self) -> dict[str, Any]:
        # `from` cannot be the name of an attribute.
        first = serializers.DateField(
            required=False, default=None, help_text="The first day; without it thirty days before the last."
        )
        last = serializers.DateField(required=False, default=None, help_text="The last day (UTC); without it today.")
        return {"from": first, "to": last}


class ReceiptQuery(serializers.Serializer[Any]):
    run = serializers.UUIDField(required=False, default=None, help_text="Calls of this run.")
    issue = serializers.CharField(
        max_length=24, required=False, allow_blank=True, default="", help_text="Calls of all runs of this issue, by its key."
    )
    upstream = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    tool = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Whole name: `upstream__tool`."
    )
    status = serializers.ChoiceField([each.value for each in ToolResultStatus], required=False, allow_blank=True, default="")
    caller = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="`run:<id>` or `user:<name>`."
    )
    since = serializers.DateTimeField(required=False, default=None, help_text="Calls at this time or later.")
    repeats = serializers.UUIDField(required=False, default=None, help_text="Calls that repeat the one of this receipt.")
    cursor = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="`next` of the page before."
    )
    limit = serializers.IntegerField(min_value=1, max_value=100, required=False, default=50)


class ResultPart(serializers.Serializer[Any]):
    offset = serializers.IntegerField(
        min_value=0, max_value=2**31 - 2, required=False, default=0, help_text="Character of the result to start at."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, default=None, help_text="Most characters; without it all of them."
    )


class Credential(serializers.Serializer[Any]):
    """For https a user name and a token, for ssh a private key and the lines of `ssh-keyscan` for the host."""

    username = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    token = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default="", help_text="A token or password that may read it."
    )
    private_key = TextField(
        max_length=16_000, required=False, allow_blank=True, default="", help_text="A deploy key without a passphrase."
    )
    known_hosts = TextField(
        max_length=16_000,
        required=False,
        allow_blank=True,
        default="",
        help_text="The host's public keys. Without them the first key that the host shows is kept and no other accepted.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["token"]) == bool(attrs["private_key"]):
            raise serializers.ValidationError("Give either a token or a private key.")
        return attrs


class NewRepository(serializers.Serializer[Any]):
    # DRF's metaclass takes the field off the class, where `source` would be an attribute of its own.
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=1000, help_text="An https or ssh URL, or a path below SAHUR_REPOSITORY_ROOTS."
    )
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    team = serializers.CharField(max_length=10, required=False, allow_blank=True, default="", help_text="Empty: your first team.")
    credential = Credential(required=False, allow_null=True, default=None)
    default_branch = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Empty: what the remote says."
    )
    test_command = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="As in a change; empty: none."
    )


class RepositoryChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, required=False)
    default_branch = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Empty: what the remote says."
    )
    poll_seconds = serializers.IntegerField(
        min_value=0, max_value=604_800, required=False, help_text="Every how many seconds the remote is asked; 0: never."
    )
    test_command = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="One line for a shell, such as `pytest -q`: runs in the sandbox on a copy with a proposed patch. Empty: none.",
    )


class IndexRequest(serializers.Serializer[Any]):
    rebuild = serializers.BooleanField(required=False, default=False, help_text="Make all of the index anew.")


class ModelPrice(serializers.Serializer[Any]):
    """US dollars per million tokens."""

    input = serializers.FloatField(min_value=0)
    output = serializers.FloatField(min_value=0)
    cached_input = serializers.FloatField(
        min_value=0, required=False, allow_null=True, default=None, help_text="Of the vendor's cache; null: as any input."
    )


class NewToken(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    role = serializers.ChoiceField([each.value for each in MemberRole], required=False, default=MemberRole.RESPONDER.value)
    tools = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=lambda: ["*"],
        help_text="Globs of the gateway's tools that exist for the token, such as `code__*`; none closes the gateway to it.",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

"""Everything that SAHUR remembers, to look at. Changes go through the doors, so that each has its event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sahur.accounts import audit
from sahur.accounts.actor import actor_for
from sahur.accounts.admin import ReadOnlyAdmin, person
from sahur.issues import models, selectors
from sahur.issues.services import prices, repositories

if TYPE_CHECKING:
    # The stubs' classes take the model as a parameter; Django's own do not.
    RunInlineBase = admin.TabularInline[models.Run, models.Issue]
    RepositoryAdminBase = admin.ModelAdmin[models.Repository]
    TeamBudgetAdminBase = admin.ModelAdmin[models.TeamBudget]
    ModelPriceAdminBase = admin.ModelAdmin[models.ModelPrice]
    ModelPriceFormBase = ModelForm[models.ModelPrice]
else:
    RunInlineBase = admin.TabularInline
    RepositoryAdminBase = admin.ModelAdmin
    TeamBudgetAdminBase = admin.ModelAdmin
    ModelPriceAdminBase = admin.ModelAdmin
    ModelPriceFormBase = ModelForm

EVENTS_SHOWN = 500


class RunInline(RunInlineBase):
    model = models.Run
    fields = readonly_fields = ("number", "status", "stage", "verdict", "asked_by", "created_at", "ended_at")
    show_change_link = True
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(models.Issue)
class IssueAdmin(ReadOnlyAdmin):
    list_display = ("key", "title", "status", "team", "source", "reporter_name", "created_at")
    list_filter = ("status", "source", "team")
    search_fields = ("key", "title", "body")
    inlines = (RunInline,)


@admin.register(models.Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "status", "stage", "verdict", "model", "asked_by", "created_at", "ended_at")
    list_filter = ("status", "verdict", "stage")
    search_fields = ("issue__key", "issue__title", "trace_id")
    list_select_related = ("issue",)
    readonly_fields = ("ownership", "events", "page")

    @admin.display(description="Page")
    def page(self, run: models.Run) -> SafeString:
        return format_html('<a href="/issues/{}/">{}</a>', run.issue.key, run.issue.key)

    @admin.display(description="Lease")
    def ownership(self, run: models.Run) -> str:
        lease = run.lease
        until = f"until {lease.lease_until:%H:%M:%S}" if lease.lease_until else "not owned"
        return f"attempt {lease.attempt}, {until}, {lease.next_seq - 1} events"

    @admin.display(description="Events")
    def events(self, run: models.Run) -> SafeString:
        rows = selectors.read_events(run.id, 0, EVENTS_SHOWN)
        return format_html_join(
            "",
            "<div><code>{} {} a{} {}</code></div>",
            ((event.seq, f"{event.at:%H:%M:%S.%f}"[:-3], event.attempt, event.payload.model_dump_json()[:400]) for event in rows),
        )


@admin.register(models.Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "run", "role", "status", "author_name", "start")
    list_filter = ("role", "status")
    list_select_related = ("run__issue",)

    @admin.display(description="Text")
    def start(self, message: models.Message) -> str:
        return message.text[:120]


@admin.register(models.ToolCall)
class ToolCallAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "run", "tool", "status", "duration_ms", "receipt")
    list_filter = ("status", "tool")
    list_select_related = ("run__issue",)

    @admin.display(description="Receipt")
    def receipt(self, call: models.ToolCall) -> str:
        if call.receipt_id is None:
            return ""
        return format_html('<a href="{}">receipt</a>', reverse("admin:issues_receipt_change", args=[call.receipt_id]))


@admin.register(models.Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ("called_at", "team", "caller", "tool", "status", "duration_ms", "result_bytes", "redactions", "is_cached")
    list_filter = ("status", "upstream", "team")
    search_fields = ("id", "tool", "trace_id")


@admin.register(models.Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    list_display = ("run", "number", "statement", "path", "line", "tool")
    list_select_related = ("run__issue",)


@admin.register(models.Solution)
class SolutionAdmin(ReadOnlyAdmin):
    list_display = ("run", "verdict", "summary", "created_at")
    list_filter = ("verdict",)
    list_select_related = ("run__issue",)


@admin.register(models.InputRequest)
class InputRequestAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "run", "kind", "prompt", "decision", "answered_by", "expires_at")
    list_filter = ("kind", "decision")
    list_select_related = ("run__issue",)


@admin.register(models.Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    list_display = ("changed_at", "run", "step", "author", "vote", "source")
    list_filter = ("vote", "source")


@admin.register(models.SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "query", "created_at")


@admin.register(models.ReadMark)
class ReadMarkAdmin(ReadOnlyAdmin):
    list_display = ("user", "issue", "seen_at")


@admin.register(models.TeamBudget)
class TeamBudgetAdmin(TeamBudgetAdminBase):
    """Empty limits are those of the settings; 0 is no limit."""

    list_display = ("team", "run_cost_usd", "run_tokens", "day_cost_usd", "day_tokens", "ask_at", "asks")
    list_select_related = ("team",)

    def save_model(self, request: HttpRequest, obj: models.TeamBudget, form: ModelForm[models.TeamBudget], change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._record(request, obj, {name: form.cleaned_data[name] for name in form.changed_data if name != "team"})

    def delete_model(self, request: HttpRequest, obj: models.TeamBudget) -> None:
        self._record(request, obj, {"removed": True})
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.TeamBudget]) -> None:
        for budget in queryset:
            self.delete_model(request, budget)

    def _record(self, request: HttpRequest, budget: models.TeamBudget, detail: dict[str, Any]) -> None:
        audit.record(actor_for(person(request)), "team_budget.changed", budget.team.key, team_id=budget.team_id, detail=detail)


@admin.register(models.TeamUsage)
class TeamUsageAdmin(ReadOnlyAdmin):
    list_display = ("day", "team", "model", "model_calls", "input_tokens", "output_tokens", "cost_usd", "tool_calls", "seconds")
    list_filter = ("team", "model")
    list_select_related = ("team",)
    date_hierarchy = "day"


@admin.register(models.RunUsage)
class RunUsageAdmin(ReadOnlyAdmin):
    list_display = ("run", "model", "model_calls", "input_tokens", "output_tokens", "cost_usd", "tool_calls", "seconds")
    list_select_related = ("run__issue",)


class ModelPriceForm(ModelPriceFormBase):
    """A price under a name that a model can have."""

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if problem := prices.name_problem(name):
            raise ValidationError(problem)
        return name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for field in ("input", "output", "cached_input"):
            if problem := prices.amount_problem(given.get(field)):
                self.add_error(field, problem)
        if problem := prices.cached_problem(given.get("cached_input"), given.get("input")):
            self.add_error("cached_input", problem)
        return given


@admin.register(models.ModelPrice)
class ModelPriceAdmin(ModelPriceAdminBase):
    """What goes before the built-in list of prices. Workers notice a change within half a minute."""

    form = ModelPriceForm
    list_display = ("name", "input", "output", "cached_input", "changed_at")
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: models.ModelPrice | None = None) -> tuple[str, ...]:
        # The name is the row: another name is another price.
        return ("name",) if obj else ()

    def save_model(self, request: HttpRequest, obj: models.ModelPrice, form: ModelForm[models.ModelPrice], change: bool) -> None:
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)
        detail = {"input": obj.input, "output": obj.output, "cached_input": obj.cached_input}
        audit.record(actor_for(person(request)), "model_price.set", obj.name, detail=detail)
        prices.forget()

    def delete_model(self, request: HttpRequest, obj: models.ModelPrice) -> None:
        audit.record(actor_for(person(request)), "model_price.removed", obj.name)
        super().delete_model(request, obj)
        prices.forget()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.ModelPrice]) -> None:
        for price in queryset:
            self.delete_model(request, price)


@admin.register(models.Effect)
class EffectAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "state", "attempt", "issue", "due_at", "last_error")
    list_filter = ("state", "kind")
    list_select_related = ("issue",)


@admin.register(models.Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ("at", "issue", "number", "kind", "actor")
    list_filter = ("kind",)
    list_select_related = ("issue",)


@admin.register(models.Repository)
class RepositoryAdmin(RepositoryAdminBase):
    """Names and branches may be mended here; sources are checked when they are added through the API."""

    list_display = ("name", "team", "source", "default_branch", "created_at")
    list_filter = ("team",)
    readonly_fields = ("source", "team")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: models.Repository) -> None:
        """Its clone and index go too."""
        repositories.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.Repository]) -> None:
        for repository in queryset:
            repositories.remove(repository)


@admin.register(models.Checkout)
class CheckoutAdmin(ReadOnlyAdmin):
    list_display = ("repository", "revision", "commit", "state", "progress", "error", "requested_at", "ready_at")
    list_filter = ("state",)
    list_select_related = ("repository",)


@admin.register(models.Inbound)
class InboundAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "source", "external_id", "issue")
    list_select_related = ("issue",)

"""Accounts in Django admin. The audit log and tickets can only be read; keys and passwords are shown once, when made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.db.models import Model, QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest
from django.utils import timezone

from sahur.accounts import audit, services
from sahur.accounts.actor import actor_for
from sahur.accounts.models import ApiToken, AuditEntry, MemberRole, Membership, SocketTicket, Team, User

if TYPE_CHECKING:
    # The stubs' classes take the model as a parameter; Django's own do not.
    ReadOnlyBase = admin.ModelAdmin[Model]
    MembershipInlineBase = admin.TabularInline[Membership, Team]
    TeamAdminBase = admin.ModelAdmin[Team]
    ApiTokenAdminBase = admin.ModelAdmin[ApiToken]
    UserAdminBase = UserAdmin[User]
    PasswordFormBase = AdminPasswordChangeForm[User]
else:
    ReadOnlyBase = TeamAdminBase = ApiTokenAdminBase = admin.ModelAdmin
    MembershipInlineBase = admin.TabularInline
    UserAdminBase = UserAdmin
    PasswordFormBase = AdminPasswordChangeForm


def person(request: HttpRequest) -> User:
    """The signed-in user; admin lets nobody else in."""
    return cast("User", request.user)


class ReadOnlyAdmin(ReadOnlyBase):
    """Rows that nobody adds, changes or deletes here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PasswordOfAnotherForm(PasswordFormBase):
    """Whoever sets the password of another knows it, so its owner must replace it."""

    def save(self, commit: bool = True) -> Any:
        self.user.must_change_password = True
        return super().save(commit)


class MembershipInline(MembershipInlineBase):
    model = Membership
    extra = 1
    autocomplete_fields = ["user"]


@admin.register(Team)
class TeamAdmin(TeamAdminBase):
    list_display = ["key", "name", "created_at"]
    search_fields = ["key", "name"]
    readonly_fields = ["next_issue_number", "created_at"]
    inlines = [MembershipInline]

    def save_formset(self, request: HttpRequest, form: Form, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        actor = actor_for(person(request))
        for membership in [*formset.new_objects, *(changed for changed, _ in formset.changed_objects)]:
            detail = {"role": membership.role}
            audit.record(actor, "membership.set", membership.user.get_username(), team_id=membership.team_id, detail=detail)
        for membership in formset.deleted_objects:
            audit.record(actor, "membership.removed", membership.user.get_username(), team_id=membership.team_id)


@admin.register(User)
class PersonAdmin(UserAdminBase):
    list_display = ["username", "first_name", "last_name", "email", "is_staff", "is_active", "must_change_password", "last_login"]
    list_filter = ["is_staff", "is_active", "memberships__team"]
    change_password_form = PasswordOfAnotherForm
    readonly_fields = ["must_change_password", "last_login", "date_joined"]
    fieldsets = (*(UserAdmin.fieldsets or ()), ("One-time password", {"fields": ["must_change_password"]}))
    actions = ["give_one_time_password"]

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        # Whoever adds a person here knows the password, so its owner must replace it.
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)
        audit.record(actor_for(person(request)), "user.changed" if change else "user.created", obj.get_username())

    @admin.action(description="Give a new one-time password", permissions=["change"])
    def give_one_time_password(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            password = services.reset_password(user, by=actor_for(person(request)))
            messages.warning(request, f"One-time password of {user.get_username()}, shown only now: {password}")


@admin.register(ApiToken)
class ApiTokenAdmin(ApiTokenAdminBase):
    # As many columns as fit beside the filter at 1280 pixels; the token's own page has the rest.
    list_display = ["name", "prefix", "user", "role", "validity", "last_used_at"]
    list_filter = ["role"]
    search_fields = ["name", "prefix", "user__username"]
    autocomplete_fields = ["user"]
    actions = ["revoke"]

    @admin.display(description="Valid", ordering="expires_at")
    def validity(self, token: ApiToken) -> str:
        if token.revoked_at:
            return f"revoked {timezone.localtime(token.revoked_at).date()}"
        if token.expires_at is None:
            return "without end"
        word = "until" if token.expires_at > timezone.now() else "expired"
        return f"{word} {timezone.localtime(token.expires_at).date()}"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Mostly people make tokens for themselves."""
        return {"user": str(person(request).pk)} | super().get_changeform_initial_data(request)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        added = ["prefix", "created_at", "revoked_at", "last_used_at"] if obj else []
        return ["user", "name", "role", "tools", "expires_at", *added]

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        # A token is what its maker was told it is; the action `revoke` needs the permission, the form is read-only.
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        # The row of a deleted user's token goes with the user; else tokens are revoked, so that the audit can name them.
        return False

    def save_model(self, request: HttpRequest, obj: ApiToken, form: ModelForm[ApiToken], change: bool) -> None:
        token, key = services.create_api_token(
            obj.user,
            obj.name,
            role=MemberRole(obj.role),
            tools=obj.tools,
            expires_at=obj.expires_at,
            by=actor_for(person(request)),
        )
        obj.__dict__.update(token.__dict__)
        messages.warning(request, f"The key of {token.name}, shown only now: {key}")

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        live = queryset.filter(revoked_at=None)
        for token in live:
            services.revoke_api_token(token.pk, by=actor_for(person(request)))
        messages.success(request, "Revoked.")


@admin.register(SocketTicket)
class SocketTicketAdmin(ReadOnlyAdmin):
    list_display = ["user", "role", "expires_at"]
    # Whoever knows it is signed in as its owner.
    exclude = ["session_key"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "action", "target", "team", "trace_id"]
    list_filter = ["action", "team"]
    search_fields = ["actor", "target", "trace_id"]
    date_hierarchy = "at"

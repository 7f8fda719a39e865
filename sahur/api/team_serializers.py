"""What the REST door takes about teams, their members, new people, and the audit log."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sahur.accounts.models import MemberRole

ROLES = [each.value for each in MemberRole]


class NewTeam(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=10, help_text="2 to 10 capital letters and digits; it never changes.")
    name = serializers.CharField(max_length=100)


class TeamChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    was = serializers.CharField(max_length=100, help_text="The name that you saw: if it is another one now, nothing is changed.")


class NewMember(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150, help_text="Whole, of a person who is known here.")
    role = serializers.ChoiceField(ROLES, required=False, default=MemberRole.RESPONDER.value)


class MemberChange(serializers.Serializer[Any]):
    role = serializers.ChoiceField(ROLES)
    was = serializers.ChoiceField(ROLES, help_text="The role that you saw: if it is another one now, nothing is changed.")


class NewPerson(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    name = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True, default="")
    team = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Id of a team that you are an admin of; null: none."
    )
    role = serializers.ChoiceField(ROLES, required=False, default=MemberRole.RESPONDER.value)


class AuditFilter(serializers.Serializer[Any]):
    team = serializers.CharField(
        max_length=10,
        required=False,
        allow_blank=True,
        default="",
        help_text="Key of a team that you are an admin of; empty: all of them, for staff also what is about no team.",
    )
    actor = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Part of the name or user name."
    )
    action = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="`membership.set`, or `membership` for all.",
    )
    target = serializers.CharField(max_length=200, required=False, allow_blank=True, default="", help_text="Part of it.")
    since = serializers.DateTimeField(required=False, allow_null=True, default=None)
    until = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="Before this time.")


class AuditQuery(AuditFilter):
    cursor = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="`next` of the page before."
    )
    limit = serializers.IntegerField(min_value=1, max_value=100, required=False, default=50)

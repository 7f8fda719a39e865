from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from sahur.accounts.models import Team
from sahur.issues.models.run import Run

_AT_LEAST_0 = [MinValueValidator(0)]


class TeamBudget(models.Model):
    """What a team's runs may spend, each and all of one day (UTC) together. Empty: as in the settings. 0: no limit."""

    team = models.OneToOneField(Team, primary_key=True, on_delete=models.CASCADE, related_name="budget")
    run_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    run_cost_usd = models.FloatField(null=True, blank=True, validators=_AT_LEAST_0)
    run_tool_calls = models.PositiveIntegerField(null=True, blank=True)
    run_seconds = models.FloatField(null=True, blank=True, validators=_AT_LEAST_0)
    day_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    day_cost_usd = models.FloatField(null=True, blank=True, validators=_AT_LEAST_0)
    day_tool_calls = models.PositiveIntegerField(null=True, blank=True)
    day_seconds = models.FloatField(null=True, blank=True, validators=_AT_LEAST_0)
    ask_at = models.FloatField(
        default=0.8,
        validators=[MinValueValidator(0.1), MaxValueValidator(1.0)],
        help_text="Part of a limit at which the first rung is reached.",
    )
    asks = models.BooleanField(default=True, help_text="The first rung asks people whether to go on; else the run concludes.")

    def __str__(self) -> str:
        return f"Budget of {self.team}"


class TeamUsage(models.Model):
    """What the runs of a team spent on one day (UTC) with one model; tool calls and time stand under the model `""`."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    model = models.CharField(max_length=200, blank=True)
    model_calls = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    cached_input_tokens = models.PositiveBigIntegerField(default=0)
    cost_usd = models.FloatField(default=0.0, help_text="Of the calls whose price is known.")
    unpriced_calls = models.PositiveIntegerField(default=0)
    tool_calls = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "day", "model"], name="one_usage_per_day_and_model")]
        verbose_name_plural = "team usage"

    def __str__(self) -> str:
        return f"{self.team} {self.day} {self.model}"


class RunUsage(models.Model):
    """What one run has spent so far. Counted in the transactions that store the ends of its calls, as its team's is."""

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.CASCADE, related_name="spent")
    model = models.CharField(max_length=200, blank=True, help_text="That answered last.")
    model_calls = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    cached_input_tokens = models.PositiveBigIntegerField(default=0)
    cost_usd = models.FloatField(default=0.0, help_text="Of the calls whose price is known.")
    unpriced_calls = models.PositiveIntegerField(default=0)
    tool_calls = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0, help_text="In which it was being worked on.")

    class Meta:
        verbose_name_plural = "run usage"

    def __str__(self) -> str:
        return f"Usage of {self.run_id}"


class ModelPrice(models.Model):
    """What a model costs, in US dollars per million tokens. It goes before the built-in list of prices."""

    name = models.CharField(
        max_length=200, primary_key=True, help_text="How the model's name begins, without its provider: claude-sonnet-4-5"
    )
    input = models.FloatField(validators=_AT_LEAST_0)
    output = models.FloatField(validators=_AT_LEAST_0)
    cached_input = models.FloatField(null=True, blank=True, validators=_AT_LEAST_0, help_text="Empty: as any input.")
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name

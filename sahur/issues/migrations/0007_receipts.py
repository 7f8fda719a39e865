"""Receipts can be listed, and tell whether their call only read and which call they repeat."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0006_growth")]

    operations = [
        migrations.AddField(
            model_name="receipt",
            name="is_read",
            field=models.BooleanField(
                blank=True,
                help_text="Whether the call could change nothing, by the gateway's judgment; empty: not known.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="repeats",
            field=models.UUIDField(blank=True, help_text="The receipt whose call was made again.", null=True),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(fields=["team", "-called_at", "-id"], name="receipt_team_newest"),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(fields=["team", "tool", "-called_at", "-id"], name="receipt_team_tool"),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(condition=models.Q(("repeats__isnull", False)), fields=["repeats"], name="receipt_repeats"),
        ),
    ]

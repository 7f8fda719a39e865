from __future__ import annotations

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0019_slack_early_replies")]

    operations = [
        migrations.CreateModel(
            name="SlackPace",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("workspace_id", models.CharField(max_length=32)),
                ("method", models.CharField(max_length=64)),
                ("channel_id", models.CharField(blank=True, help_text="Empty: all of the workspace.", max_length=32)),
                (
                    "next_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="When the calls that were made would be over, had they come at the even pace.",
                    ),
                ),
                ("held_until", models.DateTimeField(blank=True, help_text="As Slack asked for with Retry-After.", null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace_id", "method", "channel_id"), name="one_slack_pace")
                ],
            },
        ),
    ]

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0022_slack_channel_is_member")]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="status",
            field=models.CharField(
                blank=True,
                choices=[
                    ("queued", "Queued"),
                    ("taken_in", "Taken in"),
                    ("carried_over", "Carried over"),
                    ("withdrawn", "Withdrawn"),
                ],
                max_length=15,
            ),
        ),
    ]

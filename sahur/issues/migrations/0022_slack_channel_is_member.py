from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0021_slack_channel_is_shared")]

    operations = [
        migrations.AddField(
            model_name="slackchannel",
            name="is_member",
            field=models.BooleanField(blank=True, help_text="Whether the bot was in it when Slack was last asked.", null=True),
        )
    ]

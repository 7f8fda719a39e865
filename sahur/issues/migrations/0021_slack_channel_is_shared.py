from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0020_slack_pace")]

    operations = [
        migrations.AddField(
            model_name="slackchannel",
            name="is_shared",
            field=models.BooleanField(db_default=False, default=False, help_text="People of other companies read it, too."),
        )
    ]

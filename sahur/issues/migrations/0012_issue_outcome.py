from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0011_fork_checkpoint"),
    ]

    operations = [
        migrations.AddField(
            model_name="issue",
            name="outcome",
            field=models.JSONField(
                blank=True,
                db_default={},
                default=dict,
                help_text="Of a closed issue, where somebody told: sahur_core.issues.IssueOutcome.",
            ),
        ),
    ]

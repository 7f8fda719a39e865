"""Issues whose outcome was told, found without looking through all closed ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0015_lists_by_reporter_and_repository"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("outcome", {}), _negated=True), fields=["team", "closed_at"], name="issue_outcome_told"
            ),
        ),
    ]

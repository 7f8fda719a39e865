"""The list of one reporter and of one repository in its order; the plain indexes of those foreign keys make room for it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0014_times_of_runs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["team", "reporter_name", "-created_at", "-id"], name="issue_reporter_name"),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["reporter", "-created_at", "-id"], name="issue_reporter"),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["repository", "-created_at", "-id"], name="issue_repository"),
        ),
        migrations.AlterField(
            model_name="issue",
            name="reporter",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="issue",
            name="repository",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="issues",
                to="issues.repository",
            ),
        ),
    ]

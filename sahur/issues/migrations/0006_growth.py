"""Lists, searches and compaction whose cost does not grow with the table.

The generated column rewrites the table of issues once, under a lock: some seconds for a hundred thousand issues.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.text
from django.db import migrations, models

import sahur.issues.models.search


class Migration(migrations.Migration):
    dependencies = [("issues", "0005_crashed_at")]

    operations = [
        migrations.AddField(
            model_name="issue",
            name="words",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.contrib.postgres.search.CombinedSearchVector(
                    django.contrib.postgres.search.SearchVector(
                        "title",
                        django.db.models.functions.text.Left("body", 100000),
                        django.db.models.functions.text.Left("resolution", 10000),
                        config="english",
                    ),
                    "||",
                    django.contrib.postgres.search.SearchVector(
                        models.Func(
                            models.Func(
                                models.F("title"),
                                models.Value("([a-z0-9])([A-Z])"),
                                models.Value("\\1 \\2"),
                                models.Value("g"),
                                function="regexp_replace",
                            ),
                            models.Value("/._-:;,()[]{}<>'\"`#=@\\|"),
                            models.Value("                       "),
                            function="translate",
                        ),
                        config="simple",
                    ),
                    django.contrib.postgres.search.SearchConfig("english"),
                ),
                output_field=sahur.issues.models.search.WordsField(),
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="compacted_at",
            field=models.DateTimeField(blank=True, editable=False, help_text="Streamed text joined.", null=True),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["team", "status", "-created_at", "-id"], name="issue_team_status"),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["words"], name="issue_words"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                fields=["ended_at"],
                condition=models.Q(("compacted_at__isnull", True), ("ended_at__isnull", False)),
                name="run_uncompacted",
            ),
        ),
    ]

"""Repositories have credentials, polls and webhooks; checkouts tell their progress and who works on them."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import sahur.accounts.models
import sahur.issues.models.repository
from django.db import migrations, models


# What was prepared before is not asked for again; what was waited for still is.
SETTLE = "update issues_checkout set done = 1 where state <> 'pending'"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_token_tools_help"),
        ("issues", "0007_receipts"),
    ]

    operations = [
        migrations.CreateModel(
            name="RepositoryCredential",
            fields=[
                (
                    "repository",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="credential",
                        serialize=False,
                        to="issues.repository",
                    ),
                ),
                ("kind", models.CharField(choices=[("https", "User name and token"), ("ssh", "Private key")], max_length=5)),
                ("sealed", models.TextField(editable=False)),
                ("set_by", models.CharField(max_length=200)),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("worked_at", models.DateTimeField(blank=True, null=True)),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                ("failure", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="RepositoryRemoval",
            fields=[
                ("id", models.UUIDField(default=sahur.accounts.models.new_id, editable=False, primary_key=True, serialize=False)),
                ("repository_id", models.UUIDField()),
                ("host", models.CharField(blank=True, max_length=100)),
                ("hinted_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="checkout",
            name="one_checkout_per_revision",
        ),
        migrations.AddField(
            model_name="checkout",
            name="attempt",
            field=models.PositiveIntegerField(db_default=0, default=0, help_text="Fences an indexer that was given up."),
        ),
        migrations.AddField(
            model_name="checkout",
            name="checked_at",
            field=models.DateTimeField(blank=True, help_text="When the remote was last asked with success.", null=True),
        ),
        migrations.AddField(
            model_name="checkout",
            name="crashes",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text="Attempts lost in a row."),
        ),
        migrations.AddField(
            model_name="checkout",
            name="done",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="checkout",
            name="files_done",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="checkout",
            name="files_total",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="checkout",
            name="hinted_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="checkout",
            name="host",
            field=models.CharField(
                blank=True, db_default="", help_text="Of SAHUR_INDEX_HOSTS; empty: the only one.", max_length=100
            ),
        ),
        migrations.AddField(
            model_name="checkout",
            name="is_rebuild",
            field=models.BooleanField(db_default=False, default=False, help_text="The index is to be made anew."),
        ),
        migrations.AddField(
            model_name="checkout",
            name="lease_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="checkout",
            name="next_step",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="checkout",
            name="percent",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="checkout",
            name="size_bytes",
            field=models.BigIntegerField(blank=True, help_text="Of clone and indexes of the repository on this host.", null=True),
        ),
        migrations.AddField(
            model_name="checkout",
            name="wanted",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="repository",
            name="failures",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, editable=False, help_text="In a row; polls slow down."
            ),
        ),
        migrations.AddField(
            model_name="repository",
            name="next_poll_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=sahur.issues.models.repository.first_poll,
                editable=False,
            ),
        ),
        migrations.AddField(
            model_name="repository",
            name="poll_seconds",
            field=models.PositiveIntegerField(
                db_default=300,
                default=300,
                help_text="Every how many seconds the remote is asked for news; 0: never, only when a run or a webhook asks.",
            ),
        ),
        migrations.AddField(
            model_name="repository",
            name="used_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
                help_text="Last asked for by a run.",
            ),
        ),
        migrations.AddField(
            model_name="repository",
            name="webhook_secret",
            field=models.TextField(blank=True, db_default="", editable=False, help_text="Sealed; empty: no webhook."),
        ),
        migrations.AddField(
            model_name="repository",
            name="webhook_set_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="repository",
            name="webhook_used_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="commit",
            field=models.CharField(
                blank=True, db_default="", help_text="Of its repository, from the moment on when it could be read.", max_length=64
            ),
        ),
        migrations.AlterField(
            model_name="checkout",
            name="ready_at",
            field=models.DateTimeField(blank=True, help_text="Since when the commit can be read.", null=True),
        ),
        migrations.AlterField(
            model_name="checkout",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("cloning", "Cloning"),
                    ("indexing", "Indexing"),
                    ("ready", "Ready"),
                    ("failed", "Failed"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.RunSQL(SETTLE, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="checkout",
            index=models.Index(
                condition=models.Q(("done__lt", models.F("wanted"))), fields=["host", "hinted_at"], name="checkout_due"
            ),
        ),
        migrations.AddIndex(
            model_name="repository",
            index=models.Index(condition=models.Q(("poll_seconds__gt", 0)), fields=["next_poll_at"], name="repository_polled"),
        ),
        migrations.AddConstraint(
            model_name="checkout",
            constraint=models.UniqueConstraint(fields=("repository", "revision", "host"), name="one_checkout_per_revision"),
        ),
        migrations.AddConstraint(
            model_name="repositoryremoval",
            constraint=models.UniqueConstraint(fields=("repository_id", "host"), name="one_removal_per_host"),
        ),
    ]

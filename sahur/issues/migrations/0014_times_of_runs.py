"""When a run came to its status, and when it stated its first hypothesis: read from events they took seconds at a million."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

BACKFILL = """
update issues_run run set status_since = coalesce(run.ended_at, run.dispatched_at), first_hypothesis_at = stated.at
from issues_run same
left join (
    select run_id, min(at) as at from issues_event where kind = 'hypothesis.stated' group by run_id
) stated on stated.run_id = same.id and same.fork_kind = ''
where same.id = run.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0013_readers_feedback_wanted_model"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="first_hypothesis_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="Its own; a run that goes on from another one has none.", null=True
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="status_since",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
                help_text="When it came to its status, at its stage.",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(condition=models.Q(("ended_at__isnull", False)), fields=["ended_at"], name="run_ended"),
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
    ]

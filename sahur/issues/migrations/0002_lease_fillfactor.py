"""Room on each page of the lease table, so that its constant updates stay in place (heap-only tuples)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("issues", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "alter table issues_runlease set (fillfactor = 50)", "alter table issues_runlease reset (fillfactor)"
        )
    ]

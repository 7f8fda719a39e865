from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0004_prune_marker")]

    operations = [
        migrations.AddField(
            "run",
            "crashed_at",
            models.CharField(blank=True, help_text="The checkpoint at which the last attempt was lost.", max_length=64),
        ),
        migrations.AlterField(
            "run",
            "crashes",
            models.PositiveSmallIntegerField(default=0, help_text="Attempts lost in a row at the same checkpoint."),
        ),
    ]

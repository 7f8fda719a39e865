from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0010_run_usage"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="fork_checkpoint",
            field=models.CharField(
                blank=True, db_default="", help_text="Where it goes on; empty: the other run had none yet.", max_length=64
            ),
        ),
    ]

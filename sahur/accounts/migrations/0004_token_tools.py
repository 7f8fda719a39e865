import re

import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models

import sahur.accounts.models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_ticket_ends_with_its_asker'),
    ]

    operations = [
        migrations.AddField(
            model_name='apitoken',
            name='tools',
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    max_length=200,
                    validators=[
                        django.core.validators.RegexValidator(
                            re.compile('^[A-Za-z0-9_.*?\\[\\]!-]{1,200}\\Z'),
                            'Use names of tools such as code__read, or code__*.',
                        )
                    ],
                ),
                blank=True,
                db_default=['*'],
                default=sahur.accounts.models.every_tool,
                help_text="Globs of the gateway's tools (upstream__tool) that exist for the token; none: the gateway is closed to it.",
                size=None,
            ),
        ),
    ]

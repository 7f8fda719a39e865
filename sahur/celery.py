"""The Celery app. Tasks live in `sahur.batch.tasks`; PostgreSQL is the truth and a message is only a hint."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sahur.settings")

app = Celery("sahur")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["sahur.batch"])

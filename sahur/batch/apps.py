from __future__ import annotations

from django.apps import AppConfig


class BatchConfig(AppConfig):
    name = "sahur.batch"
    label = "batch"

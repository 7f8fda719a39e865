"""Migrates and fills the database of the environment: `python -m tests.benchmarks.growth.prepare ISSUES EVENTS`."""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sahur.settings")
    django.setup()
    from django.core.management import call_command

    from tests.benchmarks.growth.filling import fill
    from tests.benchmarks.growth.world import World

    call_command("migrate", verbosity=0)
    fill(os.environ["DATABASE_URL"], World(int(sys.argv[1]), int(sys.argv[2])))


if __name__ == "__main__":
    main()

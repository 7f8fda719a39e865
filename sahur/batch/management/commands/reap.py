"""`manage.py reap`: the reaper as a process."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from sahur.batch.presence import REAPER, Presence
from sahur.batch.reaper import hasten_effects, reap

HASTEN_SECONDS = 1.0
"""How often it is looked whether effects are due."""


class Command(BaseCommand):
    help = "Recover lost runs, send lost hints again, let unanswered requests expire; every few seconds until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="One pass, then end.")

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        if options["once"]:
            reap()
            return
        presence = Presence(REAPER, [REAPER], 1)
        while True:
            reap()
            close_old_connections()
            presence.tell(0)
            until = time.monotonic() + settings.REAPER_SECONDS
            while (left := until - time.monotonic()) > 0 and not stopped.wait(min(left, HASTEN_SECONDS)):
                hasten_effects()
            if stopped.is_set():
                presence.leave()
                return

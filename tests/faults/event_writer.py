"""A process that owns runs as a worker does, and writes events to them at a steady rate.

`python -m tests.faults.event_writer '{"runs": 10, "users": 4}'` in the environment of a system. It prints one line of JSON
with the ids of its runs and a session cookie for each of its users, then answers each line of JSON on its input with one:
`{"do": "write", "rate": 200, "seconds": 5}` spreads the events over the runs and flushes each run as often as the engine
does; `{"do": "fill", "run": 0, "events": 2000, "chars": 2000}` gives a run a long history; `{"do": "end"}`
ends the runs.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from typing import Any

import django

FLUSH_SECONDS = 0.05
TEXT = "Reading booking/feed.py: the rate is looked up by a currency that the partner no longer sends. "


class Writer:
    def __init__(self, runs: int, users: int) -> None:
        from sahur.accounts.models import Team
        from sahur.issues.services import reports
        from sahur.issues.services import runs as services
        from sahur_core.issues import Source, Stage

        self.team = Team.objects.get(key="SAH")
        self.cookies = [self._sign_in(f"watcher-{uuid.uuid4().hex[:8]}") for _ in range(users)]
        self.claims = []
        for number in range(runs):
            new = reports.NewIssue(title=f"Watched {number}", body="KeyError", source=Source.WEB, reporter_name="Rita")
            issue = reports.open_issue(self.team, new)
            run = services.create_run(issue, asked_by="Rita", user_id=None, trace_id="")
            claim = services.claim(run.id, Stage.GATHER_CONTEXT, owner="writer", lease_seconds=3600, team_limit=10_000)
            assert claim is not None
            self.claims.append(claim)

    def _sign_in(self, name: str) -> str:
        from django.conf import settings
        from django.test import Client

        from sahur.accounts.models import Membership, User

        user = User(username=name)
        user.set_unusable_password()
        user.save()
        Membership.objects.create(user=user, team=self.team, role="responder")
        client = Client()
        client.force_login(user)
        return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    def write(self, rate: float, seconds: float) -> dict[str, Any]:
        """Each run's share of the events, gathered and flushed every 50 ms, as the engine does."""
        started = time.monotonic()
        due = [0.0] * len(self.claims)
        written, late = 0, 0.0
        for tick in range(1, round(seconds / FLUSH_SECONDS) + 1):
            pause = started + tick * FLUSH_SECONDS - time.monotonic()
            late = max(late, -pause)
            time.sleep(max(0.0, pause))
            for number in range(len(self.claims)):
                due[number] += rate * FLUSH_SECONDS / len(self.claims)
                written += self._flush(number, int(due[number]))
                due[number] -= int(due[number])
        took = time.monotonic() - started
        return {"written": written, "seconds": round(took, 2), "late": round(late, 3), "last_seq": self.last_seq()}

    def fill(self, run: int, events: int, chars: int) -> dict[str, Any]:
        for _ in range(0, events, 200):
            self._flush(run, min(events, 200), TEXT * (chars // len(TEXT)))
        return {}

    def _flush(self, number: int, count: int, text: str = TEXT) -> int:
        from sahur.issues import events
        from sahur_core.events import NoticeRaised

        if not count:
            return 0
        claim = self.claims[number]
        batch = [events.NewEvent(NoticeRaised(level="info", message=f"{text}{uuid.uuid4().hex}")) for _ in range(count)]
        events.append(claim.run.id, batch, attempt=claim.attempt)
        events.announce(run_id=claim.run.id, issue_id=claim.run.issue_id, team_id=self.team.pk)
        return count

    def end(self) -> dict[str, Any]:
        from sahur.issues.services import runs as services

        for claim in self.claims:
            services.request_stop(claim.run.id, "Rita")
            services.cancel(claim)
        return {"last_seq": self.last_seq()}

    def last_seq(self) -> dict[str, int]:
        from sahur.issues import selectors

        return {str(claim.run.id): selectors.last_seq(claim.run.id) for claim in self.claims}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sahur.settings")
    django.setup()
    writer = Writer(**json.loads(sys.argv[1]))
    _say({"runs": [str(claim.run.id) for claim in writer.claims], "cookies": writer.cookies})
    for line in sys.stdin:
        asked = json.loads(line)
        _say(getattr(writer, asked.pop("do"))(**asked))


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

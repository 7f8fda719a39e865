"""People at work: each reports, watches, says things at random moments, answers, stops some runs, asks for further ones."""

from __future__ import annotations

import random
import shutil
import threading
import time
import traceback
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.repositories import BugCase
from tests.faults.reader import Reader
from tests.faults.soak.doors import CHANNEL, Doors, GaveUp, Refused, cross, mention, reply
from tests.faults.soak.ledger import Answered, Ledger
from tests.faults.soak.record import Record
from tests.faults.soak.runs import look_at
from tests.faults.soak.surroundings import Surroundings
from tests.faults.soak.vendor import ASKS, WANTS_TICKET

ENDED = {"succeeded", "failed", "canceled"}
SILENCE_SECONDS = 420
"""A run that says nothing about its end for so long, while everything is started again, is a silent one."""


@dataclass
class Case:
    """One issue that a person follows. `thread` is set if it was reported in Slack."""

    run: str = ""
    key: str = ""
    thread: str = ""
    to_say: list[float] = field(default_factory=list)
    """When to say something."""
    stop_at: float | None = None


class Person(threading.Thread):
    """Works through one case after the other until the closing time."""

    def __init__(self, name: str, world: Surroundings, ledger: Ledger, record: Record, doors: Doors) -> None:
        super().__init__(name=name, daemon=True)
        self._world = world
        self._ledger = ledger
        self._record = record
        self._doors = doors
        self._random: random.Random = doors.rng

    def run(self) -> None:
        while not self._world.closing.wait(self._random.uniform(0.5, 8.0)):
            try:
                self._case()
            except (GaveUp, Refused) as error:
                self._record.violation(f"{self.name}: {type(error).__name__}: {error}")
            except Exception:
                if self._world.is_over.is_set():
                    return
                self._record.violation(f"{self.name} stumbled: {traceback.format_exc()}")

    def _case(self) -> None:
        case = self._report()
        self._follow(case)
        for _ in range(2):
            if self._random.random() > 0.2 or self._world.closing.is_set():
                return
            case = self._start_again(case)
            self._follow(case)

    # --- reporting ---

    def _report(self) -> Case:
        mark = self._ledger.new_mark("r")
        bug = self._bug(mark)
        wish = self._random.choice(["", "", ASKS, WANTS_TICKET])
        body = f"{bug.body}\n\nOur number for it is {mark}. {wish}".strip()
        if self._random.random() < 0.4:
            return self._report_in_slack(f"{bug.title}\nrepo: {bug.path}\n{body}", mark)
        report = {"title": bug.title, "body": body, "repository": str(bug.path)}
        issue = self._doors.post("/api/issues/", report, **{"Idempotency-Key": uuid.uuid4().hex})
        self._ledger.reports[mark] = "rest"
        self._record.count("work", "report over REST")
        found = self._doors.get(f"/api/issues/{issue['key']}/")
        return Case(found["runs"][0]["id"] if found.get("runs") else issue["run"]["id"], issue["key"])

    def _bug(self, mark: str) -> BugCase:
        """Now and then in a repository that is new, so that the indexer has something to do."""
        bug = self._random.choice(self._world.bugs)
        if self._random.random() > 0.15:
            return bug
        path = self._world.folder / f"{bug.name}-{mark}"
        shutil.copytree(bug.path, path)
        self._record.count("work", "new repository")
        return replace(bug, path=path)

    def _report_in_slack(self, text: str, mark: str) -> Case:
        ts = self._world.slack.say(CHANNEL, text)
        self._doors.deliver(mention(text, ts))
        self._ledger.reports[mark] = "slack"
        self._record.count("work", "report in Slack")
        rows = self._runs_of_thread(ts)
        if not rows:
            raise GaveUp(f"the report {mark} was acknowledged to Slack, but there is no run of it")
        return Case(rows[0][0], rows[0][1], thread=ts)

    def _runs_of_thread(self, ts: str) -> list[tuple[str, str]]:
        sql = """
            select r.id::text, i.key from issues_run r join issues_issue i on i.id = r.issue_id
            where i.source = 'slack' and i.source_ref ->> 'thread_ts' = %s order by r.number
        """
        return [(run, key) for run, key in self._world.query(sql, ts)]

    def _start_again(self, case: Case) -> Case:
        self._record.count("work", "follow-up run")
        if case.thread and self._random.random() < 0.5:
            mark = self._ledger.new_mark("m")
            text = f"Please look again, see {mark}"
            ts = self._world.slack.say(CHANNEL, text, thread_ts=case.thread)
            self._doors.deliver(mention(text, ts, thread_ts=case.thread))
            self._ledger.messages[mark] = case.run
            self._ledger.follow_ups[ts] = case.key
            return Case(self._runs_of_thread(case.thread)[-1][0], case.key, thread=case.thread)
        if self._random.random() < 0.5:
            told = self._doors.command(f"/ws/issues/{case.key}/", "run.start")
            return Case(told["run_id"], case.key, thread=case.thread)
        client_id = uuid.uuid4().hex
        run = self._doors.post(f"/api/issues/{case.key}/runs/", {"client_id": client_id})
        self._ledger.follow_ups[client_id] = case.key
        return Case(run["id"], case.key, thread=case.thread)

    # --- following ---

    def _follow(self, case: Case) -> None:
        now = time.monotonic()
        case.to_say = sorted(now + self._random.uniform(0, 12) for _ in range(self._random.choice([0, 1, 1, 2])))
        case.stop_at = now + self._random.uniform(0, 12) if self._random.random() < 0.12 else None
        reader = Reader(self._doors.client, case.run, seed=self._record.seed, mean_seconds=self._random.uniform(0.5, 6))
        self._record.count("work", "run")
        try:
            ended = self._watch(case)
        except BaseException:
            reader.close()
            raise
        if ended is None:
            reader.close()
            self._record.violation(f"run {case.run} is silent: no end within {SILENCE_SECONDS} s")
            return
        name = ended["status"] if ended["status"] != "failed" else f"failed ({ended['failure'].get('code')})"
        self._record.count("runs", name)
        self._record.measure("run, from report to end", time.monotonic() - now)
        look_at(self._world, self._record, case.run, reader)

    def _watch(self, case: Case) -> dict[str, Any] | None:
        """Look at the run until it has ended, doing meanwhile what this case is to see; None if it never does."""
        give_up = time.monotonic() + SILENCE_SECONDS
        while time.monotonic() < give_up:
            run = self._doors.get(f"/api/runs/{case.run}/")
            if run["status"] in ENDED:
                if case.to_say and self._random.random() < 0.3:
                    case.to_say.clear()
                    self._say(case)  # too late for this run
                return run
            now = time.monotonic()
            if case.to_say and case.to_say[0] <= now:
                case.to_say.pop(0)
                self._say(case)
            if case.stop_at is not None and case.stop_at <= now:
                case.stop_at = None
                self._ask_to_stop(case)
            for request in run["input_requests"]:
                if not request["answered_by"] and self._random.random() < 0.5:
                    self._answer(request)
            time.sleep(self._random.uniform(0.2, 1.2))
        return None

    def _say(self, case: Case) -> None:
        mark = self._ledger.new_mark("m")
        text = f"It also happened on the other machine, see {mark}"
        door = self._random.random()
        if case.thread and door < 0.5:
            ts = self._world.slack.say(CHANNEL, text, thread_ts=case.thread)
            self._doors.deliver(reply(text, ts, case.thread))
            # In a thread whose run has ended, words that do not name SAHUR are talk among people.
            self._record.count("work", "message in Slack")
            return
        if door < 0.75:
            self._doors.post(f"/api/runs/{case.run}/messages/", {"text": text, "client_id": mark})
            self._record.count("work", "message over REST")
        else:
            self._doors.command(f"/ws/runs/{case.run}/?after=0", "message.send", text=text)
            self._record.count("work", "message over a socket")
        self._ledger.messages[mark] = case.run

    def _ask_to_stop(self, case: Case) -> None:
        self._record.count("work", "stop")
        door = self._random.random()
        if case.thread and door < 0.3:
            self._doors.deliver(reply("stop", self._world.slack.say(CHANNEL, "stop", thread_ts=case.thread), case.thread))
        elif case.thread and door < 0.5:
            self._doors.deliver(cross(case.thread))
        elif door < 0.75:
            self._doors.post(f"/api/runs/{case.run}/stop/", {"client_id": uuid.uuid4().hex})
        else:
            self._doors.command(f"/ws/runs/{case.run}/?after=0", "run.stop")

    def _answer(self, request: dict[str, Any]) -> None:
        """Answer; now and then somebody else answers something different right after."""
        is_question = request["kind"] == "question"
        words = ["in eu-west", "in us-east"] if is_question else ["approve", "reject"]
        self._random.shuffle(words)
        accepted = 0
        for word in words[: 2 if self._random.random() < 0.3 else 1]:
            decision, answer = ("respond", word) if is_question else (word, "")
            try:
                self._send_answer(request["id"], decision, answer)
            except Refused as refused:
                if refused.code not in ("409", "conflict"):
                    raise
                self._record.count("work", "answer that came second")
                continue
            accepted += 1
            self._record.count("work", f"answer to a {request['kind']}")
            self._ledger.answers[request["id"]] = Answered(decision, answer)
        if accepted > 1:
            self._record.violation(f"two different answers to request {request['id']} were accepted")

    def _send_answer(self, request_id: str, decision: str, answer: str) -> None:
        if self._random.random() < 0.5:
            body = {"decision": decision, "answer": answer, "client_id": uuid.uuid4().hex}
            self._doors.post(f"/api/inputs/{request_id}/answer/", body)
        else:
            self._doors.command("/ws/issues/", "input.answer", input_request_id=request_id, decision=decision, answer=answer)

"""When all is quiet: every promise, held against the whole database, Slack and the tickets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tests.e2e.system import SignedInClient
from tests.faults import checker
from tests.faults.soak.ledger import Ledger
from tests.faults.soak.record import Record
from tests.faults.soak.surroundings import Surroundings


def check_everything(world: Surroundings, ledger: Ledger, record: Record, client: SignedInClient) -> None:
    for found in (
        live_runs(world),
        reports(world, ledger),
        messages(world, ledger),
        answers(world, ledger),
        follow_ups(world, ledger),
        effects(world),
        posts(world),
        tickets(world),
    ):
        for violation in found:
            record.violation(violation)
    ended = world.query("select id::text from issues_run where status in ('succeeded', 'failed', 'canceled') order by id")
    for number, (run,) in enumerate(ended):
        if number % 200 == 0:
            record.say(f"checking run {number} of {len(ended)}")
        for broken in checker.violations(client, run, slack=None, seconds=5):
            record.violation(str(broken))


def live_runs(world: Surroundings) -> Iterator[str]:
    """No silent run: everything has ended."""
    sql = "select id::text, status, stage from issues_run where status not in ('succeeded', 'failed', 'canceled')"
    for run, status, stage in world.query(sql):
        yield f"run {run} is still {status} in {stage}"


def reports(world: Surroundings, ledger: Ledger) -> Iterator[str]:
    """What was acknowledged is there once, with one first run; what was not, at most once."""
    sql = """
        select substring(i.body from 'soak-r-[0-9]{6}'), count(distinct i.id), count(r.id) filter (where r.number = 1)
        from issues_issue i left join issues_run r on r.issue_id = i.id group by 1
    """
    stored = {mark: (issues, runs) for mark, issues, runs in world.query(sql)}
    for mark in (mark for mark in ledger.sent if "-r-" in mark):
        issues, runs = stored.get(mark, (0, 0))
        if issues > 1 or runs != issues or (mark in ledger.reports and issues != 1):
            door = ledger.reports.get(mark, "nobody")
            yield f"report {mark}, acknowledged by {door}: {issues} issues, {runs} first runs"


def messages(world: Surroundings, ledger: Ledger) -> Iterator[str]:
    """Each acknowledged message is stored once, and the model has it, or the next run begins with it."""
    sql = """
        select substring(m.text from 'soak-m-[0-9]{6}'), m.run_id::text, m.status, r.status,
            exists (select 1 from issues_message t where t.run_id = m.run_id and t.status = ''
                    and t.body::text like '%%' || substring(m.text from 'soak-m-[0-9]{6}') || '%%')
        from issues_message m join issues_run r on r.id = m.run_id
        where m.status <> '' and coalesce(m.client_id, '') not like 'carried:%%'
    """
    stored: dict[str, list[tuple[str, str, str, bool]]] = {}
    for mark, *row in world.query(sql):
        stored.setdefault(mark, []).append(tuple(row))  # type: ignore[arg-type]
    for mark, run in ledger.messages.items():
        if len(stored.get(mark, [])) != 1:
            yield f"message {mark} to run {run} was acknowledged and is stored {len(stored.get(mark, []))} times"
    for mark, rows in stored.items():
        for run, status, end, is_heard in rows:
            if status not in ("taken_in", "carried_over"):
                yield f"message {mark} of run {run} is {status}"
            if status == "taken_in" and end == "succeeded" and not is_heard:
                yield f"message {mark} of run {run} is said to be taken in, but the model never got it"
        if len(rows) > 1:
            yield f"message {mark} is stored {len(rows)} times"


def answers(world: Surroundings, ledger: Ledger) -> Iterator[str]:
    """The acknowledged answer is the one that holds."""
    sql = "select id::text, decision, answer from issues_inputrequest"
    stored = {request: (decision, answer) for request, decision, answer in world.query(sql)}
    for request, acknowledged in ledger.answers.items():
        if stored.get(request) != (acknowledged.decision, acknowledged.answer):
            yield f"request {request} was answered with {acknowledged}, stored is {stored.get(request)}"


def follow_ups(world: Surroundings, ledger: Ledger) -> Iterator[str]:
    """Each acknowledged wish for a further run made one."""
    found = Counter(client_id for (client_id,) in world.query("select client_id from issues_run where client_id is not null"))
    for client_id, key in ledger.follow_ups.items():
        if found[client_id] != 1:
            yield f"the further run of {key} that was asked for as {client_id} is there {found[client_id]} times"


def effects(world: Surroundings) -> Iterator[str]:
    """All of them are done."""
    sql = "select key, kind, state, attempt, last_error from issues_effect where state <> 'done'"
    for key, kind, state, attempt, error in world.query(sql):
        yield f"effect {key} ({kind}) is {state} after {attempt} deliveries: {error}"


def posts(world: Surroundings) -> Iterator[str]:
    """One post per key, in the thread of the report; each run that was asked for in Slack has its card and its answer."""
    found: Counter[str] = Counter()
    threads: dict[str, str] = {}
    for channel in list(world.slack.channels):
        for message in world.slack.messages(channel):
            key = (message.get("metadata") or {}).get("event_payload", {}).get("key", "")
            if key:
                found[key] += 1
                threads[key] = str(message.get("thread_ts", ""))
    yield from (f"{count} posts with the key {key}" for key, count in found.items() if count > 1)
    sql = """
        select r.id::text, t.id::text, t.root_ts from issues_run r
        join issues_issue i on i.id = r.issue_id join issues_slackthread t on t.issue_id = i.id
        where i.source = 'slack' and r.status in ('succeeded', 'failed', 'canceled')
    """
    for run, thread, root in world.query(sql):
        for key in (f"{run}:{thread}:card", f"{run}:{thread}:answer"):
            if found[key] != 1 or threads[key] != root:
                yield f"post {key} is there {found[key]} times, in the thread {threads.get(key)} instead of {root}"


def tickets(world: Surroundings) -> Iterator[str]:
    """The writing tool was called at most once per approval, and never without one."""
    sql = """
        select e.key, q.decision from issues_effect e
        join issues_inputrequest q on q.id::text = split_part(e.key, ':', 2) where e.kind = 'tool.call'
    """
    granted = dict(world.query(sql))
    written = Counter(re.sub(r"\s", "", str(call["meta"].get("sahur/effect", ""))) for call in world.tickets.written)
    for key, count in written.items():
        if count != 1 or granted.get(key) not in ("approve", "edit"):
            yield f"{count} tickets were written as {key!r}, whose approval says {granted.get(key)!r}"

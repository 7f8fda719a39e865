"""Past issues that a report resembles: the same error at the same place first, then the same rare words.

Two steps. PostgreSQL's index of words gives some candidates, by how rare the words are that they share with the report;
it never reads the texts themselves, so the cost does not grow with their length. The few best candidates are then read and
compared by what tells reports apart (`report_marks`).
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Left

from sahur.accounts.actor import Actor
from sahur.accounts.models import Team
from sahur.issues import models, past, selectors
from sahur.issues.report_marks import READ_CHARS, Marks, clipped, marks_of

MAX_FOUND = 300
"""Issues that may have a word before it counts as too common to look for alone."""
MAX_PROBES = 20
MAX_COMMON = 3
"""Of the words that are too common alone, the rarest; pairs of them are looked for."""
MAX_PART = 0.05
"""Of all issues: what more of them have tells nothing, not even in a pair."""
MAX_READ = 4 * MAX_FOUND
"""The same over all teams, of which those asked about may own few: as many rows are read to find theirs."""
FEW_RARE = 8
"""With fewer rare words than this the common ones are needed."""
CANDIDATES = 25
"""Read and compared in full."""
FEW_OTHERS = 8
"""Of fewer candidates it cannot be said what many have."""
MIN_SCORE = 0.2
UNIQUE_WORDS = 2.5
"""As many words that only one other issue has are as good as any number of them."""
UNKNOWN_WORDS = 0.15
"""How much a word that no issue has counts against likeness: reports are full of ids that are new each time."""
_SCAFFOLD = frozenset(
    [
        "traceback",
        "recent",
        "call",
        "last",
        "file",
        "line",
        "caus",
        "thread",
        "main",
        "error",
        "except",
        "stack",
        "frame",
        "request",
    ]
)
"""Stems that every trace has, and so no index of words tells from what a small team speaks about."""
_USABLE = re.compile(r"[^\\'\s]{2,100}")
_NUMBER = re.compile(r"[\d.:,+-]{4,}|[\d.:,+-]{1,2}")
_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True)
class Similar:
    """`score` is from 0 to 1. `matched` says for people what both have, the most telling first."""

    past: past.PastIssue
    score: float
    matched: list[str]


@dataclass(frozen=True)
class _Probe:
    """One question to the index: all of these lexemes. Words of the title and of traces tell more than others."""

    lexemes: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class _Candidate:
    issue_id: UUID
    words_score: float
    lexemes: list[str]


def similar_to_report(
    actor: Actor, title: str, body: str, *, teams: list[int], limit: int = 5, without: UUID | None = None
) -> list[Similar]:
    """Issues of these teams, as far as the actor is in them, that resemble the report, best first.

    `without` is the issue that asks. Empty for a report that says nothing yet, or nothing that any issue has said.
    """
    own = [team for team in teams if team in actor.roles]
    text = clipped(body)
    if not own or not (title.strip() or text.strip()):
        return []
    marks = marks_of(title, text)
    every = Team.objects.filter(pk__in=own).aggregate(every=Sum("next_issue_number"))["every"] or 1
    candidates = _candidates(own, every, _probes(title, text, marks, every), without)
    return _ranked(candidates, marks, _spelling(f"{title}\n{text}"), limit)


def similar_to_issue(actor: Actor, key: str, *, limit: int = 5) -> list[Similar]:
    """The same for an issue, among those of its team. Raises `NotFound`."""
    issue = selectors.get_issue(actor, key)
    return similar_to_report(actor, issue.title, issue.body, teams=[issue.team_id], limit=limit, without=issue.pk)


# --- Candidates, by the words they share ------------------------------------------------------------------------------

_LEXEMES = """
with asked as (
    select lexeme, weights, cardinality(positions) as times
    from unnest(
        setweight(to_tsvector('english', %(trace)s), 'A') || setweight(to_tsvector('english', %(title)s), 'B')
        || to_tsvector('english', %(text)s)
    )
),
known as (
    select word, part from pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) as known (word, part)
    where schemaname = current_schema() and tablename = 'issues_issue' and attname = 'words' and word is not null
)
select lexeme, 'A' = any(weights), 'B' = any(weights), times,
    coalesce(part, 0), (select greatest(reltuples, 0) from pg_class where oid = 'issues_issue'::regclass)
from asked left join known on word = lexeme
"""

_FIND = """
with hits as materialized (
    select probe.number, found.id
    from unnest(%(queries)s::text[]) with ordinality as probe (query, number)
    cross join lateral (
        select id from issues_issue
        -- The sum changes nothing: it keeps PostgreSQL from reading, for each word, an index for all issues of the teams.
        where words @@ probe.query::tsquery and team_id + 0 = any(%(teams)s) and id is distinct from %(without)s::uuid
        limit %(most)s + 1
    ) as found
),
weighed as (
    select number, ln(1 + %(every)s::float / count(*)) * (%(weights)s::float[])[number] as weight
    from hits group by number having count(*) <= %(most)s
)
select id, sum(weight), (select sum(weight) from weighed), (select array_agg(distinct number) from hits),
    array_agg(number order by weight desc)
from hits join weighed using (number) group by id order by sum(weight) desc, id desc limit %(limit)s
"""


def _probes(title: str, text: str, marks: Marks, every: int) -> list[_Probe]:
    """What to ask the index for: rare words one by one, and pairs of the others where there are few rare ones.

    `every` is how many issues the teams have that are asked about.
    """
    trace = "\n".join([*marks.errors, *map(str, marks.calls), *marks.messages.values()])
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, {"trace": _storable(trace), "title": _storable(title), "text": _storable(text)})
        rows = [row for row in cursor.fetchall() if _is_telling(row[0])]
    weights = {row[0]: 2.0 if row[1] else 1.5 if row[2] else 1.0 for row in rows}
    # Ids have digits and come once: a log is full of them. What is said again and again is what it is about.
    rows.sort(key=lambda row: (-weights[row[0]], any(map(str.isdigit, row[0])), -row[3]))
    is_rare = {row[0]: row[4] * every <= MAX_FOUND and row[4] * row[5] <= MAX_READ for row in rows}
    rare = [_Probe((row[0],), weights[row[0]]) for row in rows if is_rare[row[0]]][:MAX_PROBES]
    if len(rare) >= FEW_RARE:
        return rare
    known = sorted((row[4], row[0]) for row in rows if not is_rare[row[0]] and row[4] <= MAX_PART)
    pairs = itertools.combinations([lexeme for _, lexeme in known[:MAX_COMMON]], 2)
    return rare + [_Probe((one, two), min(weights[one], weights[two])) for one, two in pairs]


def _is_telling(lexeme: str) -> bool:
    return bool(_USABLE.fullmatch(lexeme)) and not _NUMBER.fullmatch(lexeme) and lexeme not in _SCAFFOLD


def _candidates(teams: list[int], every: int, probes: list[_Probe], without: UUID | None) -> list[_Candidate]:
    if not probes:
        return []
    asked: dict[str, Any] = {
        "queries": [" & ".join(f"'{lexeme}'" for lexeme in probe.lexemes) for probe in probes],
        "weights": [probe.weight for probe in probes],
        "teams": teams,
        "without": without,
        "every": every,
        "most": MAX_FOUND,
        "limit": CANDIDATES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, asked)
        rows = cursor.fetchall()
    if not rows:
        return []
    unique = math.log(1 + every)
    unknown = [probe.weight for number, probe in enumerate(probes, 1) if number not in set(rows[0][3])]
    unmet = UNKNOWN_WORDS * unique * sum(unknown)
    return [
        _Candidate(
            issue_id,
            words_score=weight / (whole + unmet) * min(1.0, weight / (UNIQUE_WORDS * unique)),
            lexemes=list(dict.fromkeys(lexeme for number in numbers for lexeme in probes[number - 1].lexemes)),
        )
        for issue_id, weight, whole, _, numbers in rows
    ]


def _storable(text: str) -> str:
    """PostgreSQL takes no NUL and no half of a surrogate pair, not even to find nothing."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


# --- The few best, by what tells reports apart ------------------------------------------------------------------------


def _ranked(candidates: list[_Candidate], marks: Marks, spelling: dict[str, str], limit: int) -> list[Similar]:
    by_id = {each.issue_id: each for each in candidates}
    rows = models.Issue.objects.filter(id__in=by_id).select_related("team", "repository")
    rows = rows.defer("body", "resolution", "source_ref").annotate(beginning=Left("body", READ_CHARS))
    others = [(issue, marks_of(issue.title, issue.beginning)) for issue in rows]
    rarity = _rarity(marks, [other for _, other in others])
    scored = []
    for issue, other in others:
        candidate = by_id[issue.pk]
        shared, score = _compared(marks, other, candidate.words_score, rarity)
        if score >= MIN_SCORE:
            scored.append((score, issue, [*shared, *_spelled(candidate.lexemes, spelling, shared)]))
    # Of equals the newest: the code was most like what it is now.
    scored.sort(key=lambda each: (round(each[0], 3), each[1].created_at), reverse=True)
    best = scored[:limit]
    told = past.with_solutions([issue for _, issue, _ in best])
    return [Similar(each, round(score, 3), matched) for each, (score, _, matched) in zip(told, best, strict=True)]


def _rarity(asked: Marks, others: list[Marks]) -> dict[str, float]:
    """How telling each error and message of the report is: 1 for what one other has, near 0 for what all of many have."""
    many = max(len(others), FEW_OTHERS)
    holders = {name: sum(name in other.errors for other in others) for name in asked.errors}
    holders |= {said: sum(said in other.messages for other in others) for said in asked.messages}
    return {mark: 1 - max(count - 1, 0) / many for mark, count in holders.items()}


def _compared(asked: Marks, other: Marks, words_score: float, rarity: dict[str, float]) -> tuple[list[str], float]:
    """What both have, and how alike that makes them: independent signs, each of which takes away some of the doubt."""
    errors = [name for name in asked.errors if name in other.errors]
    calls = [call for call in asked.calls if call in other.calls]
    messages = [said for said in asked.messages if said in other.messages]
    doubt = 1 - 0.7 * words_score
    doubt *= 1 - 0.15 * max((rarity[name] for name in errors), default=0)
    doubt *= 1 - 0.4 * max((rarity[said] for said in messages), default=0)
    doubt *= 0.6 if calls else 1
    # Where both failed first is the same call.
    doubt *= 0.6 if calls and asked.calls[0] == other.calls[0] else 1
    # The same type of error, raised elsewhere with another message, is no sign of the same fault.
    if errors and asked.calls and other.calls and not calls and not messages:
        doubt = 1 - (1 - doubt) * 0.5
    return [*errors[:1], *map(str, calls[:1]), *(asked.messages[said] for said in messages[:1])], 1 - doubt


def _spelling(text: str) -> dict[str, str]:
    """Each word of the report as it is written there, by its beginning in small letters."""
    found: dict[str, str] = {}
    for word in _WORD.findall(text):
        small = word.casefold()
        for size in range(2, min(len(small), 12) + 1):
            found.setdefault(small[:size], word)
    return found


def _spelled(lexemes: list[str], spelling: dict[str, str], shared: list[str], most: int = 4) -> list[str]:
    """The words behind the stems, without those that are said already."""
    said = " ".join(shared).casefold()
    words = [spelling.get(lexeme[:12]) or spelling.get(lexeme[: max(2, len(lexeme) - 1)][:12]) or lexeme for lexeme in lexemes]
    return [word for word in dict.fromkeys(words) if word.casefold() not in said][:most]

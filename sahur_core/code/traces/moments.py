"""Dates, times and relative times in a report ("last Friday night", "two weeks ago"), resolved against when it was made.

A table of our own: general date parsers take version numbers, counts and words like "may" for dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

MAX_MOMENTS = 100
"""Of each form; what has more is a log."""
_DAY = timedelta(days=1)
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "couple": 2, "few": 3, "several": 4, "": 1,
}  # fmt: skip
_UNITS = {"minute": timedelta(minutes=1), "min": timedelta(minutes=1), "hour": timedelta(hours=1), "day": _DAY,
          "week": 7 * _DAY, "month": timedelta(days=30.4), "year": timedelta(days=365.25)}  # fmt: skip
_PARTS = {
    "night": (18, 30),
    "evening": (17, 24),
    "morning": (5, 12),
    "afternoon": (12, 18),
    "noon": (11, 13),
    "midnight": (23, 25),
}
"""Hours of the day, the end beyond 24 in the next one."""
_MONTH = (
    r"(?P<month>jan"
    r"(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
# An offset alone stands apart: `14:05-15:00` is a time of fifty-five minutes.
_TIME = (
    r"(?P<hour>[01]?\d|2[0-3])(?:[:h](?P<minute>[0-5]\d)(?::[0-5]\d)?(?: ?(?P<half>[ap])\.?m\b)?| ?(?P<half2>[ap])\.?m\b)"
    r"(?P<zone>\s?(?:UTC|GMT|Z)(?:[+-]\d\d?(?::?\d\d)?)?\b|\s[+-]\d\d:?\d\d\b)?"
)
_CLOCK = rf"(?:,? (?:at |around |about )?{_TIME}(?!\w))?"
_PART = r"(?:'s)?(?: (?P<part>night|evening|morning|afternoon|noon|midnight))?"
_ISO = re.compile(
    r"(?<![\w/.\-])(?P<year>(?:19|20)\d\d)[-/](?P<month>0[1-9]|1[0-2])[-/](?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:(?:T|,? (?:at )?)(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?\s?"
    r"(?P<zone>UTC|GMT|Z|[+-]\d\d:?\d\d)?)?(?![\w/\-])"
)
_WRITTEN = re.compile(
    rf"\b(?:(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (?P<year>(?:19|20)\d\d)\b)?"
    rf"|{_MONTH.replace('month', 'month2')} (?P<day2>[0-3]?\d)(?:st|nd|rd|th)?(?![\d.:])(?:,? "
    rf"(?P<year2>(?:19|20)\d\d)\b)?){_CLOCK}",
    re.IGNORECASE,
)
_WHOLE_MONTH = re.compile(
    rf"\b(?:since|in|until|till|before|after|early|late|mid|of|last)[ -](?:early |late |mid[ -])?{_MONTH}(?: "
    rf"(?P<year>(?:19|20)\d\d))?(?! \d)",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?<![\w./\-])(?P<day>[0-3]?\d)\.(?P<month>[01]?\d)\.(?P<year>20\d\d)(?![\w.])")
_WEEKDAY = re.compile(
    rf"\b(?P<last>last |previous |past |this )?(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
    rf"(?P<week> (?:of )?last week)?{_PART}\b{_CLOCK}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?P<day>the day before yesterday|yesterday|today|tonight|last night|this (?:morning|afternoon|evening|week|month)"
    r"|(?:last|previous|past) (?:week(?:end)?|month|year))"
    rf"{_PART}\b{_CLOCK}",
    re.IGNORECASE,
)
_CLOCK_FIRST = re.compile(
    r"\b(?P<since>(?:since|after|until|till|before|from|starting|as of|up to)(?: at| about| around)? )?"
    rf"(?<![\d:.]){_TIME}(?![\w:.]\d)(?:,? (?:on )?(?P<day>yesterday|today|the day before yesterday)\b)?",
    re.IGNORECASE,
)
_COUNT = r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|couple|few|several)(?: of)?"
_AGO = re.compile(
    rf"\b(?:an? )?(?:(?:about|around|roughly|some|~) ?)?{_COUNT} (?P<unit>minute|min|hour|day|week|month|year)s? ago\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:for|in|over|during|within|since) (?:the )?(?:(?:past|last) (?:(?P<count>\d{1,3}|an?|one|two|three|four|five|six"
    r"|seven|eight|nine|ten|couple|few|several)"
    r"(?: of)? )?|(?P<count2>\d{1,2}|two|three|four|five|six|seven|a couple of|a few) )(?P<unit>minute|hour|day|week"
    r"|month)s?\b(?! ago)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Moment:
    """A time that a report names: it lies from `start` to `end`, both aware."""

    said: str
    start: datetime
    end: datetime
    place: int
    """Where in the text it stands."""
    is_span: bool = False
    """A time up to now ("for the past two days"): what it tells of began around `start`."""


YEARS = range(1971, 9000)
"""What a report's time may be."""


def read_moments(text: str, reported_at: datetime | None) -> list[Moment]:
    """All times of a text in its order. Those that hang on the day of the report are left out if that is None."""
    now = None if reported_at is None else reported_at if reported_at.tzinfo else reported_at.replace(tzinfo=UTC)
    if now is not None and now.year not in YEARS:
        now = None  # a clock that is wrong: nothing can be counted from it
    found: list[Moment] = []
    taken: set[int] = set()
    lower = text.lower()
    for pattern, marks, read in _PATTERNS:
        if not any(mark in lower for mark in marks):
            continue
        for match in islice(pattern.finditer(text), MAX_MOMENTS):
            if match.start() in taken or match.end() - 1 in taken:
                continue
            interval = read(match, now)
            if interval and (now is None or interval[0] <= now + _DAY):
                taken.update(range(*match.span()))
                found.append(Moment(match[0].strip(), *interval, place=match.start(), is_span=pattern is _PAST))
    return sorted(found, key=lambda moment: moment.place)


def _iso(match: re.Match[str], now: datetime | None) -> tuple[datetime, datetime] | None:
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]), now)
    return _at_clock(day, match) if day else None


def _written(match: re.Match[str], now: datetime | None) -> tuple[datetime, datetime] | None:
    month = _month_number(match["month"] or match["month2"])
    number, year = int(match["day"] or match["day2"]), match["year"] or match["year2"]
    if year:
        day = _day(int(year), month, number, now)
    elif now is None:
        return None
    else:
        day = next((day for back in (0, 1) if (day := _day(now.year - back, month, number, now)) and day <= now + _DAY), None)
    return _at_clock(day, match) if day else None


def _dotted(match: re.Match[str], now: datetime | None) -> tuple[datetime, datetime] | None:
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]), now)
    return (day, _end_of(day)) if day else None


def _whole_month(match: re.Match[str], now: datetime | None) -> tuple[datetime, datetime] | None:
    if not match["month"][0].isupper() or (not match["year"] and now is None):
        return None  # "after may" is no month
    month = _month_number(match["month"])
    year = int(match["year"]) if match["year"] else 0
    if not year and now:
        year = now.year if month <= now.month else now.year - 1
    first = _day(year, month, 1, now)
    if first is None:
        return None
    following = (first + 32 * _DAY).replace(day=1)
    return first, following - timedelta(seconds=1)


def _weekday(match: re.Match[str], now: datetime | None) -> tuple[datetime, datetime] | None:
    """The last one before today: who means today says so."""
    if now is None or (match["weekday"][0].islower() and not match["last"]):
        return None
    back = (now.weekday() - _WEEKDAYS.index(match["weekday"].lower())) % 7 or 7
    day = _midnight(now) - back * _DAY
    if match["week"] and day >= _midnight(now) - now.weekday() * _DAY:
        day -= 7 * _DAY
    return _at_clock(day, match) if match["hour"] else _part_of(day, match["part"])


def _clock_first(match: re.Match[str], now: datetime | None) -> tuple[datetime, datetime] | None:
    """ "since 14:05", "14:05 yesterday"; a time alone is a log's. Without a day it is the last such time before `now`."""
    if now is None or not (match["since"] or match["day"]):
        return None
    back = {"": 0, "today": 0, "yesterday": 1, "the day before yesterday": 2}[(match["day"] or "").lower()]
    at, _ = _at_clock(_midnight(now) - back * _DAY, match)
    at -= _DAY if at > now and not match["day"] else timedelta(0)
    return at, at


def _named(match: re.Match[str], now: datetime | None) -> tuple[datetime, datetime] | None:
    if now is None:
        return None
    said, today = match["day"].lower(), _midnight(now)
    monday = today - today.weekday() * _DAY
    month = today.replace(day=1)
    if said in ("yesterday", "today", "the day before yesterday"):
        day = today - {"today": 0, "yesterday": 1, "the day before yesterday": 2}[said] * _DAY
        return _part_of(day, match["part"]) if match["part"] and not match["hour"] else _at_clock(day, match)
    if match["hour"] and said in ("this morning", "this afternoon", "this evening"):
        return _at_clock(today, match)
    if said in ("tonight", "last night"):
        return _part_of(today if said == "tonight" else today - _DAY, "night")
    if said.startswith("this ") and said[5:] in _PARTS:
        return _part_of(today, said[5:])
    spans = {
        "this week": (monday, now),
        "this month": (month, now),
        "week": (monday - 7 * _DAY, monday),
        "weekend": (monday - 2 * _DAY, monday),
        "month": ((month - _DAY).replace(day=1), month),
        "year": (month.replace(month=1, year=month.year - 1), month.replace(month=1)),
    }
    return spans[said if said in spans else said.split()[-1]]


def _ago(match: re.Match[str], now: datetime | None) -> tuple[datetime, datetime] | None:
    if now is None:
        return None
    unit = _UNITS[match["unit"].lower()]
    moment = now - _number(match["count"]) * unit
    if unit == _DAY:
        slack = _DAY if match["count"].lower() in ("couple", "few", "several") else timedelta(0)
        return _midnight(moment) - slack, _end_of(_midnight(moment)) + slack
    return moment - unit / 2, min(moment + unit / 2, now)


def _past(match: re.Match[str], now: datetime | None) -> tuple[datetime, datetime] | None:
    if now is None or (not (match["count"] or match["count2"]) and match[0].lower().startswith("since")):
        return None  # "since last week" names the week
    count = (match["count"] or match["count2"] or "").lower().removeprefix("a ").removesuffix(" of")
    unit = _UNITS[match["unit"].lower()]
    return now - _number(count) * unit - unit / 2, now


_Read = Callable[[re.Match[str], datetime | None], tuple[datetime, datetime] | None]
_MONTH_STARTS = tuple(month[:3] for month in _MONTHS)
# Each form with what a text must hold for it to be looked for, in lower case.
_PATTERNS: tuple[tuple[re.Pattern[str], tuple[str, ...], _Read], ...] = (
    (_ISO, ("19", "20"), _iso),
    (_WRITTEN, _MONTH_STARTS, _written),
    (_DOTTED, (".20",), _dotted),
    (_AGO, (" ago",), _ago),
    (_PAST, ("minute", "hour", "day", "week", "month"), _past),
    (_CLOCK_FIRST, ("since", "after", "until", "till", "before", "from", "starting", "as of", "up to", "day"), _clock_first),
    (_NAMED, ("yesterday", "today", "night", "this ", "last ", "previous ", "past "), _named),
    (_WEEKDAY, tuple(_WEEKDAYS), _weekday),
    (_WHOLE_MONTH, _MONTH_STARTS, _whole_month),
)


def _number(count: str) -> int:
    return int(count) if count.isdigit() else _NUMBERS[count.lower()]


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()[:3]))


def _day(year: int, month: int, day: int, now: datetime | None) -> datetime | None:
    try:
        return datetime(year, month, day, tzinfo=now.tzinfo if now else UTC)
    except ValueError:
        return None  # the 31st of February is no date


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _end_of(day: datetime) -> datetime:
    return day + _DAY - timedelta(seconds=1)


def _part_of(day: datetime, part: str | None) -> tuple[datetime, datetime]:
    if not part:
        return day, _end_of(day)
    first, last = _PARTS[part.lower()]
    return day + timedelta(hours=first), day + timedelta(hours=last)


def _at_clock(day: datetime, match: re.Match[str]) -> tuple[datetime, datetime]:
    if not match["hour"]:
        return day, _end_of(day)
    half = str(match.groupdict().get("half") or match.groupdict().get("half2") or "").lower()
    hour = int(match["hour"])
    if half and hour in range(1, 13):
        hour = hour % 12 + (12 if half == "p" else 0)
    moment = day.replace(hour=hour, minute=int(match["minute"] or 0), tzinfo=_zone(match["zone"]) or day.tzinfo)
    return moment, moment


def _zone(said: str | None) -> timezone | None:
    if not said:
        return None
    offset = re.fullmatch(r"(?:UTC|GMT|Z)?(?:(?P<sign>[+-])(?P<hours>\d\d?):?(?P<minutes>\d\d)?)?", said.strip().upper())
    if offset is None or not offset["sign"]:
        return UTC if offset else None
    minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
    return timezone(timedelta(minutes=minutes if offset["sign"] == "+" else -minutes)) if minutes < 24 * 60 else None


def clauses(text: str) -> Iterator[tuple[int, str]]:
    """Pieces of sentences with their places: what is said of one time or version stands in one of them."""
    start = 0
    for match in _CLAUSE_END.finditer(text):
        yield start, text[start : match.start()]
        start = match.end()
    yield start, text[start:]


_CLAUSE_END = re.compile(
    r"[.!?](?=\s)|\n\s{0,20}\n|\n(?=\s{0,8}[-*#>|])|[;\n](?!\S)|,? (?:but|while|whereas|however|though|although)\b"
    r"|, (?=(?:and|then|now|it|since|after|with|in|on|broken?|breaks|fail\w*|not|work\w*|crash\w*|wrong|ok) )"
    r"|\.\s{1,3}(?=[A-Z])"
)

"""Does a change fit the failure? One rule per kind of exception; each says how well, and why in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sahur_core.llm.offline.changes import Change
from sahur_core.llm.offline.failure import ENVIRONMENT, Failure, SeenException
from sahur_core.llm.offline.kinds import NONE_VALUE, kind_of
from sahur_core.llm.offline.words import names_in, stems, strings_in, words_by_stem

_TIME = re.compile(
    r"tz|utc|aware|naive|timezone|datetime|fromisoformat|\bnow\(|strptime|combine|astimezone|offset|Z\b", re.IGNORECASE
)
_ENCODING = re.compile(r"encod|decod|utf|latin|ascii|bytes|errors=|open\(", re.IGNORECASE)
_WAITING = re.compile(
    r"timeout|retr|wait|deadline|delay|second|milli|\bms\b|interval|duration|host|port|url|address", re.IGNORECASE
)
_DENOMINATOR = re.compile(r"(?://|/|%|divmod\()\s*(\([^)]*\)|[\w.\[\]'\"]+(?:\([^)]*\))?)")

_ORDER_WORDS = frozenset(stems("order sorted sorting first last newest oldest latest earliest alphabetical reversed"))
_OTHER_CHANGE = (0.4, "it changes code that the report is about")


@dataclass(frozen=True)
class Fit:
    """`score` from 0 (says nothing) to 1 (explains the failure)."""

    score: float
    reason: str = ""


NO_FIT = Fit(0.0)
Rule = Callable[[Change, SeenException, Failure], Fit]


def fit_of(change: Change, function: str, failure: Failure) -> Fit:
    """The best fit of a change in `function` to any of the report's exceptions, or to its words where it has none."""
    if not change.is_real:
        return NO_FIT
    fits = [_by_words(change, function, failure)] if not failure.exceptions else []
    for seen in failure.causes:
        rule = RULES.get(kind_of(seen)) or (_waiting if seen.type in ENVIRONMENT else _any_exception)
        fits += [rule(change, seen, failure), _quoted_text(change, seen)]
    return max(fits, key=lambda fit: fit.score)


def _missing_value(change: Change, _seen: SeenException, failure: Failure) -> Fit:
    return _none_value(change, failure)


def _none_value(change: Change, failure: Failure) -> Fit:
    near = 0.1 if change.all_names & failure.failing_names else 0.0
    if change.may_be_none:
        return Fit(0.8 + near, "after it, a value can be None where it was not before")
    if change.fallback_removed:
        return Fit(0.75 + near, "it takes away a fallback value")
    if change.guards_removed:
        about = not failure.failing_names or any(names_in(guard) & failure.failing_names for guard in change.guards_removed)
        return Fit((0.7 if about else 0.4) + near, f"it takes away the check `{change.guards_removed[0]}`")
    if change.deeper and change.removed:
        return Fit(0.65 + near, "it reaches through one more attribute, which may not be there")
    return NO_FIT


def _attribute_error(change: Change, seen: SeenException, failure: Failure) -> Fit:
    quoted = sorted(strings_in(seen.message), key=len)
    if "NoneType" in seen.message or kind_of(seen) == NONE_VALUE:
        return _none_value(change, failure)
    attribute = re.search(r"no attribute '(\w+)'", seen.message)
    if attribute and attribute.group(1) in names_in(change.removed) - names_in(change.added):
        return Fit(0.95, f"it takes away the name {attribute.group(1)} that the failing code asks for")
    if attribute and attribute.group(1) in change.names:
        return Fit(0.85, f"it brings in the use of {attribute.group(1)}")
    if change.conversion or any(text in change.all_names for text in quoted):
        return Fit(0.6, "it changes the type of a value")
    return NO_FIT


def _key_error(change: Change, seen: SeenException, failure: Failure) -> Fit:
    keys = strings_in(seen.message) or {seen.message.strip()}
    for key in keys:
        if key in change.lost_strings:
            return Fit(0.95, f"it takes away the key {key!r} that is looked up")
        if key in change.strings:
            return Fit(0.85, f"it brings in the look-up of {key!r}")
    near = change.all_names & failure.failing_names
    if change.fallback_removed and change.subscript_added:
        return Fit(0.85 if near else 0.7, "it looks a key up without the fallback that was there")
    if change.fallback_removed or change.guards_removed:
        return Fit(0.7 if near else 0.55, "it takes away what caught a missing key")
    if near and (change.conversion or change.subscript_added):
        return Fit(0.6, "it changes how the key is made or looked up")
    return NO_FIT


def _type_error(change: Change, seen: SeenException, failure: Failure) -> Fit:
    called = re.search(r"(\w+)\(\) (?:missing|got an unexpected|takes|got multiple)", seen.message)
    if called:
        arguments = strings_in(seen.message)
        if change.signature == called.group(1) or arguments & change.names:
            return Fit(0.95, f"it changes the parameters of {called.group(1)}")
        return Fit(0.5, f"it calls {called.group(1)}") if called.group(1) in change.names else NO_FIT
    if "offset-naive" in seen.message or "offset-aware" in seen.message:
        touched = _TIME.search(change.removed + change.added)
        return Fit(0.9, "it changes whether a time carries its zone") if touched else NO_FIT
    is_missing = any(word in seen.message for word in ("NoneType", "undefined", "null"))
    none = _none_value(change, failure) if is_missing else NO_FIT
    if change.conversion:
        return max(
            none, Fit(0.75 if change.all_names & failure.failing_names else 0.6, "it changes the type of a value"), key=_score
        )
    return none


def _zero_division(change: Change, _seen: SeenException, failure: Failure) -> Fit:
    divisors = {name for line in failure.failing_lines for text in _DENOMINATOR.findall(line) for name in names_in(text)}
    if change.guards_removed:
        about = any(names_in(guard) & (divisors or failure.failing_names) for guard in change.guards_removed)
        return Fit(0.95 if about else 0.75, f"it takes away the check `{change.guards_removed[0]}`")
    if change.fallback_removed:
        return Fit(0.85, "it takes away the fallback that kept the divisor from being zero")
    if divisors & change.all_names:
        return Fit(0.75 if change.operators or change.numbers or change.conversion else 0.6, "it changes how the divisor is made")
    if re.search(r"[/%]", change.added) and not re.search(r"[/%]", change.removed):
        return Fit(0.7, "it brings in the division")
    return NO_FIT


def _index_error(change: Change, _seen: SeenException, failure: Failure) -> Fit:
    if change.guards_removed:
        return Fit(0.85, f"it takes away the check `{change.guards_removed[0]}`")
    near = bool(change.all_names & failure.failing_names)
    if change.operators or change.numbers:
        return Fit(0.75 if near else 0.55, "it changes which positions are taken")
    if "split" in change.names or change.subscript_added or change.conversion:
        return Fit(0.75 if near else 0.5, "it changes how the list is made or read")
    return NO_FIT


def _value_error(change: Change, seen: SeenException, failure: Failure) -> Fit:
    near = bool(change.all_names & failure.failing_names)
    if "time" in seen.message and _TIME.search(change.removed + change.added):
        return Fit(0.8, "it changes how a time is written or read")
    if change.conversion:
        return Fit(0.8 if near else 0.6, "it changes how the value is read")
    if change.formats:
        return Fit(0.75, "it changes how a value is written as text")
    if change.guards_removed or change.fallback_removed:
        return Fit(0.7 if near else 0.5, "it takes away what kept such values out")
    return Fit(0.5, "it changes numbers near the failing expression") if near and change.numbers else NO_FIT


def _missing_name(change: Change, seen: SeenException, _failure: Failure) -> Fit:
    wanted = strings_in(seen.message) | {part for text in strings_in(seen.message) for part in text.split(".")}
    if wanted & (names_in(change.removed) - names_in(change.added)):
        return Fit(0.95, f"it takes away {', '.join(sorted(wanted & names_in(change.removed)))}")
    if wanted & change.names:
        return Fit(0.8, f"it brings in the use of {', '.join(sorted(wanted & change.names))}")
    return NO_FIT


def _unicode_error(change: Change, _seen: SeenException, _failure: Failure) -> Fit:
    return Fit(0.9, "it changes how text is encoded or decoded") if _ENCODING.search(change.removed + change.added) else NO_FIT


def _waiting(change: Change, _seen: SeenException, _failure: Failure) -> Fit:
    """Time-outs and connections: only a change of how long, how often or where to explains them from the code."""
    if not _WAITING.search(change.removed + change.added + change.hunk.context):
        return NO_FIT
    if change.removed and (change.numbers or change.conversion or change.operators):
        return Fit(0.8, "it changes how long, how often or where the code connects")
    return Fit(0.4, "it touches code about connecting") if change.strings else NO_FIT


def _recursion(change: Change, _seen: SeenException, failure: Failure) -> Fit:
    if change.guards_removed:
        return Fit(0.85, f"it takes away the check `{change.guards_removed[0]}` that ended the recursion")
    return Fit(0.6, "it changes which functions call each other") if change.names & failure.failing_names else NO_FIT


def _any_exception(change: Change, seen: SeenException, failure: Failure) -> Fit:
    """Exceptions of the program's own: what the message speaks of, and checks that were changed."""
    told = change.without_messages
    about = stems(seen.message) & stems(" ".join([*told.all_names, *told.strings]))
    near = bool(told.all_names & failure.failing_names)
    if len(about) >= 2 or (about and near):
        return Fit(0.7, f"it is about what the message speaks of ({', '.join(sorted(about)[:4])})")
    if change.guards_removed or change.guards_added:
        return Fit(0.6 if near else 0.4, "it changes a check")
    return Fit(0.4, "it changes names of the failing expression") if near and change.names else NO_FIT


def _quoted_text(change: Change, seen: SeenException) -> Fit:
    """Whatever the exception: a text that its message quotes appears or disappears."""
    for text in strings_in(seen.message):
        if len(text) > 2 and (text in change.strings or text in change.names):
            return Fit(0.7, f"it is about {text!r}, which the message quotes")
    return NO_FIT


def _by_words(change: Change, function: str, failure: Failure) -> Fit:
    """Wrong results without an exception: the change must speak of what the report speaks of."""
    spoken = words_by_stem(f"{failure.title}\n{failure.text}")
    about = spoken.keys() & stems(" ".join([change.removed, change.added, change.hunk.context, function]))
    named = failure.mentioned_names & change.all_names
    is_order = change.order and bool(spoken.keys() & _ORDER_WORDS)
    if not about and not named:
        return NO_FIT
    strength = min(1.0, len(about) / 5 + 0.3 * len(named) + (0.3 if is_order else 0.0))
    kinds = [
        (is_order, 1.0, "it changes an order"),
        (change.operators or change.numbers, 0.9, "it changes what is calculated or compared"),
        (bool(change.guards_removed), 0.85, "it takes away a check"),
        (change.conversion or change.fallback_removed, 0.8, "it changes how values are read"),
        (bool(change.guards_added), 0.7, "it adds a condition"),
    ]
    weight, reason = next(((weight, reason) for found, weight, reason in kinds if found), _OTHER_CHANGE)
    # What only raises where it did not before would have shown as an error.
    raises = bool(re.search(r"\b(?:raise|throw)\b", change.added)) and not change.removed
    doubt = (0.5 if failure.is_from_outside else 1.0) * (0.5 if raises else 1.0)
    shown = ", ".join([*sorted(named), *sorted(spoken[stem] for stem in about)][:6])
    return Fit(strength * weight * doubt, f"{reason} and is about {shown}")


def _score(fit: Fit) -> float:
    return fit.score


RULES: dict[str, Rule] = {
    NONE_VALUE: _missing_value,
    "AttributeError": _attribute_error,
    "KeyError": _key_error,
    "DoesNotExist": _key_error,
    "TypeError": _type_error,
    "ZeroDivisionError": _zero_division,
    "DivisionByZero": _zero_division,
    "InvalidOperation": _zero_division,
    "IndexError": _index_error,
    "ValueError": _value_error,
    "JSONDecodeError": _value_error,
    "NameError": _missing_name,
    "UnboundLocalError": _missing_name,
    "ImportError": _missing_name,
    "ModuleNotFoundError": _missing_name,
    "UnicodeDecodeError": _unicode_error,
    "UnicodeEncodeError": _unicode_error,
    "RecursionError": _recursion,
    "TimeoutError": _waiting,
    "timeout": _waiting,
    "ConnectionRefusedError": _waiting,
    "ConnectionError": _waiting,
    "ReadTimeout": _waiting,
    "ConnectTimeout": _waiting,
}

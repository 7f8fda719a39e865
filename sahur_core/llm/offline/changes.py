"""What a changed place does, in terms that an exception can be explained with."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from sahur_core.evidence.diffs import Hunk
from sahur_core.llm.offline.words import names_in, quoted, without_strings

_GUARD = re.compile(
    r"^\s*(?:\}?\s*(?:else )?(?:el)?s?if\b|try\b|except\b|\}?\s*catch\b|rescue\b|assert\b|while\b|unless\b|"
    r"raise\b|throw\b|continue\b)|\bif\b.+\belse\b|\bis (?:not )?None\b|(?<=[\w)\"'] )(?:if|unless) \w|\w\?\.(?=\w)|&\.(?=\w)"
)
_FALLBACK = re.compile(
    r"\.get\([^()]*,[^()]*\)|\bor\b|\?\?|\|\||\bgetattr\([^()]*,[^()]*,|\bmax\(|\bmin\(|setdefault|defaultdict|default=|"
    r"[gG]etOrDefault\(|\.orElse(?:Get)?\((?!null)|unwrap_or|\.fetch\([^()]*,[^()]*\)"
)
_MAY_BE_NONE = re.compile(
    r"\breturn(?: None)?\s*$|\.get\([^,()]*\)|\bre\.(?:match|search|fullmatch)\(|\.first\(\)|next\([^()]*,\s*None\)|"
    r"= None\b|\bnull\b|\bnil\b|\bundefined\b|GetValueOrDefault\([^,()]*\)|(?:First|Single|Last)OrDefault\(|\.find(?:_by)?\b"
)
_CHAIN = re.compile(r"(?<=\w)\.(?=\w)")
_FORMAT = re.compile(r"\{[^{}]*\}|%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
_SUBSCRIPT = re.compile(r"\w\[[^\]:]+\]")
_CONVERSION = re.compile(
    r"\b(?:int|float|str|bool|bytes|Decimal|list|tuple|set|dict|round|Fraction|timedelta|Path|parse\w*|from\w+|to\w+|strptime|strftime|"
    r"encode|decode|strip|split|lower|upper|loads|dumps|replace|astimezone|isoformat|getint|getfloat|getboolean)\("
)
_NUMBER = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d+)?(?![\w.])")
_OPERATOR = re.compile(r"<=|>=|==|!=|//|\*\*|[<>+*/%-]|\bnot\b|\band\b|\bor\b|\bin\b|\[[^\]]*:[^\]]*\]")
_ORDER = re.compile(r"\bsort(?:ed)?\b|\breversed?\b|\bkey=|order_by|\.sort\(")
_DEF = re.compile(r"^\s*(?:async\s+)?(?:def|function|func|fn)\s+(\w+)\s*\((.*)$")
_MESSAGE = re.compile(
    r"^\s*(?:raise|throw|panic!?|_?log(?:ger|ging)?|console|print\w*!?|puts|warn|fmt\.\w*[Pp]rint\w*|System\.(?:out|err)|Console|"
    r"return (?:nil, )?(?:fmt\.Errorf|errors\.\w+|Err))\b"
)
"""How a line begins that only says something of what happened: nothing is calculated with it."""
_RAISE = re.compile(r"^\s*(?:raise|throw)\b", re.MULTILINE)
_UNREACHED = re.compile(r"^\s*(?:#|//|\"\"\"|'''|\*|$)")

MAX_LINE = 500
"""Of a longer line (minified code, data) only the start is compared."""


@dataclass
class Change:
    """One hunk and what is different between its old and its new side."""

    hunk: Hunk
    removed: str = ""
    added: str = ""
    guards_removed: list[str] = field(default_factory=list)
    guards_added: list[str] = field(default_factory=list)
    fallback_removed: bool = False
    may_be_none: bool = False
    conversion: bool = False
    numbers: bool = False
    operators: bool = False
    order: bool = False
    signature: str = ""
    subscript_added: bool = False
    deeper: bool = False
    """It reaches through one more attribute."""

    @property
    def names(self) -> set[str]:
        """Names on only one of the two sides: what the change is about."""
        return names_in(self.removed) ^ names_in(self.added)

    @property
    def all_names(self) -> set[str]:
        """Names on either side."""
        return names_in(self.removed) | names_in(self.added)

    @property
    def lost_strings(self) -> set[str]:
        """Quoted texts that stand there less often than before."""
        return set(Counter(quoted(self.removed)) - Counter(quoted(self.added)))

    @property
    def strings(self) -> set[str]:
        """Quoted texts that stand there more or less often than before."""
        return self.lost_strings | set(Counter(quoted(self.added)) - Counter(quoted(self.removed)))

    @property
    def formats(self) -> bool:
        """Whether it changes how values are written into a text."""
        return any(_FORMAT.search(text) for text in self.strings)

    @property
    def without_messages(self) -> Change:
        """The same without the lines that raise, log or print: they tell of a failure and do not cause it."""
        sides = ["\n".join(line for line in side.splitlines() if not _MESSAGE.match(line)) for side in (self.removed, self.added)]
        return replace(self, removed=sides[0], added=sides[1])

    @property
    def is_real(self) -> bool:
        """Whether code changed at all, not only comments and white space."""
        return _squeezed(self.removed) != _squeezed(self.added)


def read_change(hunk: Hunk) -> Change:
    """Compare the two sides of a hunk."""
    old = [text[:MAX_LINE] for _, text in hunk.removed if not _UNREACHED.match(text)]
    new = [text[:MAX_LINE] for _, text in hunk.added if not _UNREACHED.match(text)]
    removed, added = "\n".join(old), "\n".join(new)
    # What raises in other words than before refuses as before.
    raises_less = len(_RAISE.findall(removed)) > len(_RAISE.findall(added))
    old_code, new_code = without_strings_all(old), without_strings_all(new)
    return Change(
        hunk=hunk,
        removed=removed,
        added=added,
        guards_removed=[
            line.strip()
            for line in old
            if _GUARD.search(line) and not _is_still_checked(line, new) and (raises_less or not _RAISE.match(line))
        ],
        guards_added=[line.strip() for line in new if _GUARD.search(line) and line.strip() not in {text.strip() for text in old}],
        fallback_removed=len(_FALLBACK.findall(removed)) > len(_FALLBACK.findall(added)),
        may_be_none=len(_MAY_BE_NONE.findall(added)) > len(_MAY_BE_NONE.findall(removed))
        or any(_MAY_BE_NONE.search(line) for line in new if line not in old),
        conversion=sorted(_CONVERSION.findall(old_code)) != sorted(_CONVERSION.findall(new_code)),
        numbers=sorted(_NUMBER.findall(old_code)) != sorted(_NUMBER.findall(new_code)),
        operators=sorted(_OPERATOR.findall(old_code)) != sorted(_OPERATOR.findall(new_code)),
        order=sorted(_ORDER.findall(old_code)) != sorted(_ORDER.findall(new_code)),
        signature=_changed_signature(old, new),
        deeper=len(_CHAIN.findall(new_code)) > len(_CHAIN.findall(old_code)),
        subscript_added=len(_SUBSCRIPT.findall(new_code)) > len(_SUBSCRIPT.findall(old_code)),
    )


def _is_still_checked(guard: str, new: list[str]) -> bool:
    """Whether the new side has the check, perhaps in other words: a condition that asks for all of the same names."""
    asked = names_in(guard)
    checks = [line for line in new if _GUARD.search(line) or "?" in line]
    return guard.strip() in {line.strip() for line in new} or (bool(asked) and any(asked <= names_in(line) for line in checks))


def without_strings_all(lines: list[str]) -> str:
    return "\n".join(without_strings(line) for line in lines)


def _changed_signature(old: list[str], new: list[str]) -> str:
    """The name of a function whose parameters changed."""
    before = {match.group(1): match.group(2) for line in old if (match := _DEF.match(line))}
    after = {match.group(1): match.group(2) for line in new if (match := _DEF.match(line))}
    return next((name for name, parameters in after.items() if name in before and before[name] != parameters), "")


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)

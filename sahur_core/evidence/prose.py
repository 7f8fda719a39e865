"""The free text of an answer, held against what was really seen.

Prose cites nothing that code could check, but it names things: evidence numbers, paths, commits, people. What nothing
that the run has seen contains was made up, and the sentence that names it is left out. Every pattern takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_CITATION = re.compile(r"(?<![\w)\]\"'`])(?:\[\d{1,6}(?:\s?,\s?\d{1,6})*\])+")
_NUMBER = re.compile(r"\d+")
_SHA = re.compile(r"(?<![\w-])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}(?![\w-])")
_ENDINGS = (
    r"(?:pyi?|[mc]?jsx?|tsx?|javax?|kts?|go|rb|rs|php|cs|cpp|hpp|cc|[ch]|swift|scala|sql|sh|ya?ml|toml|json|xml|html?|css"
    r"|md|rst|cfg|ini|conf|lock|proto|gradle|vue|exs?|erl|clj|lua|pl|dart|txt)"
)
_PATH = re.compile(rf"(?<![\w./\\:@-])(?:[\w.@+-]{{1,100}}[/\\]){{1,20}}[\w.@+-]{{1,100}}?\.{_ENDINGS}\b(?![\w/(])")
_FILE = re.compile(r"(?<![\w./\\:@-])[a-z_][\w-]{0,100}\.(?:py|ts|tsx|jsx|java|go|rb|rs|php|cs|kt|sql|ya?ml|toml)\b(?![\w/(])")
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,100}")
_HANDLE = re.compile(r"(?<![\w/.@`])@[A-Za-z][\w-]{1,60}(?:/[\w-]{1,60})?")
_NAME = r"[A-Z][\w'’-]{1,40}(?: [A-Z][\w'’-]{1,40}){1,2}"
_PERSON = re.compile(
    r"\b(?:(?:written|authored|committed|made|introduced|merged|changed|pushed|reviewed|added|removed|reverted|approved) by"
    rf"|[Aa]uthor(?: is|:)?|[Cc]ommitter(?: is|:)?|[Aa]sk|[Cc]ontact|[Bb]lame[sd]?) ({_NAME})"
)
_CODE = re.compile(r"`[^`\n]{1,400}`")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“'`(])")
_CAUSAL = re.compile(
    r"\b(?:because|caused? by|causes|causing|due to|root cause|the cause is|broke|breaks|introduced|brought (?:it|this) in"
    r"|led to|leads to|results? (?:in|from)|is to blame|triggered|stems from)\b",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:may|might|could|can|possibl[ey]|perhaps|maybe|likely|probably|unclear|unknown|open|unproven|whether|not|no|nothing"
    r"|cannot|if|suspect(?:ed|s)?|suggests?|appears?|seems?)\b|n't\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Seen:
    """All that a run has seen: results of its tools, the report, and what people said to it."""

    texts: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether any of it contains the name; commits also by a longer form, paths also in the other kind of slashes."""
        plain = name.replace("\\", "/").removeprefix("./")
        return any(name in text or plain in text for text in self.texts)


def clean(text: str, is_usable: Callable[[int], bool]) -> str:
    """The text without the numbers `[n]` that stand for no usable evidence; indexes of code (`rows[0]`) stay."""

    def kept(match: re.Match[str]) -> str:
        numbers = [int(number) for number in _NUMBER.findall(match.group())]
        return "".join(f"[{number}]" for number in numbers if is_usable(number))

    cleaned = _CITATION.sub(kept, text)
    return (
        re.sub(r"[ \t]+(?=[.,;:!?](?:\s|$))", "", re.sub(r"[ \t]{2,}", " ", cleaned)).strip() if cleaned != text else text.strip()
    )


def names_in(text: str) -> list[str]:
    """Paths, commits, addresses and people that a text names."""
    outside_code = _CODE.sub(" ", text)
    return [
        *_SHA.findall(text),
        *_PATH.findall(text),
        *_FILE.findall(text),
        *_ADDRESS.findall(text),
        *_HANDLE.findall(outside_code),
        *_PERSON.findall(outside_code),
    ]


def unseen_names(text: str, seen: Seen) -> list[str]:
    """Of the names in a text, those that nothing contains."""
    return [name for name in dict.fromkeys(names_in(text)) if not seen.has(name)]


def unseen_identities(text: str, seen: Seen) -> list[str]:
    """As `unseen_names`, but for advice: that may well name a file that is still to be made."""
    paths = {*_PATH.findall(text), *_FILE.findall(text)}
    return [name for name in unseen_names(text, seen) if name not in paths]


def without_unseen(text: str, seen: Seen) -> str:
    """The sentences that name nothing but what was seen."""
    return " ".join(sentence for sentence in sentences(text) if not unseen_names(sentence, seen))


def without_causes(text: str) -> str:
    """The sentences that do not tell a cause as if it were known."""
    return " ".join(sentence for sentence in sentences(text) if not states_cause(sentence))


def states_cause(sentence: str) -> bool:
    """Whether a sentence tells a cause without any word of doubt."""
    return bool(_CAUSAL.search(sentence)) and not _HEDGE.search(sentence)


def sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def anchors_in(text: str) -> list[str]:
    """What a statement is about by name: paths, commits, and code in backticks or written like code."""
    code = [part.strip("`") for part in _CODE.findall(text)]
    identifiers = re.findall(r"\b[A-Za-z]\w*_\w+\b|\b[A-Za-z_]\w+(?=\()", _CODE.sub(" ", text))
    return [*_SHA.findall(text), *_PATH.findall(text), *_FILE.findall(text), *code, *identifiers]


def seen_in(texts: Iterable[str]) -> Seen:
    return Seen(tuple(text for text in texts if text))

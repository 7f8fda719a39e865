"""A report taken apart: title, prose, code, and what stands in quotes or looks like a name. No repository is needed for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sahur_core.code.index.terms import TOKEN
from sahur_core.code.traces.frames import StackTrace
from sahur_core.code.traces.parse import parse_traces, without_traces

MAX_CHARS = 200_000
MAX_TITLE_CHARS = 1000
MAX_PARTS = 10
"""Of a qualified name so many parts are looked at."""
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_FENCE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.S)
_CODE_LINE = re.compile(r"^(?: {4}|\t|>>> |\.\.\. |In \[|\$ )")
_TICKED = re.compile(r"`([^`\n]{1,200})`")
_DOTTED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:(?:\.|::|->|#)[A-Za-z_]\w*)+")
_QUOTED = re.compile(r"\"([^\"\n]{8,200})\"|(?<!\w)'([^'\n]{8,200})'(?!\w)")
_IMPORT = re.compile(r"^\W{0,8}from\s+([\w.]+)\s+import\s+([^\n#;]+)", re.M)
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\(")
_HUMP = re.compile(r"[a-z0-9][A-Z]|[A-Z][A-Z][a-z]")
_MARKUP = re.compile(r"</?(?:details|summary|pre|code|br|p|b|i)\s*/?>")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s+(.*?)\s*#*\s*$|\*\*([^*\n]{3,60})\*\*:?\s*$)")
_FENCE_LINE = re.compile(r"^\s*(?:```|~~~)")
# Lists of installed packages and the headings of issue forms say where it happened and who asked, not what is wrong.
_ENVIRONMENT = re.compile(
    r"version|environment|system info|installed|pip (?:list|freeze)|platform|operating system|checklist|my setup|configuration"
    r"|backend|jupyter|^os$|output of|before submitting|config(?:uration)?$",
    re.I,
)
_FORM = re.compile(
    r"bug (?:report|summary|description)|description|expected|actual|outcome|steps|reproduc|additional|context|what happened"
    r"|what you expected|minimal|code (?:sample|for)|problem|summary|traceback|relevant log|anything else|possible|suggest"
    r"|solution|how to|describe|issue|feature|feedback|details?$|command used|output$|error$|results?$|workaround|proposed"
    r"|screenshots?|notes?$|question",
    re.I,
)
_VERSION = re.compile(r"^[\s\-*>|`]{0,10}[\w\-. /()]{1,40}?\s{0,10}(?:==|>=|:|=|\s{2,10}|\|)\s{0,10}\**v?\d+(?:\.\w+)+")
_CHECKBOX = re.compile(r"^\s*[-*]\s*\[[ xX]?\]")
_SAYS_MORE = re.compile(r"[=(]\s*$|def |import |>>>|Error")
_MAX_LISTING_CHARS, _MAX_HEADING_CHARS, _MIN_SENTENCE_WORDS, _MAX_FIRST_CHARS = 90, 200, 15, 600


# What the code behind an error message usually handles: words that the report lacks and the cause has.
_HINTS = {
    "offset-naive": "tzinfo timezone utc datetime",
    "'NoneType'": "None get return find lookup",
    "codec can't": "encoding decode encode utf",
    "decimal.Decimal": "Decimal float",
    "division by zero": "elapsed count empty zero",
    "Expecting value": "json loads",
    "timed out": "timeout seconds deadline duration",
}


@dataclass(frozen=True)
class Report:
    """What a person wrote. `title` is the first line where none was given."""

    title: str
    whole: str
    """Title and body as written."""

    @classmethod
    def read(cls, text: str, title: str = "") -> Report:
        whole = text[:MAX_CHARS].replace("\r\n", "\n").replace("\r", "\n")
        title = (title.strip() or next((line.strip() for line in whole.split("\n") if line.strip()), ""))[:MAX_TITLE_CHARS]
        rest = whole.lstrip()
        whole = f"{title}\n{rest[len(title) :] if rest.startswith(title) else whole}"
        return cls(title=title, whole=whole)

    @cached_property
    def text(self) -> str:
        """Title and body without what is no word about the problem: forms, check boxes, lists of versions."""
        body = _MARKUP.sub("\n", _COMMENT.sub(" ", self.whole[len(self.title) :]))
        return f"{self.title}\n" + "\n".join(_telling_lines(body))

    @cached_property
    def traces(self) -> list[StackTrace]:
        return parse_traces(self.whole)

    @cached_property
    def body(self) -> str:
        """The text behind the title."""
        return self.text[len(self.title) :]

    @cached_property
    def prose(self) -> str:
        """What is neither title nor code, nor a list of versions."""
        plain = _FENCE.sub("\n", self.body)
        return "\n".join(line for line in plain.split("\n") if not _CODE_LINE.match(line))

    @cached_property
    def first_paragraph(self) -> str:
        """The first words about the problem below the title."""
        paragraphs = re.split(r"\n\s*\n", self.prose.strip())
        return next((text for text in paragraphs if len(text.split()) > 2), "")[:_MAX_FIRST_CHARS]

    @cached_property
    def code(self) -> str:
        """Fenced and indented blocks, without the frames of stack traces."""
        fenced = "\n".join(_FENCE.findall(self.body))
        indented = [line for line in _FENCE.sub("\n", self.body).split("\n") if _CODE_LINE.match(line)]
        return without_traces("\n".join([fenced, *indented]))

    @cached_property
    def without_traces(self) -> str:
        return without_traces(self.whole)

    @cached_property
    def ticked(self) -> list[str]:
        """What stands in backticks within a line."""
        return _TICKED.findall(_FENCE.sub(" ", self.text))

    @cached_property
    def quoted(self) -> list[str]:
        return [first or second for first, second in _QUOTED.findall(self.text)]

    @cached_property
    def dotted(self) -> list[list[str]]:
        """The parts of each different qualified name (`a.b.c`, `A::b`), in the order of the report."""
        found = dict.fromkeys(_DOTTED.findall(self.text))
        return [re.split(r"\.|::|->|#", name)[:MAX_PARTS] for name in found]

    @cached_property
    def imported(self) -> list[tuple[list[str], list[str]]]:
        """Module and names of each Python import of names."""
        return [
            (module.strip(".").split("."), [name for name in re.findall(r"\w+", names) if name != "as"])
            for module, names in _IMPORT.findall(self.text)
        ]

    @cached_property
    def tokens(self) -> dict[str, int]:
        """How often each word occurs, as written."""
        counted: dict[str, int] = {}
        for token in TOKEN.findall(self.text):
            counted[token] = counted.get(token, 0) + 1
        return counted

    @cached_property
    def title_tokens(self) -> frozenset[str]:
        return frozenset(TOKEN.findall(self.title))

    @cached_property
    def ticked_tokens(self) -> frozenset[str]:
        return frozenset(token for text in self.ticked for token in TOKEN.findall(text))

    @cached_property
    def code_tokens(self) -> frozenset[str]:
        return frozenset(TOKEN.findall(self.code))

    @cached_property
    def called(self) -> frozenset[str]:
        return frozenset(_CALLED.findall(self.text))

    def looks_like_code(self, token: str) -> bool:
        """`find` in a sentence is a verb; in backticks, before a bracket or in a block of code it is a name."""
        return (
            "_" in token.strip("_")
            or bool(_HUMP.search(token))
            or token in self.ticked_tokens
            or token in self.called
            or (token in self.code_tokens and len(token) > 3)
        )

    @cached_property
    def hints(self) -> str:
        """Words that the cause of a told error usually has."""
        return "\n".join(words for mark, words in _HINTS.items() if mark in self.whole)


def _telling_lines(body: str) -> Iterator[str]:
    in_environment = in_fence = False
    for line in body.split("\n"):
        in_fence ^= bool(_FENCE_LINE.match(line))
        heading = None if in_fence or len(line) > _MAX_HEADING_CHARS else _HEADING.match(line)
        if heading:
            name = heading[1] or heading[2] or ""
            in_environment = bool(_ENVIRONMENT.search(name)) and len(name) < 80
            if in_environment or (_FORM.search(name) and len(name) < 45):
                yield ""
                continue
        is_short = len(line) < _MAX_LISTING_CHARS  # looked at first: the patterns are slow on long lines of spaces
        is_listing = is_short and bool(_VERSION.match(line)) and not _SAYS_MORE.search(line)
        if in_environment and (in_fence or len(line.split()) < _MIN_SENTENCE_WORDS or is_listing):
            continue
        if not _CHECKBOX.match(line) and not is_listing:
            yield line

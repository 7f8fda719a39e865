"""Links in what a model writes.

A link can carry what the model has read to whoever named its host: as a query, a path, a name. So an address becomes a
link only if the model has it from elsewhere, letter by letter, and its host is one of those that the operator trusts; or
if it leads to the team's own repositories or to SAHUR itself. All others stay readable and cannot be clicked: `hxxps://…`.

Readers see Markdown (GFM: https://github.github.com/gfm/), which has more ways to write a link than an address has.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"(?:(?:https?|ftp|wss?):[/\\]{1,3}|www\.(?=[\w-]))[^\s<>\"`|\x00-\x20]+", re.I)
_TRAILING = ".,;:!?)]}>'*_~|\\"
# Not each name before a colon is one: logs and code are full of those.
_SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]{0,31}://|(?:https?|ftp|file|data|javascript|vbscript|mailto|blob|about|tel|sms|xmpp|ircs?|wss?|slack|intent):",
    re.I,
)
# The place of an address in `[text](address)`, `[name]: address` and `<address>`.
_IN_LINK = re.compile(r"(?<=\])(?P<gap>\(|:)(?P<space>\s{0,200}<?)(?P<address>[^\s)>]{1,4000})")
_AUTOLINK = re.compile(r"<(?P<address>[a-z][a-z0-9+.-]{1,31}:[^\s<>]{0,4000})>", re.I)
_IMAGE = re.compile(r"!\[(?=[^\]\n]{0,400}\][(\[])")
_WORD = re.compile(r"\S+")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_LINE_ANCHOR = re.compile(r"(?:L\d{1,7}(?:-L\d{1,7})?)?")
_LOOPBACK = frozenset(["localhost", "127.0.0.1", "[::1]"])
# Shown as nothing, or turning the order of letters around; joiners stay, which scripts and emoji need.
_HIDDEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


@dataclass
class Links:
    """Which addresses may be links.

    `prefixes` are our own places; `hosts` (and their subdomains) are trusted where an address occurred in what the model
    was given.
    """

    prefixes: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()
    _given: set[str] = field(default_factory=set)
    _assembled: set[str] = field(default_factory=set)

    def learn(self, text: str) -> None:
        """What others gave the model to read: its addresses have occurred."""
        self._given |= set(addresses_in(text)) - self._assembled

    def learn_own(self, text: str) -> None:
        """What the model wrote. An address that it was the first to write has not occurred, whoever repeats it then."""
        self._assembled |= set(addresses_in(text)) - self._given

    def occurred(self, address: str) -> bool:
        return address in self._given

    def may_link(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").lower()
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or parts.username is not None or "\\" in address or not host.isascii():
            return False
        if address in self._given and (host in _LOOPBACK or self._is_trusted(host)):
            return True
        is_plain = not parts.query and _LINE_ANCHOR.fullmatch(parts.fragment) is not None and ".." not in parts.path
        return is_plain and any(address == prefix or address.startswith(f"{prefix.rstrip('/')}/") for prefix in self.prefixes)

    def may_be_sent(self, address: str) -> bool:
        """Whether a call that nobody approves may hand the address to a foreign server, which may open it."""
        return self.occurred(address) or self.may_link(address)

    def _is_trusted(self, host: str) -> bool:
        return any(host == trusted or host.endswith(f".{trusted}") for trusted in self.hosts)


@dataclass(frozen=True)
class Defused:
    text: str
    count: int
    """How many links were taken away."""


def addresses_in(text: str) -> list[str]:
    """The addresses in a text, as readers would make links of them, in order."""
    return [_trimmed(match.group()) for match in _ADDRESS.finditer(text)]


def defuse(text: str, links: Links) -> Defused:
    """The text in which only addresses that may be links are links, images are none, and nothing is hidden from view.

    Linear in the length of the text; doing it twice changes nothing more.
    """
    count = 0

    def take_away(match: re.Match[str]) -> str:
        nonlocal count
        if links.may_link(_trimmed(match.group())):
            return match.group()
        count += 1
        return _harmless(match.group())

    def open_up(match: re.Match[str]) -> str:
        nonlocal count
        address = match["address"]
        if not _leads_away(address) or links.may_link(_trimmed(address)):
            return match.group()
        count += not _ADDRESS.match(address)
        return f" {match['gap']}{match['space']}{address}"

    def bare(match: re.Match[str]) -> str:
        nonlocal count
        address = match["address"]
        if not _SCHEME.match(address):  # a name of C++ or Rust, a type with its bound
            return match.group()
        count += not _ADDRESS.match(address)
        return f"‹{address}›" if not links.may_link(address) else match.group()

    text = _HIDDEN.sub("", text)
    if "&" in text or "\\" in text:
        text = _WORD.sub(_undisguised, text)
    text = _IMAGE.sub("[image: ", text)
    text = _IN_LINK.sub(open_up, text)
    text = _AUTOLINK.sub(bare, text)
    return Defused(_ADDRESS.sub(take_away, text), count)


def _undisguised(match: re.Match[str]) -> str:
    """A word as a reader of Markdown sees it, if that is an address or leads away and what is written is not."""
    written = match.group()
    if "&" not in written and "\\" not in written:
        return written
    seen = _plain(written)
    if addresses_in(seen) != addresses_in(written) or (_IN_LINK.search(seen) and _leads_away(seen) and seen != written):
        return seen
    return written


def _plain(text: str) -> str:
    """Without escapes, entities and letters that are not seen."""
    shown = _ESCAPE.sub(r"\1", html.unescape(text))
    return "".join(letter for letter in shown if unicodedata.category(letter) not in ("Cc", "Cf"))


def _leads_away(address: str) -> bool:
    seen = _plain(address).replace("\\", "/")
    return bool(_SCHEME.match(seen)) or seen.startswith("//") or bool(_ADDRESS.search(seen))


def _harmless(address: str) -> str:
    if address.lower().startswith("www."):
        return f"{address[:3]}[.]{address[4:]}"
    scheme, _, rest = address.partition(":")
    told = {"http": "hxxp", "https": "hxxps"}.get(scheme.lower(), f"{scheme.lower()}[")
    return f"{told}:{rest}" if told.startswith("hxxp") else f"{told}:]{rest}"


def _trimmed(address: str) -> str:
    """Without the punctuation that belongs to the sentence; a closing parenthesis stays if it was opened inside."""
    trimmed = address.rstrip(_TRAILING)
    rest = address[len(trimmed) :]
    return trimmed + ")" if rest.startswith(")") and trimmed.count("(") > trimmed.count(")") else trimmed

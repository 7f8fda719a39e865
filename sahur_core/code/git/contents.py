"""What the bytes of a file are: a text in some encoding, a Git LFS pointer, or something that has no lines."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

_SNIFFED_BYTES = 8000
_DETECTED_BYTES = 64 * 1024
_MAX_CHAOS = 0.1
_LFS = re.compile(rb"^version https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/v1\n", re.M)
_LFS_OID = re.compile(rb"^oid (\w+):([0-9a-f]{32,128})$", re.M)
_LFS_SIZE = re.compile(rb"^size (\d{1,18})$", re.M)
MAX_LFS_POINTER_BYTES = 1024
# UTF-32 first: its little-endian mark begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MULTIBYTE = ["shift_jis", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "iso2022_jp"]
_SIGNATURES = (
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"%PDF", "PDF document"),
    (b"PK\x03\x04", "zip archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"\x7fELF", "ELF program"),
    (b"MZ", "Windows program"),
    (b"\xca\xfe\xba\xbe", "Java class"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"\0asm", "WebAssembly"),
)


@dataclass(frozen=True)
class Text:
    """A decoded file: lines are as git counts them. `encoding` is Python's name."""

    text: str
    encoding: str


@dataclass(frozen=True)
class LfsPointer:
    """Stands for a file that is kept elsewhere: `size` in bytes, `oid` with its hash function (`sha256:…`)."""

    oid: str
    size: int


def lfs_pointer(data: bytes) -> LfsPointer | None:
    """The pointer of Git LFS (its specification, version 1) that the file is, if it is one."""
    if len(data) > MAX_LFS_POINTER_BYTES or not _LFS.match(data):
        return None
    oid, size = _LFS_OID.search(data), _LFS_SIZE.search(data)
    if oid is None or size is None:
        return None
    return LfsPointer(f"{oid[1].decode()}:{oid[2].decode()}", int(size[1]))


def is_binary(data: bytes) -> bool:
    """By git's own rule, a NUL among the first 8000 bytes; but a text may say by its first bytes that it is UTF-16 or -32."""
    return b"\0" in data[:_SNIFFED_BYTES] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))


def binary_kind(data: bytes) -> str:
    """What a binary file is by its first bytes; empty if they say nothing."""
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), "")


def decode(data: bytes) -> Text:
    """The text of a file that is not binary. Never raises: what fits nothing is read as Windows-1252.

    Of the encodings without a mark, those of several bytes a character betray themselves; those of one byte do not, and a
    file in one of them is mostly ASCII anyway.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Text(data[len(mark) :].decode(encoding, "replace"), encoding)
    try:
        return Text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        # The end of a file that was cut may lie inside of a character.
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return Text(data.decode("utf-8", "ignore"), "utf-8")
    return _detected(data)


def _detected(data: bytes) -> Text:
    odd = b"\n".join(line for line in data[: 16 * _DETECTED_BYTES].split(b"\n") if not line.isascii())[:_DETECTED_BYTES]
    best = from_bytes(odd, cp_isolation=_MULTIBYTE, threshold=_MAX_CHAOS, enable_fallback=False).best()
    if best is not None and best.alphabets and _is_east_asian(best.alphabets):
        return Text(data.decode(best.encoding, "replace"), best.encoding)
    return Text(data.decode("cp1252", "replace"), "cp1252")


def _is_east_asian(alphabets: list[str]) -> bool:
    return any(name.startswith(("CJK", "Hiragana", "Katakana", "Hangul")) for name in alphabets)

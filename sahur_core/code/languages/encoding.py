"""Bytes of source files as text."""

from __future__ import annotations


def decode_source(data: bytes) -> str:
    """UTF-8, with or without byte-order mark; what is not, as Windows-1252, so that every file can be read."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")

"""What the bytes of a file are."""

from __future__ import annotations

import pytest

from sahur_core.code.git.contents import LfsPointer, binary_kind, decode, is_binary, lfs_pointer

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 12345\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_a_mark_tells_the_encoding_and_lines_are_kept(encoding: str) -> None:
    text = "é = 'ü'\r\nzweite\n"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    data = (mark + text).encode(encoding)
    assert not is_binary(data)
    assert decode(data).text == text


@pytest.mark.parametrize("encoding", ["shift_jis", "euc_jp"])
def test_japanese_is_told_by_its_bytes(encoding: str) -> None:
    text = "import os\n" * 20 + "# 注文の合計を計算する\nraise ValueError('在庫がありません')\n"
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("text", ["# Größe der Straße\n", "author = 'José'\n", "# é\n", "© 2003 Müller\n"])
def test_western_text_is_read_as_it_was_written(text: str) -> None:
    found = decode(("x = 1\n" * 20 + text).encode("latin-1"))
    assert (found.text.endswith(text), found.encoding) == (True, "cp1252")


def test_a_character_that_was_cut_in_two_changes_nothing() -> None:
    assert decode("abc é".encode()[:-1]).encoding == "utf-8"


def test_any_bytes_are_decoded() -> None:
    assert decode(bytes(range(1, 256)) * 3).text


def test_a_pointer_of_git_lfs_is_known() -> None:
    assert lfs_pointer(POINTER) == LfsPointer("sha256:" + "4d7a" * 16, 12345)
    assert lfs_pointer(b"version https://git-lfs.github.com/spec/v1\nhello\n") is None
    assert lfs_pointer(POINTER + b"x" * 2000) is None


def test_binary_files_are_named_by_their_first_bytes() -> None:
    assert is_binary(b"\x89PNG\r\n\0")
    assert binary_kind(b"\x89PNG\r\n\0") == "PNG image"
    assert binary_kind(b"\0\1\2") == ""

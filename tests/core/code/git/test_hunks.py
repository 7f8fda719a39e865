"""Changed lines of the old files."""

from __future__ import annotations

from sahur_core.code.git.hunks import ChangedFile, changed_files, parse_hunks


def test_changed_lines_are_those_of_the_old_file(origin, cloned, tmp_path):
    old = origin.commit("one", {"a.py": "1\n2\n3\n4\n5\n", "b.py": "x\n", "has space.py": "x\n"})
    new = origin.commit("two", {"a.py": "1\nzwei\n3\n4\nnew\n5\n", "b.py": None, "has space.py": "y\n", "c.py": "z\n"})
    cloned()
    found = {file.path or file.new_path: file for file in changed_files(tmp_path / "store" / "git", old, new)}
    assert found["a.py"].hunks == [(2, 1), (4, 0)]
    assert found["b.py"].new_path is None
    assert found["has space.py"].hunks == [(1, 1)]
    assert found["c.py"].path is None


def test_lines_that_look_like_headers_are_counted_away():
    diff = "--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,1 @@\n--- a/old comment\n-x\n+++ b/new\n@@ -9 +8 @@\n-y\n+z\n"
    assert parse_hunks(diff) == [ChangedFile("q.sql", "q.sql", [(1, 2), (9, 1)])]


def test_what_is_put_between_two_functions_touches_neither():
    file = ChangedFile("a.py", "a.py", [(4, 0)])
    assert file.touches(3, 5)
    assert not file.touches(1, 4)
    assert not file.touches(5, 9)
    assert ChangedFile("a.py", "a.py", [(4, 2)]).touches(5, 9)
    assert not ChangedFile("a.py", "a.py", [(4, 2)]).touches(6, 9)


def test_a_quoted_name_is_read():
    assert parse_hunks('--- "a/t\\tab.py"\n+++ "b/t\\tab.py"\n@@ -1 +1 @@\n-a\n+b\n')[0].path == "t\tab.py"

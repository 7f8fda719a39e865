"""What has changed between two results is told as `diff -u` would, and never takes long."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sahur_core.evidence.changes import MAX_COMPARED_LINES, MAX_DIFF_CHARS, unified_diff

LINES = st.lists(st.sampled_from(["a", "b", "c", "d", ""]), max_size=30)


@given(LINES, LINES)
def test_a_diff_leads_from_one_text_to_the_other(before, after):
    diff, is_cut = unified_diff("\n".join(before), "\n".join(after))
    assert not is_cut
    assert apply("\n".join(before).splitlines(), diff) == "\n".join(after).splitlines()


def apply(lines, diff):
    """The new text that the hunks make of the old lines."""
    new, position = [], 0
    for line in diff.splitlines():
        if line.startswith("@@"):
            start, length = line.split()[1][1:].split(",")
            until = int(start) - (1 if int(length) else 0)
            new += lines[position:until]
            position = until
        elif line.startswith("+"):
            new.append(line[1:])
        else:
            assert lines[position] == line[1:]
            new += [line[1:]] if line.startswith(" ") else []
            position += 1
    return new + lines[position:]


def test_patch_itself_understands_it(tmp_path: Path):
    before = [f"line {number}" for number in range(200)]
    after = [*before[:50], "new", *before[52:150], "more", *before[150:]]
    file = tmp_path / "file"
    file.write_text("\n".join(before) + "\n")
    diff, _ = unified_diff("\n".join(before), "\n".join(after))
    text = f"--- a/file\n+++ b/file\n{diff}\n"
    subprocess.run(["git", "apply", "--unsafe-paths", "-"], input=text, text=True, check=True, cwd=tmp_path)
    assert file.read_text().splitlines() == after


def test_far_places_of_a_long_text_are_found_by_their_ends():
    """Only what lies between the first and the last difference is compared."""
    lines = [f"line {number}" for number in range(100_000)]
    diff, is_cut = unified_diff("\n".join(lines), "\n".join([*lines[:90_000], "new", *lines[90_001:]]))
    assert (diff.splitlines()[0], is_cut) == ("@@ -89998,7 +89998,7 @@", False)


def test_what_is_too_much_is_cut_and_says_so():
    one = "\n".join(f"a{number}" for number in range(3 * MAX_COMPARED_LINES))
    diff, is_cut = unified_diff(one, one.replace("a", "b"))
    assert is_cut
    assert len(diff) <= MAX_DIFF_CHARS
    long, is_cut = unified_diff("x" * 100_000, "y" * 100_000)
    assert (len(long) < 1000, is_cut) == (True, False)


def test_what_is_the_same_has_no_diff():
    assert unified_diff("a\nb", "a\nb\n") == ("", False)

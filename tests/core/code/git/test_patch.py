"""A patch is shown only if git makes it out of the commit, and trying it changes nothing of the clone."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from sahur_core.code.git.patch import patched
from sahur_core.code.git.patch_text import place_hunks, read_patch
from sahur_core.code.git.repository import Repository
from sahur_core.code.prepare import prepare
from sahur_core.errors import PatchRefused

RATES = """def per_second(earlier, later):
    elapsed = later.at - earlier.at
    return growth / elapsed


def other():
    pass
"""
GOOD = """--- a/app/rates.py
+++ b/app/rates.py
@@ -1,3 +1,5 @@
 def per_second(earlier, later):
     elapsed = later.at - earlier.at
+    if elapsed <= 0:
+        return 0.0
     return growth / elapsed
"""


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, str, Path]:
    """A prepared clone with text, CRLF text, a link and bytes that are no text; and its newest commit."""
    folder = tmp_path_factory.mktemp("patched")
    source, target = folder / "source", folder / "clone"
    (source / "app").mkdir(parents=True)
    git(source, "init", "-q")
    (source / "app" / "rates.py").write_text(RATES)
    (source / "app" / "windows.py").write_bytes(b"a = 1\r\nb = 2\r\nc = 3\r\n")
    (source / "app" / "blob.bin").write_bytes(bytes(range(256)))
    (source / "app" / "latin.py").write_bytes(b"# caf\xe9\nx = 1\ny = 2\n")
    (source / "link").symlink_to("app/rates.py")
    git(source, "add", ".")
    git(source, "commit", "-qm", "All")
    commit = prepare(str(source), target, "", lambda _line: None)
    return Repository.open(target), commit, target


def canonical(repository: tuple[Repository, str, Path], diff: str) -> str:
    with patched(repository[0], repository[1], diff) as found:
        return found.diff


def test_a_patch_that_applies_is_told_as_git_tells_it(repository):
    with patched(repository[0], repository[1], GOOD) as found:
        assert found.diff.startswith("diff --git a/app/rates.py b/app/rates.py\nindex ")
        assert [(file.path, file.added, file.deleted) for file in found.files] == [("app/rates.py", 2, 0)]
        assert found.commit == repository[1]


@pytest.mark.parametrize(
    "sloppy",
    [
        GOOD.replace("@@ -1,3 +1,5 @@", "@@ -71,9 +71,2 @@"),
        GOOD.replace("@@ -1,3 +1,5 @@", "@@ def per_second @@"),
        GOOD.replace("a/app/", "app/").replace("b/app/", "app/"),
        f"```diff\n{GOOD}```\n",
        GOOD.replace("later.at - earlier.at\n", "later.at - earlier.at   \n"),
        GOOD + "\n",
    ],
    ids=["numbers", "no numbers", "no prefix", "fenced", "blanks", "an empty line more"],
)
def test_small_faults_are_mended_to_the_same_patch(repository, sloppy):
    assert canonical(repository, sloppy) == canonical(repository, GOOD)


def test_line_ends_of_the_file_are_kept(repository):
    diff = canonical(repository, "--- a/app/windows.py\n+++ b/app/windows.py\n@@ @@\n a = 1\n-b = 2\n+b = 20\n c = 3\n")
    assert "-b = 2\r\n+b = 20\r\n" in diff


def test_a_file_may_be_added_and_taken_away(repository):
    added = "--- /dev/null\n+++ b/tests/test_new.py\n@@ -0,0 +1 @@\n+assert True\n"
    assert "new file mode 100644" in canonical(repository, added)
    gone = "\n".join(["--- a/app/windows.py", "+++ /dev/null", "@@ -1,3 +0,0 @@", "-a = 1\r", "-b = 2\r", "-c = 3\r", ""])
    assert "deleted file mode" in canonical(repository, gone)


@pytest.mark.parametrize(
    ("diff", "why"),
    [
        (GOOD.replace("elapsed = later.at - earlier.at", "nothing like it"), "not in the file"),
        (GOOD.replace("rates.py", "none.py"), "no file 'app/none.py'"),
        (GOOD.replace("app/rates.py", "../../etc/passwd"), "etc/passwd"),
        ("--- /dev/null\n+++ b/../out.txt\n@@ -0,0 +1 @@\n+x\n", "out.txt"),
        ("--- /dev/null\n+++ b//etc/cron.d/x\n@@ -0,0 +1 @@\n+x\n", "etc/cron.d"),
        ("--- /dev/null\n+++ b/.git/hooks/post-checkout\n@@ -0,0 +1 @@\n+x\n", ".git/hooks"),
        ("--- /dev/null\n+++ b/app/.GIT/config\n@@ -0,0 +1 @@\n+x\n", ".GIT/config"),
        ("--- /dev/null\n+++ b/.gitmodules\n@@ -0,0 +1 @@\n+x\n", ".gitmodules"),
        ("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n", "symbolic link"),
        ("diff --git a/s b/s\nnew file mode 160000\n--- /dev/null\n+++ b/s\n@@ -0,0 +1 @@\n+Subproject\n", "submodule"),
        ("--- a/link\n+++ b/link\n@@ -1 +1 @@\n-app/rates.py\n\\ No newline at end of file\n+/etc/passwd\n", ""),
        ("diff --git a/x b/x\nGIT binary patch\nliteral 3\nKcmZ\n\n--- a/x\n+++ b/x\n", "binary"),
        ("--- a/app/blob.bin\n+++ b/app/blob.bin\n@@ -1 +1 @@\n-x\n+y\n", ""),
        ("--- a/x\n+++ b/x\n" + "+" * 300_000, "at most 200,000"),
        ("rm -rf /", "no unified diff"),
        (GOOD.replace("+    if elapsed <= 0:\n+        return 0.0\n", ""), ""),
        (GOOD.replace("+    if", "+\0   if"), "text files"),
        ("--- a/app/rates.py\n+++ b/app/rates.py\n@@ @@\n+import os\n", ""),
    ],
)
def test_what_does_not_apply_or_is_hostile_is_refused_with_the_reason(repository, diff, why):
    with pytest.raises(PatchRefused) as refused:
        canonical(repository, diff)
    assert why in refused.value.message


def test_trying_a_patch_changes_nothing_of_the_clone(repository):
    def state() -> str:
        files = sorted(path for path in repository[2].rglob("*") if path.is_file())
        return hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()

    before = state()
    canonical(repository, GOOD)
    assert state() == before


def test_the_patched_tree_can_be_written_somewhere_else(repository, tmp_path):
    with patched(repository[0], repository[1], GOOD) as found:
        found.check_out(tmp_path)
    assert "return 0.0" in (tmp_path / "app" / "rates.py").read_text()
    assert (tmp_path / "link").is_symlink()
    assert not (tmp_path / ".git").exists()


def test_hunks_are_placed_where_their_lines_are_and_nearest_to_their_number():
    [file] = read_patch(b"--- a/x\n+++ b/x\n@@ -5,1 +5,2 @@\n one\n+two\n")
    assert place_hunks("one\nzero\nzero\nzero\none\n", file.hunks) == "one\nzero\nzero\nzero\none\ntwo\n"
    file.hunks[0].start = 0
    with pytest.raises(PatchRefused, match="several times"):
        place_hunks("one\none\n", file.hunks)


BESIDE_LATIN = """--- a/app/latin.py
+++ b/app/latin.py
@@ -2,2 +2,2 @@
 x = 1
-y = 2
+y = 3
"""
TWICE = """--- a/app/rates.py
+++ b/app/rates.py
@@ -1,9 +1,9 @@
-    elapsed = later.at - earlier.at
+    elapsed = 1
--- a/app/rates.py
+++ b/app/rates.py
@@ -1,9 +1,9 @@
-    return growth / elapsed
+    return 4
"""
UNSEEN = """--- /dev/null
+++ b/.g\u200cit/config
@@ -0,0 +1 @@
+[core]
"""


@pytest.mark.parametrize(
    ("diff", "why"),
    [
        (BESIDE_LATIN, "no UTF-8"),
        (TWICE, "several parts"),
        (UNSEEN, "No patch may touch"),
    ],
    ids=["beside bytes that are no text", "one file twice", "letters that nobody sees"],
)
def test_what_could_not_be_shown_whole_is_refused(repository, diff, why):
    with pytest.raises(PatchRefused, match=why), patched(repository[0], repository[1], diff):
        pass

"""What commits changed, followed back line by line; what a report tells of when; what undoes a commit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sahur_core.code.git.repository import Repository
from sahur_core.code.locate.clues import Clues
from sahur_core.code.locate.commit_changes import Change, follow_lines, parse_patch
from sahur_core.code.locate.commit_fit import is_manifest, is_settings, message_fits, names_in, reverted_commits
from sahur_core.code.locate.commit_history import History, read_changes, read_history
from sahur_core.code.locate.commit_window import CommitWindow, find_commits, find_version, version_of
from sahur_core.code.locate.suspects import Function
from sahur_core.code.records import Commit
from sahur_core.code.traces.mentions import Window
from tests.core.code.histories import Step, open_history

TWO = "def rate():\n    return 1\n\n\ndef show():\n    return 1\n"


def _clues(prose: str) -> Clues:
    return Clues(title="", prose=prose, traces=[], files=[], names=[], texts=[], worked_before=False)


def _summaries(repository: Repository, shas: set[str] | frozenset[str]) -> set[str]:
    return {commit.summary for commit in repository.recent("main") if commit.sha in shas}


def _followed(repository: Repository, function: Function) -> list[str]:
    history = read_history(repository, "main", _clues(""), None)
    read_changes(repository, "main", history, [function])
    return [touch.commit.summary for touch in history.touches[function]]


# ---- lines followed back


def test_only_the_commits_that_changed_the_lines_are_named(tmp_path: Path) -> None:
    steps = [
        Step("Start", {"a.py": TWO}),
        Step("Show two", {"a.py": ("def show():\n    return 1", "def show():\n    return 2")}),
        Step("Import above", {"a.py": ("def rate():\n", "import os\n\n\ndef rate():\n")}),
        Step("Rate two", {"a.py": ("def rate():\n    return 1", "def rate():\n    return 2")}),
    ]
    repository, _ = open_history(tmp_path, steps)
    assert _followed(repository, Function("a.py", "rate", 4, 5)) == ["Rate two", "Start"]
    assert _followed(repository, Function("a.py", "show", 8, 9)) == ["Show two", "Start"]


def test_lines_are_followed_through_a_rename(tmp_path: Path) -> None:
    moved = TWO.replace("def show():\n    return 1", "def show():\n    return 3")
    steps = [Step("Start", {"a.py": TWO}), Step("Move", {"a.py": None, "lib/b.py": moved})]
    repository, _ = open_history(tmp_path, steps)
    assert _followed(repository, Function("lib/b.py", "show", 5, 6)) == ["Move", "Start"]
    assert _followed(repository, Function("lib/b.py", "rate", 1, 2)) == ["Start"]
    history = read_history(repository, "main", _clues(""), None)
    read_changes(repository, "main", history, [], ["lib/b.py"])
    assert [path for path, _ in history.of_files["lib/b.py"]] == ["lib/b.py", "a.py"]


def test_other_line_ends_are_no_change(tmp_path: Path) -> None:
    steps = [Step("Start", {"a.py": TWO}), Step("Windows", {"a.py": TWO.replace("\n", "\r\n")})]
    repository, _ = open_history(tmp_path, steps)
    assert _followed(repository, Function("a.py", "rate", 1, 2)) == ["Start"]


def test_a_function_that_was_added_has_no_past_before(tmp_path: Path) -> None:
    steps = [Step("Start", {"a.py": "X = 1\n"}), Step("Add", {"a.py": ("X = 1\n", f"X = 1\n\n\n{TWO}")})]
    repository, _ = open_history(tmp_path, steps)
    history = read_history(repository, "main", _clues(""), None)
    read_changes(repository, "main", history, [function := Function("a.py", "show", 8, 9)])
    assert [(touch.commit.summary, touch.has_created) for touch in history.touches[function]] == [("Add", True)]


def test_a_diff_is_read_whatever_its_lines_look_like() -> None:
    patch = (
        'diff --git "a\\n\\"b.py" "a\\n\\"b.py"\n--- "a\\n\\"b.py"\n+++ "a\\n\\"b.py"\n'
        "@@ -3 +3,2 @@\n--- /dev/null\n+++ b/x\n+@@ -1 +1 @@\n@@ -9,0 +10 @@\n+last\n\\ No newline at end of file\n"
    )
    file = parse_patch(patch)['a\n"b.py']
    assert [(hunk.removed, hunk.added) for hunk in file.hunks] == [
        (["-- /dev/null"], ["++ b/x", "@@ -1 +1 @@"]),
        ([], ["last"]),
    ]


def test_a_deletion_between_lines_touches_them() -> None:
    commit = Commit(sha="1" * 40, author="Ada", authored_at=datetime.now(UTC), committed_at=datetime.now(UTC), summary="Less")
    change = Change(commit, parse_patch("diff --git a b\n--- a\n+++ a\n@@ -5,2 +4,0 @@\n-x\n-y\n"))
    assert follow_lines([change], "a", 3, 6, limit=5)
    assert not follow_lines([change], "a", 5, 9, limit=5)
    assert not follow_lines([change], "a", 1, 4, limit=5)


def test_a_slow_repository_is_read_back_to_its_beginning(tmp_path: Path) -> None:
    """500 commits in 15 years: ten times as far back lies before 1970, which git cannot read."""
    steps = [Step("Start", {"a.py": TWO}), *(Step(f"Work {number}", {"b.txt": str(number)}, days=11) for number in range(500))]
    repository, _ = open_history(tmp_path, steps)
    assert _followed(repository, Function("a.py", "show", 5, 6)) == ["Start"]


def test_wild_clocks_limit_nothing(tmp_path: Path) -> None:
    moments = [datetime(year, 1, 1, tzinfo=UTC) for year in (9998, 1970)]
    recent = [_commit("a", "Work").model_copy(update={"committed_at": moment}) for moment in moments * 250]
    assert History(recent).since is None


def test_files_that_changed_long_ago_only_are_noted_or_read(tmp_path: Path) -> None:
    steps = [Step("Start", {"a.py": TWO, "b.txt": ""}), Step("Pause", {}, days=900)]
    steps += [Step(f"Work {number}", {"b.txt": str(number)}, days=0.01) for number in range(500)]
    repository, _ = open_history(tmp_path, steps)
    function = Function("a.py", "show", 5, 6)
    assert _followed(repository, function) == ["Start"]
    history = read_history(repository, "main", _clues(""), None)
    read_changes(repository, "main", history, [function], ["b.txt"])
    assert not history.touches[function]
    assert "none of them is of a.py" in history.notes[0]


def test_where_git_is_too_slow_the_names_of_changed_files_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository, shas = open_history(tmp_path, [Step("Start", {"a.py": TWO}), Step("Other", {"b.py": TWO})])
    monkeypatch.setattr("sahur_core.code.git.repository.LOG_LINES_SECONDS", 0.0)
    history = read_history(repository, "main", _clues(""), None)
    read_changes(repository, "main", history, [Function("a.py", "show", 5, 6)])
    assert [change.commit.sha for _, change in history.of_files["a.py"]] == [shas[0]]
    assert "not which lines" in history.notes[0]


def test_a_report_older_than_all_recent_commits_is_looked_at_in_its_time(tmp_path: Path) -> None:
    steps = [Step("Start", {"a.py": TWO}), Step("Show two", {"a.py": ("show():\n    return 1", "show():\n    return 2")})]
    steps += [Step("Above", {"a.py": ("def rate", "import os\n\n\ndef rate")}, days=30)]
    steps += [Step(f"Work {number}", {"b.txt": str(number)}, days=0.1) for number in range(500)]
    repository, _ = open_history(tmp_path, steps)
    history = read_history(repository, "main", _clues(""), datetime(2026, 1, 10, tzinfo=UTC))
    read_changes(repository, "main", history, [function := Function("a.py", "show", 8, 9)])
    assert [commit.summary for commit in history.recent] == ["Show two", "Start"]
    assert [touch.commit.summary for touch in history.touches[function]] == ["Show two", "Start"]


# ---- windows


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("v4.2.0", (4, 2)),
        ("release-4.2", (4, 2)),
        ("package@1.2.3", (1, 2, 3)),
        ("@scope/package@1.2.3", (1, 2, 3)),
        ("REL_4_2", (4, 2)),
        ("4.2.0rc1", ()),
        ("nightly", ()),
        ("v0", (0,)),
    ],
)
def test_versions_are_read_from_tags(name: str, version: tuple[int, ...]) -> None:
    assert version_of(name) == version


def _versions(tmp_path: Path, *, tags: bool) -> tuple[Repository, list[str]]:
    steps = [
        Step("Start", {"a.py": "X = 1\n"}, tags=["v4.1"] if tags else []),
        Step("Bump version to 4.1", {"CHANGELOG.md": "## 4.1\n"}),
        Step("Work", {"a.py": "X = 2\n"}),
        Step("Better", {"CHANGELOG.md": "## 4.2\n\n## 4.1\n"}, tags=["v4.2"] if tags else []),
        Step("Later", {"a.py": "X = 3\n"}),
    ]
    return open_history(tmp_path, steps)


def test_what_lies_between_two_tags_is_the_window(tmp_path: Path) -> None:
    repository, _ = _versions(tmp_path, tags=True)
    window = find_commits(repository, "main", "", Window(good_version="4.1", bad_version="4.2", said="it broke"), [])
    assert _summaries(repository, window.between or frozenset()) == {"Bump version to 4.1", "Work", "Better"}
    assert window.in_words == "lies within the told window: 4.1 … 4.2 (“it broke”)"


def test_a_broken_version_alone_is_held_against_the_one_before(tmp_path: Path) -> None:
    repository, _ = _versions(tmp_path, tags=True)
    window = find_commits(repository, "main", "", Window(bad_version="4.2"), [])
    assert _summaries(repository, window.between or frozenset()) == {"Bump version to 4.1", "Work", "Better"}


def test_without_tags_a_release_commit_or_a_changelog_names_a_version(tmp_path: Path) -> None:
    repository, shas = _versions(tmp_path, tags=False)
    assert (find_version(repository, "main", "4.1", {}) or ("", ""))[1] == shas[1]
    assert (find_version(repository, "main", "4.2", {}) or ("", ""))[1] == shas[3]
    window = find_commits(repository, "main", "", Window(good_version="4.1", bad_version="4.2"), [])
    assert _summaries(repository, window.between or frozenset()) == {"Work", "Better"}


def test_what_only_speaks_of_versions_releases_none(tmp_path: Path) -> None:
    steps = [Step("Bump version to 3.1", {"a.py": "1"}), Step("Removed versionadded annotations for 3.1.", {"a.py": "2"})]
    repository, shas = open_history(tmp_path, steps)
    assert (find_version(repository, "main", "3.1", {}) or ("", ""))[1] == shas[0]


def test_a_version_that_is_nowhere_is_noted(tmp_path: Path) -> None:
    repository, _ = _versions(tmp_path, tags=True)
    window = find_commits(repository, "main", "", Window(good_version="7.7"), [])
    assert not window.is_told
    assert "version 7.7" in window.notes[0]


def test_a_window_of_days_covers_its_days_and_knows_what_came_after(tmp_path: Path) -> None:
    repository, _ = _versions(tmp_path, tags=False)
    window = CommitWindow(after=datetime(2026, 1, 4, 9, tzinfo=UTC), before=datetime(2026, 1, 4, 12, tzinfo=UTC))
    recent = repository.recent("main")
    assert [commit.summary for commit in recent if window.covers(commit)] == ["Work"]
    assert [commit.summary for commit in recent if window.is_over(commit)] == ["Later", "Better"]


def test_commits_and_pull_requests_are_found_by_name(tmp_path: Path) -> None:
    repository, shas = open_history(
        tmp_path, [Step("Start", {"a.py": "1"}), Step("Round (#12)", {"a.py": "2"}), Step("Go", {"a.py": "3"})]
    )
    recent = repository.recent("main")
    text = f"Broken since {shas[2][:9]}, and PR #12 looks odd. We run {shas[0][:12]}, which has some more words behind it here."
    named = find_commits(repository, "main", text, None, recent).named
    assert set(named) >= {shas[1], shas[2]}
    assert find_commits(repository, "main", "since deadbeef1, PR 99", None, recent).named == {}


# ---- fit


def _commit(sha: str, summary: str, body: str = "") -> Commit:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Commit(sha=sha * 40, author="Ada", authored_at=at, committed_at=at, summary=summary, body=body)


def test_a_reverted_commit_is_undone_until_it_is_done_again() -> None:
    first = _commit("a", "Round up")
    undo = _commit("b", 'Revert "Round up"', f"This reverts commit {'a' * 40}.")
    again = _commit("c", 'Revert "Revert "Round up""', f"This reverts commit {'b' * 40}.")
    assert set(reverted_commits([undo, first])) == {first.sha}
    assert set(reverted_commits([again, undo, first])) == {undo.sha}
    assert set(reverted_commits([_commit("d", 'Revert "Round up"'), first])) == {first.sha}


def test_the_message_with_the_rarest_common_words_fits_best() -> None:
    commits = [_commit("a", "Round the tax rate"), _commit("b", "Show the tax"), _commit("c", "Show the page")]
    fits = message_fits(commits, _clues("the tax rate is rounded"))
    assert max(fits, key=lambda sha: fits[sha].strength) == commits[0].sha
    assert commits[2].sha not in fits


def test_names_in_changed_lines_are_whole_words_that_were_not_just_moved() -> None:
    files = parse_patch(
        "diff --git a b\n--- a.py\n+++ a.py\n@@ -1,3 +1,3 @@\n"
        "-parse_rates()\n-moved_name()\n-x\n+parse_rate()\n+moved_name()\n+y\n"
    )
    assert names_in(files, ["parse_rate", "moved_name", "rate"]) == ["parse_rate"]


@pytest.mark.parametrize("path", ["package-lock.json", "api/requirements.txt", "go.sum", "app/build.gradle.kts", "Cargo.lock"])
def test_manifests_are_known(path: str) -> None:
    assert is_manifest(path)
    assert not is_manifest(f"{path}.py")


@pytest.mark.parametrize(
    "path", ["Dockerfile", "deploy/values.yaml", "shop/settings.py", ".env.production", "docker-compose.yml"]
)
def test_settings_are_known(path: str) -> None:
    assert is_settings(path)
    assert not is_settings("shop/cart.py")


@pytest.mark.parametrize("path", [".pre-commit-config.yaml", ".github/release-config.yml", "api/tox.ini", "jest.config.json"])
def test_what_only_developers_run_is_no_setting(path: str) -> None:
    assert not is_settings(path)

"""git runs in a closed environment, with a time-out and a size limit on every call."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sahur_core.code.git.command import Git
from sahur_core.errors import GitFailed, RepositoryTimeout


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "bare")], check=True)
    return tmp_path / "bare"


def test_nothing_of_the_callers_environment_reaches_git(bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Mallory\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.email")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "mallory@example.org")
    listed = Git(bare).run("config", "--list").text
    assert "mallory" not in listed.lower()
    assert "core.hookspath=/dev/null" in listed.lower()


def test_a_failing_call_says_why_in_gits_words(bare: Path) -> None:
    with pytest.raises(GitFailed, match="cat-file failed: Not a valid object name nothing") as failure:
        Git(bare).run("cat-file", "-t", "nothing")
    assert failure.value.returncode == 128


def test_expected_exit_codes_are_no_failure(bare: Path) -> None:
    assert Git(bare).run("rev-parse", "--verify", "--quiet", "HEAD", ok_codes=(0, 1)).returncode == 1


def test_output_is_cut_at_the_limit_and_git_is_stopped(bare: Path) -> None:
    git = Git(bare)
    blob = git.run("hash-object", "-w", "--stdin", stdin=b"x" * 100_000).text.strip()
    output = git.run("cat-file", "blob", blob, max_bytes=10)
    assert output.stdout == b"x" * 10
    assert output.is_truncated


def test_a_call_that_takes_too_long_is_stopped_with_all_it_started(bare: Path) -> None:
    slow = Git(bare, settings=["alias.slow=!sleep 60 & sleep 60"])
    with pytest.raises(RepositoryTimeout, match=r"took longer than 0\.2 seconds"):
        slow.run("slow", timeout=0.2)


def test_much_input_and_output_at_once_does_not_block(bare: Path) -> None:
    git = Git(bare)
    blob = git.run("hash-object", "-w", "--stdin", stdin=b"y" * 1000).text.strip()
    output = git.run("cat-file", "--batch", stdin=f"{blob}\n".encode() * 3000, max_bytes=64 * 1024 * 1024)
    assert len(output.stdout) > 3_000_000


def test_no_protocol_is_allowed_unless_it_is_listed(bare: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    for protocols in ((), ("https", "ssh"), ("file",)):
        with pytest.raises(GitFailed, match="transport 'ext' not allowed"):
            Git(bare, protocols=protocols).run("fetch", "--", f"ext::touch {marker}")
    with pytest.raises(GitFailed, match="transport 'file' not allowed"):
        Git(bare, protocols=("https", "ssh")).run("fetch", "--", f"file://{bare}")
    assert not marker.exists()

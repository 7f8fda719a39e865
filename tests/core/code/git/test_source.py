"""Only https and ssh addresses of public hosts are cloned; local paths only for those who may name them."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from sahur_core.code.git.source import check_address, check_source, is_local
from sahur_core.errors import RepositoryMissing, RepositoryRefused


@pytest.mark.parametrize(
    ("source", "normalized"),
    [
        ("https://github.com/org/project.git", "https://github.com/org/project.git"),
        (" HTTPS://GitHub.com/org/project/ ", "https://github.com/org/project"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("ssh://git@example.org:2222/a/b", "ssh://git@example.org:2222/a/b"),
        ("git@example.org:org/project.git", "git@example.org:org/project.git"),
        ("https://[2606:4700::1111]/a", "https://[2606:4700::1111]/a"),
    ],
)
def test_addresses_of_public_hosts_are_normalized(source: str, normalized: str) -> None:
    assert check_source(source) == normalized


@pytest.mark.parametrize(
    "source",
    [
        "",
        "   ",
        "--upload-pack=touch /tmp/x",
        "-u",
        "ext::sh -c 'touch /tmp/x'",
        "fd::17",
        "file:///etc",
        "http://example.org/a",
        "git://example.org/a",
        "ftp://example.org/a",
        "https://example.org",
        "https://example.org/",
        "https://example.org/-x",
        "https://example.org/a?x=1",
        "https:///a",
        "https://exa mple.org/a",
        "https://example.org:port/a",
        "ssh://-oProxyCommand=touch/a",
        "ssh://-oProxyCommand=x@example.org/a",
        "-oProxyCommand=x@example.org:a",
        "git@example.org:-x",
        "https://example.org/a\nfoo",
        "https://example.org/a\0",
        "https://example.org/" + "a" * 1000,
    ],
)
def test_anything_else_is_refused_with_a_next_step(source: str) -> None:
    with pytest.raises(RepositoryRefused) as refusal:
        check_source(source)
    assert refusal.value.next_step
    assert refusal.value.field == "repository"


@pytest.mark.parametrize(
    "source", ["https://token@example.org/a", "https://ada:secret@example.org/a", "ssh://git:secret@example.org/a"]
)
def test_secrets_in_addresses_are_refused_and_not_repeated(source: str) -> None:
    with pytest.raises(RepositoryRefused, match="password or token") as refusal:
        check_source(source)
    assert "secret" not in str(refusal.value)


# ruff: noqa: S104
PRIVATE = [
    "localhost", "LOCALHOST", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "10.1.2.3", "172.16.0.1",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]",
    "[2002:7f00:1::]", "[64:ff9b::a9fe:a9fe]", "intranet", "git.local", "db.internal", "localhost.", "224.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("form", ["https://{}/a", "ssh://git@{}/a"])
def test_private_hosts_are_refused(host: str, form: str) -> None:
    with pytest.raises(RepositoryRefused):
        check_source(form.format(host))


def test_private_hosts_are_refused_in_the_short_ssh_form() -> None:
    with pytest.raises(RepositoryRefused, match="private network"):
        check_source("git@10.0.0.1:org/project")


def test_listed_private_hosts_are_allowed() -> None:
    assert check_source("https://git.internal/a", private_hosts=["Git.Internal"]) == "https://git.internal/a"


def test_local_paths_are_refused_without_permission_whether_or_not_they_exist(tmp_path: Path) -> None:
    for source in (str(tmp_path), "/does/not/exist", "./x", "../x", "~/x", "some folder"):
        with pytest.raises(RepositoryRefused, match="not an address"):
            check_source(source)


def test_a_path_is_advised_only_where_paths_are_read(tmp_path: Path) -> None:
    with pytest.raises(RepositoryRefused) as refusal:
        check_source("file:///srv/shop")
    assert "https://" in refusal.value.next_step
    with pytest.raises(RepositoryRefused) as refusal:
        check_source("file:///srv/shop", roots=[tmp_path])
    assert refusal.value.next_step == "Give the path itself."


def test_the_command_line_may_name_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my project").mkdir()
    monkeypatch.chdir(tmp_path)
    assert check_source("my project", allow_local=True) == str(tmp_path / "my project")
    assert is_local(check_source(str(tmp_path), allow_local=True))
    with pytest.raises(RepositoryRefused, match="There is no folder"):
        check_source("/does/not/exist", allow_local=True)


def test_folders_below_the_roots_may_be_named_and_nothing_else(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "project", outside):
        folder.mkdir(parents=True)
    (root / "link").symlink_to(outside)
    assert check_source(str(root / "project"), roots=[root]) == str(root / "project")
    for source in (str(outside), f"{root}/../outside", str(root / "link"), f"{root}x"):
        with pytest.raises(RepositoryRefused, match="not in a folder"):
            check_source(source, roots=[root])


@pytest.mark.parametrize("trick", ["gitdir", "alternates", "objects", "alternates of alternates", "a linked pack"])
def test_a_repository_below_the_roots_cannot_borrow_from_outside(tmp_path: Path, trick: str) -> None:
    root, secret = tmp_path / "root", tmp_path / "secret"
    for folder in (root / "project", secret):
        folder.mkdir(parents=True)
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    git_dir = root / "project" / ".git"
    if trick == "gitdir":
        git_dir.rename(root / "project" / "unused")
        git_dir.write_text(f"gitdir: {secret}/.git\n")
    elif trick == "alternates of alternates":
        between = root / "between"
        (between / "info").mkdir(parents=True)
        (between / "info" / "alternates").write_text(f"{secret}/.git/objects\n")
        (git_dir / "objects" / "info" / "alternates").write_text(f"{between}\n")
    elif trick == "a linked pack":
        (git_dir / "objects" / "pack" / "pack-1.pack").symlink_to(secret / ".git" / "HEAD")
    elif trick == "alternates":
        (git_dir / "objects" / "info" / "alternates").write_text(f"{secret}/.git/objects\n")
    else:
        (git_dir / "objects").rename(root / "project" / "unused")
        (git_dir / "objects").symlink_to(secret / ".git" / "objects")
    with pytest.raises(RepositoryRefused, match="outside of the permitted"):
        check_source(str(root / "project"), roots=[root])


def _resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_a_public_name_for_a_private_address_is_refused_when_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolve_to(monkeypatch, "93.184.215.14", "10.0.0.1")
    with pytest.raises(RepositoryRefused, match="private network"):
        check_address("https://innocent.example.org/a")
    assert check_address("https://innocent.example.org/a", ["innocent.example.org"])


def test_https_is_pinned_to_the_addresses_that_were_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolve_to(monkeypatch, "93.184.215.14")
    assert check_address("https://example.org/a") == ["http.curloptResolve=example.org:443:93.184.215.14"]
    assert check_address("git@example.org:a") == []


def test_a_host_that_cannot_be_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(RepositoryMissing, match=r"example\.org of the repository cannot be found"):
        check_address("https://example.org/a")

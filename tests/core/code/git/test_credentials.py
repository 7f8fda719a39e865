"""Private repositories: credentials open them, reach no other host, and are found in no file, argument or message."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from sahur_core.code.git import command
from sahur_core.code.git.clone import clone_or_update
from sahur_core.code.git.credentials import HttpsCredentials, SshCredentials, check_credentials
from sahur_core.code.git.repository import Repository
from sahur_core.errors import RepositoryMissing, RepositoryRefused
from tests.core.code.conftest import Origin
from tests.fakes.git_hosts import ADDRESS, HttpsGitHost, SshGitHost

TOKEN = "tkn-7f3b9c0d5e"
PRIVATE_HOSTS = [ADDRESS]


def _clone(source: str, store: Path, credentials: HttpsCredentials | SshCredentials | None) -> str:
    clone_or_update(source, store, lambda _: None, private_hosts=PRIVATE_HOSTS, credentials=credentials)
    return Repository.open(store).resolve("")


@pytest.fixture
def https_host(origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpsGitHost]:
    with HttpsGitHost(tmp_path, tmp_path, token=TOKEN) as host:
        # The host's certificate is of its own making.
        monkeypatch.setattr(command, "_SETTINGS", (*command._SETTINGS, f"http.sslCAInfo={host.certificate}"))
        yield host


@pytest.fixture
def ssh_host(origin: Origin, tmp_path: Path) -> Iterator[SshGitHost]:
    with SshGitHost(tmp_path) as host:
        yield host


def test_a_token_opens_an_https_repository_and_its_updates(https_host: HttpsGitHost, origin: Origin, tmp_path: Path) -> None:
    credentials = HttpsCredentials("robot", TOKEN)
    source, store = f"{https_host.url}/origin/.git", tmp_path / "store"
    assert origin.commit("First", {"a.txt": "1\n"}) == _clone(source, store, credentials)
    assert origin.commit("Second", {"a.txt": "2\n"}) == _clone(source, store, credentials)
    assert all(seen.startswith("Basic ") for seen in https_host.seen), "no round without"


@pytest.mark.parametrize(("token", "cause"), [("", "it asks for a sign-in"), ("wrong-tkn", "it does not accept the token")])
def test_without_the_right_token_it_is_said_what_is_missing(
    https_host: HttpsGitHost, origin: Origin, tmp_path: Path, token: str, cause: str
) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    credentials = HttpsCredentials("robot", token) if token else None
    with pytest.raises(RepositoryMissing, match=cause) as error:
        _clone(f"{https_host.url}/origin/.git", tmp_path / "store", credentials)
    assert "give credentials" in error.value.next_step
    assert "wrong-tkn" not in repr(error.value) + str(error.value.__cause__) + vars(error.value.__cause__)["stderr"]


def test_a_redirect_carries_no_token_away(
    https_host: HttpsGitHost, origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    (tmp_path / "other").mkdir()
    with HttpsGitHost(tmp_path, tmp_path / "other", token=TOKEN, redirect_to=https_host.url) as moved:
        both = tmp_path / "both.pem"
        both.write_bytes(https_host.certificate.read_bytes() + moved.certificate.read_bytes())
        monkeypatch.setattr(command, "_SETTINGS", (*command._SETTINGS, f"http.sslCAInfo={both}"))
        with pytest.raises(RepositoryMissing, match="another address"):
            _clone(f"{moved.url}/origin/.git", tmp_path / "store", HttpsCredentials("robot", TOKEN))
        assert moved.seen
    assert https_host.seen == []


def test_a_key_opens_an_ssh_repository_and_its_updates(ssh_host: SshGitHost, origin: Origin, tmp_path: Path) -> None:
    credentials = SshCredentials(ssh_host.private_key, ssh_host.known_hosts)
    source, store = f"{ssh_host.url}/origin", tmp_path / "store"
    assert origin.commit("First", {"a.txt": "1\n"}) == _clone(source, store, credentials)
    assert origin.commit("Second", {"a.txt": "2\n"}) == _clone(source, store, credentials)


def test_another_key_is_not_accepted(ssh_host: SshGitHost, origin: Origin, tmp_path: Path) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode()
    with pytest.raises(RepositoryMissing, match="does not accept the private key"):
        _clone(f"{ssh_host.url}/origin", tmp_path / "store", SshCredentials(stranger, ssh_host.known_hosts))


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
def test_the_host_key_of_the_first_time_is_kept_and_no_other_taken(origin: Origin, tmp_path: Path, kind: str) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    store = tmp_path / "store"
    with SshGitHost(tmp_path) as host:
        credentials = SshCredentials(host.private_key)
        _clone(f"{host.url}/origin", store, credentials)
        port, key = host.port, host.key
    assert f"[{ADDRESS}]:{port}" in (store / "known_hosts").read_text()
    with (
        SshGitHost(tmp_path, key, asyncssh.generate_private_key(kind), port) as changed,
        pytest.raises(RepositoryMissing, match="host's ssh key has changed"),
    ):
        _clone(f"{changed.url}/origin", store, credentials)


def test_an_unknown_host_is_refused_where_known_hosts_were_given(ssh_host: SshGitHost, origin: Origin, tmp_path: Path) -> None:
    origin.commit("First", {"a.txt": "1\n"})
    other = SshGitHost(tmp_path, port=ssh_host.port)
    with pytest.raises(RepositoryMissing, match="host's ssh key"):
        _clone(f"{ssh_host.url}/origin", tmp_path / "store", SshCredentials(ssh_host.private_key, other.known_hosts))


def test_no_file_and_no_command_line_holds_a_secret(
    https_host: HttpsGitHost, ssh_host: SshGitHost, origin: Origin, tmp_path: Path
) -> None:
    origin.commit("First", {f"{number}.bin": os.urandom(100_000) for number in range(10)})
    https, ssh = HttpsCredentials("robot", TOKEN), SshCredentials(ssh_host.private_key, ssh_host.known_hosts)
    with _CommandLines() as lines:
        _clone(f"{https_host.url}/origin/.git", tmp_path / "https", https)
        _clone(f"{ssh_host.url}/origin", tmp_path / "ssh", ssh)
    assert any("remote-https" in line for line in lines.seen)
    assert any(line.startswith("ssh ") for line in lines.seen)
    encoded = https_host.seen[0].removeprefix("Basic ")
    body = ssh_host.private_key.splitlines()[2]
    for secret in (TOKEN, encoded, body):
        assert not [line for line in lines.seen if secret in line]
        for store in (tmp_path / "https", tmp_path / "ssh"):
            assert not [file for file in store.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]
    assert TOKEN not in repr(https)
    assert body not in repr(ssh)


class _CommandLines:
    """The command lines of this process's descendants, looked at all the time."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _CommandLines:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.is_set():
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = place.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                except OSError:
                    continue  # it has ended
                if ADDRESS in line:
                    self.seen.add(line)
            time.sleep(0.005)


@pytest.mark.skipif(sys.platform != "linux", reason="only there is the key kept in memory")
def test_a_kill_leaves_no_key_behind(ssh_host: SshGitHost, origin: Origin, tmp_path: Path) -> None:
    origin.commit("First", {f"{number}.bin": os.urandom(200_000) for number in range(20)})
    code = (
        "import sys, os, signal; from pathlib import Path; from sahur_core.code.git.clone import clone_or_update\n"
        "from sahur_core.code.git.credentials import SshCredentials\n"
        "clone_or_update(sys.argv[1], Path(sys.argv[2]), lambda text: '%' in text and os.kill(os.getpid(), signal.SIGKILL),\n"
        "    private_hosts=['127.0.0.1'], credentials=SshCredentials(sys.stdin.read()))"
    )
    folder = tmp_path / "tmp"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, f"{ssh_host.url}/origin", str(tmp_path / "store")],
        input=ssh_host.private_key,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(folder)},
        cwd=Path.cwd(),
    )
    assert done.returncode == -9
    assert list(folder.iterdir()) == []
    body = ssh_host.private_key.splitlines()[2].encode()
    assert not [file for file in (tmp_path / "store").rglob("*") if file.is_file() and body in file.read_bytes()]


def test_a_key_with_a_passphrase_is_refused_in_words(tmp_path: Path) -> None:
    for kind in ("ed25519", "ecdsa"):
        for form in ("RFC4716", "PEM"):
            file = tmp_path / f"{kind}-{form}"
            subprocess.run(["ssh-keygen", "-q", "-t", kind, "-m", form, "-N", "secret", "-f", str(file)], check=True)
            with pytest.raises(RepositoryRefused, match="has a passphrase"):
                check_credentials("git@git.example.org:a", SshCredentials(file.read_text()))


@pytest.mark.parametrize(
    ("source", "credentials", "message"),
    [
        ("https://git.example.org/a", SshCredentials("any"), "An https address takes a token"),
        ("ssh://git@git.example.org/a", HttpsCredentials("u", "t"), "An ssh address takes a private key"),
        ("git@git.example.org:a", HttpsCredentials("u", "t"), "An ssh address takes a private key"),
        ("/srv/a", HttpsCredentials("u", "t"), "A path of this machine takes no credentials"),
        ("https://git.example.org/a", HttpsCredentials("u", "t\r\nX-Evil: 1"), "The token is empty"),
        ("https://git.example.org/a", HttpsCredentials("u:v", "t"), "The user name"),
        ("ssh://git@git.example.org/a", SshCredentials("not a key"), "no private key that ssh can use"),
    ],
)
def test_credentials_that_cannot_work_are_refused_in_words(
    source: str, credentials: HttpsCredentials | SshCredentials, message: str
) -> None:
    with pytest.raises(RepositoryRefused, match=message) as error:
        check_credentials(source, credentials)
    assert error.value.next_step
    assert error.value.field == "credentials"

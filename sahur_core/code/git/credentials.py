"""What a private repository is fetched with, and how git is handed it: never on a command line, never in a file of the clone.

A token travels in git's environment, as a header that git sends to the repository's own host and to no other
(`http.<url>.extraHeader`, git-config(1); redirects are off). A private key lies in memory that only our own user's
processes can open, and `ssh` is told to offer nothing else.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

from sahur_core.errors import RepositoryRefused

MAX_SECRET_CHARS = 20_000
_USUAL_USER = "x-access-token"
"""GitHub's name for a token; GitLab, Gitea and Bitbucket ask for one of their own or take any."""


@dataclass(frozen=True)
class HttpsCredentials:
    """A user and a token or password. `username` may be empty where the host looks at the token alone."""

    username: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class SshCredentials:
    """A private key without passphrase, as `ssh-keygen` writes it, and lines of a known_hosts file.

    Without `known_hosts` the key that the host shows first is kept beside the clone, and no other is accepted later.
    """

    private_key: str = field(repr=False)
    known_hosts: str = ""


Credentials = HttpsCredentials | SshCredentials


@dataclass(frozen=True)
class Handover:
    """What a git process gets: variables of its environment, and the texts that no message may hold."""

    environment: dict[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def check_credentials(source: str, credentials: Credentials) -> None:
    """Whether they fit a checked source. Raises `RepositoryRefused`, in words that hold no secret."""
    is_https = source.startswith("https://")
    if source.startswith("/"):
        raise _refused("A path of this machine takes no credentials.", "Leave them out.")
    if isinstance(credentials, HttpsCredentials):
        if not is_https:
            raise _refused("An ssh address takes a private key, not a token.", "Give a deploy key, or the https:// address.")
        _check_token(credentials)
        return
    if is_https:
        raise _refused("An https address takes a token, not a private key.", "Give a token, or the ssh:// address.")
    _check_key(credentials.private_key)
    if len(credentials.known_hosts) > MAX_SECRET_CHARS or "\0" in credentials.known_hosts:
        raise _refused("The known hosts are too long or no text.", "Give the lines that `ssh-keyscan` prints for the host.")


@contextmanager
def handed_over(source: str, credentials: Credentials | None, directory: Path) -> Iterator[Handover]:
    """Credentials in the form in which git takes them, for as long as the block runs. `directory` is the repository's."""
    if credentials is None:
        yield Handover()
        return
    check_credentials(source, credentials)
    if isinstance(credentials, HttpsCredentials):
        yield _header(source, credentials)
        return
    with _key_file(credentials.private_key.strip() + "\n") as key:
        yield Handover({"GIT_SSH_COMMAND": _ssh_command(key, _hosts_file(credentials, directory))}, _lines(credentials))


def _header(source: str, credentials: HttpsCredentials) -> Handover:
    url = urlsplit(source)
    pair = f"{credentials.username or _USUAL_USER}:{credentials.token}"
    encoded = base64.b64encode(pair.encode()).decode("ascii")
    environment = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{url.scheme}://{url.netloc}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {encoded}",
    }
    return Handover(environment, (encoded, credentials.token))


def _ssh_command(key: str, hosts: Path) -> str:
    """`accept-new` alone would also take a key of another type from a host that is known already."""
    is_first_use = not hosts.is_file() or not hosts.read_text("utf-8", "replace").strip()
    options = {
        "BatchMode": "yes",
        "ClearAllForwardings": "yes",
        "ConnectTimeout": "15",
        "GlobalKnownHostsFile": "/dev/null",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "IdentityFile": key,
        "PreferredAuthentications": "publickey",
        "StrictHostKeyChecking": "accept-new" if is_first_use else "yes",
        "UpdateHostKeys": "no",
        "UserKnownHostsFile": str(hosts).replace("%", "%%"),
    }
    return " ".join(["ssh", "-F", "none", *(_quoted(f"-o{name}={_ssh_value(value)}") for name, value in options.items())])


def _hosts_file(credentials: SshCredentials, directory: Path) -> Path:
    if not credentials.known_hosts.strip():
        return directory / "known_hosts"
    given = directory / "known_hosts.given"
    given.write_text(credentials.known_hosts.strip() + "\n", "utf-8")
    return given


@contextmanager
def _key_file(key: str) -> Iterator[str]:
    """A path under which ssh can read the key. In memory where the system can, so that no kill leaves it behind."""
    if not hasattr(os, "memfd_create"):
        with tempfile.NamedTemporaryFile("w", prefix="sahur-", encoding="utf-8") as file:  # of mode 0600
            file.write(key)
            file.flush()
            yield file.name
        return
    handle = os.memfd_create("key", os.MFD_CLOEXEC)
    try:
        os.fchmod(handle, 0o600)  # ssh refuses a key that others could read
        os.write(handle, key.encode())
        # ssh closes what it inherits before it looks for its key, so it must open ours anew.
        yield f"/proc/{os.getpid()}/fd/{handle}"
    finally:
        os.close(handle)


def _check_token(credentials: HttpsCredentials) -> None:
    token, user = credentials.token, credentials.username
    if not token or len(token) > MAX_SECRET_CHARS or not token.isprintable() or token != token.strip():
        raise _refused("The token is empty, too long, or holds spaces at its ends or line breaks.", "Copy the token again.")
    if ":" in user or len(user) > 200 or (user and not user.isprintable()):
        raise _refused("The user name of the credentials is not valid.", "Give it without a colon, or leave it out.")


def _check_key(key: str) -> None:
    data = (key.strip() + "\n").encode()
    load = load_ssh_private_key if "BEGIN OPENSSH PRIVATE KEY" in key else load_pem_private_key
    try:
        if len(data) > MAX_SECRET_CHARS:
            raise ValueError("too long")
        load(data, password=None)
    except TypeError as error:
        raise _refused(
            "The private key has a passphrase.", "Make a deploy key without one: ssh-keygen -t ed25519 -N ''."
        ) from error
    except (ValueError, UnsupportedAlgorithm):
        # Without its cause: that may quote the key.
        raise _refused("That is no private key that ssh can use.", "Give the whole file, with its first and last line.") from None


def _lines(credentials: SshCredentials) -> tuple[str, ...]:
    return tuple(line for line in credentials.private_key.splitlines() if line and not line.startswith("-----"))


def _ssh_value(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _refused(message: str, next_step: str) -> RepositoryRefused:
    return RepositoryRefused(message, next_step=next_step, field="credentials")

"""Which repository addresses may be cloned: https and ssh; local paths only for those who may name them.

Checked twice: `check_source` when somebody names a repository (form and literal addresses, no network), and
`check_address` right before git connects (what the name resolves to; https is then pinned to that address).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sahur_core.errors import RepositoryMissing, RepositoryRefused

MAX_SOURCE_CHARS = 1000
_SCP_FORM = re.compile(r"^(?:(?P<user>[\w.-]+)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+):(?P<path>(?!:)[^:].*)$")
_HOST = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")
_USER = re.compile(r"^[A-Za-z0-9_][\w.-]*$")
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""Where a gateway translates to the IPv4 address in the last four bytes (RFC 6052, section 2.1)."""
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
"""For translation within a network (RFC 8215)."""
_COMPATIBLE = ipaddress.IPv6Network("::/96")
"""IPv4 addresses in the oldest form (RFC 4291, section 2.5.5.1), which no public host has."""
MAX_ALTERNATES = 20
_PORTS = {"https": 443, "ssh": 22}


def check_source(source: str, *, allow_local: bool = False, private_hosts: Sequence[str] = (), roots: Sequence[Path] = ()) -> str:
    """The normalized address or absolute path; raises `RepositoryRefused` with what to do instead.

    `allow_local` permits any local path (the command line); otherwise only paths below `roots`. `private_hosts` lists
    the names that may resolve to private or link-local addresses.
    """
    source = source.strip()
    if not source:
        raise _refused("No repository was given.", "Give its https or ssh address.")
    if len(source) > MAX_SOURCE_CHARS or not source.isprintable():
        raise _refused("The repository address is too long or holds control characters.", "Copy the address again.")
    if source.startswith("-") or "::" in source.split("[")[0]:
        raise _refused(f"{source!r} is not a repository address.", "Use https://… or ssh://…")
    if "://" in source:
        return _check_url(source, private_hosts, takes_paths=allow_local or bool(roots))
    if source.startswith(("/", "./", "../", "~")) or source in (".", "..") or not _SCP_FORM.match(source):
        return _check_local(source, allow_local=allow_local, roots=roots)
    if allow_local and Path(source).is_dir():
        return _check_local(source, allow_local=True, roots=roots)
    return _check_scp_form(source, private_hosts)


def is_local(source: str) -> bool:
    """Whether a checked source is a path of this machine."""
    return source.startswith("/")


def check_address(source: str, private_hosts: Sequence[str] = ()) -> list[str]:
    """Resolve the host of a checked remote source and refuse private addresses; for https, git settings that pin it.

    Raises `RepositoryRefused`, and `RepositoryMissing` if the name does not resolve.
    """
    scheme, host, port = _endpoint(source)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RepositoryMissing(
            f"The host {host} of the repository cannot be found.", next_step="Check the address and the network of the indexer."
        ) from error
    addresses = sorted({str(entry[4][0]).split("%")[0] for entry in found})
    if host.lower() not in {name.lower() for name in private_hosts}:
        for address in addresses:
            if not _is_public(ipaddress.ip_address(address)):
                raise _private(host)
    if scheme != "https":
        return []  # ssh checks the host's key instead
    return [f"http.curloptResolve={host}:{port}:{','.join(addresses)}"]


def _check_url(source: str, private_hosts: Sequence[str], *, takes_paths: bool) -> str:
    try:
        url = urlsplit(source)
        port = url.port
    except ValueError as error:
        raise _refused(f"{source!r} is not a valid address.", "Use https://… or ssh://…") from error
    scheme = url.scheme.lower()
    if scheme not in _PORTS:
        is_path = scheme == "file" and takes_paths
        hint = "Give the path itself." if is_path else "Use the https:// or ssh:// address of the repository."
        raise _refused(f"Repositories cannot be read over {scheme}://.", hint)
    _check_user(url, scheme)
    host = _check_host(url.hostname or "", private_hosts)
    if url.query or url.fragment or url.path.strip("/") == "" or url.path.startswith("/-"):
        raise _refused(f"{source.split('?')[0]!r} does not name a repository.", "Give the address that `git clone` takes.")
    user = f"{url.username}@" if url.username else ""
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = f":{port}" if port and port != _PORTS[scheme] else ""
    return f"{scheme}://{user}{shown_host}{shown_port}{url.path.rstrip('/')}"


def _check_user(url: SplitResult, scheme: str) -> None:
    if url.password is not None or (scheme == "https" and url.username is not None):
        raise _refused(
            "The address holds a password or token, which everybody who sees the repository could read.",
            "Remove it; the credentials of a private repository are given apart from its address.",
        )
    if url.username is not None and not _USER.match(url.username):
        raise _refused("The user in the address is not valid.", "Use ssh://git@host/path.")


def _check_scp_form(source: str, private_hosts: Sequence[str]) -> str:
    match = _SCP_FORM.match(source)
    if match is None or match["path"].startswith("-") or not _USER.match(match["user"] or "git"):
        raise _refused(f"{source!r} is not a repository address.", "Use https://… or ssh://…")
    _check_host(match["host"].strip("[]"), private_hosts)
    return source.rstrip("/")


def _check_host(host: str, private_hosts: Sequence[str]) -> str:
    """Literal addresses and names that are local by convention; what other names mean is known only when connecting."""
    host = host.lower().rstrip(".")
    address = _literal_address(host)
    if address is None and not _HOST.match(host):
        raise _refused(f"{host!r} is not a host name.", "Use https://host/path or ssh://git@host/path.")
    if host in {name.lower() for name in private_hosts}:
        return host
    if address is not None and not _is_public(address):
        raise _private(host)
    if address is None and ("." not in host or host.endswith(_PRIVATE_SUFFIXES)):
        raise _private(host)
    return host


def _literal_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Also the old spellings of IPv4 that resolvers accept: `127.1`, `0x7f000001`, `2130706433`."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, UnicodeError):
            return None


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64_LOCAL or address in _COMPATIBLE:
            return False
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast


def _endpoint(source: str) -> tuple[str, str, int]:
    if "://" in source:
        url = urlsplit(source)
        return url.scheme, url.hostname or "", url.port or _PORTS[url.scheme]
    match = _SCP_FORM.match(source)
    return "ssh", match["host"].strip("[]") if match else "", _PORTS["ssh"]


def _check_local(source: str, *, allow_local: bool, roots: Sequence[Path]) -> str:
    allowed = [root.resolve() for root in roots]
    if not allow_local and (not allowed or not Path(source).is_absolute()):
        raise _refused(
            f"{source!r} is not an address that may be cloned.",
            "Use the https:// or ssh:// address of the repository. Folders are read only below SAHUR_REPOSITORY_ROOTS.",
        )
    path = Path(source).expanduser().resolve()
    if not allow_local and not _is_inside(path, allowed):
        raise _refused("That path is not in a folder that repositories may be read from.", "See SAHUR_REPOSITORY_ROOTS.")
    if not path.is_dir():
        raise _refused(f"There is no folder {path}.", "Give the folder of a git repository.")
    if not allow_local:
        _check_git_folder(path, allowed)
    return str(path)


def _check_git_folder(path: Path, allowed: Sequence[Path]) -> None:
    """A repository below the roots must not borrow its objects from outside of them."""
    git = path / ".git"
    if git.is_file():
        pointer = git.read_text("utf-8", "replace").strip().removeprefix("gitdir:").strip()
        git = path / pointer
    git_dir = git.resolve() if git.exists() else path
    places = [git_dir]
    common = git_dir / "commondir"
    if common.is_file():
        places.append((git_dir / common.read_text("utf-8", "replace").strip()).resolve())
    stores = [(place / "objects").resolve() for place in places]
    for store in stores:  # grows: what is borrowed from may borrow itself
        places += [store, *(Path(entry).resolve() for entry in _links(store))]
        alternates = store / "info" / "alternates"
        if alternates.is_file() and len(stores) <= MAX_ALTERNATES:
            lines = alternates.read_text("utf-8", "replace").splitlines()
            named = [(store / line).resolve() for line in lines if line.strip() and not line.startswith("#")]
            stores += [each for each in named if each not in stores]
    if len(stores) > MAX_ALTERNATES:
        raise _refused("That repository borrows its objects from very many others.", "Clone it whole.")
    if not all(_is_inside(place, allowed) for place in places):
        raise _refused("That repository keeps its objects outside of the permitted folders.", "See SAHUR_REPOSITORY_ROOTS.")


def _links(store: Path) -> list[Path]:
    """The symbolic links among an object store's folders and packs."""
    folders = list(store.iterdir()) if store.is_dir() else []
    packs = store / "pack"
    inner = list(packs.iterdir()) if packs.is_dir() else []
    return [entry for entry in [*folders, *inner] if entry.is_symlink()]


def _is_inside(path: Path, allowed: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root) for root in allowed)


def _private(host: str) -> RepositoryRefused:
    return _refused(f"The host {host} is in a private network.", "An operator can list it in SAHUR_REPOSITORY_PRIVATE_HOSTS.")


def _refused(message: str, next_step: str) -> RepositoryRefused:
    return RepositoryRefused(message, next_step=next_step, field="repository")

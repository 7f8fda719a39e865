"""Where a repository is at home, as links name it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SCP = re.compile(r"(?:[\w.\-]{1,64}@)?(?P<host>[\w.\-]{2,253}):(?P<path>[\w.\-/~]{1,500})")


def remote_of(source: str) -> str:
    """`github.com/acme/shop` of an https or ssh address, without credentials and `.git`; empty for a path of this machine."""
    scp = None if "://" in source else _SCP.fullmatch(source)
    if scp:
        host, path = scp["host"], scp["path"]
    else:
        try:
            parts = urlsplit(source)
            host, path = parts.hostname or "", parts.path
        except ValueError:
            return ""
        if parts.scheme not in ("https", "http", "ssh", "git"):
            return ""
    path = path.strip("/").removesuffix(".git")
    return f"{host.lower()}/{path}" if host and "/" in path else ""

"""How keys of machines and tickets of sockets look, and what of them is stored.

Both are long and random, so a plain SHA-256 is enough (nothing to guess), and looking the digest up in an index tells
an attacker's clock nothing about the key itself.
"""

from __future__ import annotations

import hashlib
import re
import secrets

API_KEY = re.compile(r"^sahur_([0-9a-f]{8})_([0-9a-f]{48})$")


def new_api_key() -> tuple[str, str]:
    """A key `sahur_<prefix>_<secret>` and its prefix. The fixed start lets secret scanners find leaked keys."""
    prefix = secrets.token_hex(4)
    return f"sahur_{prefix}_{secrets.token_hex(24)}", prefix


def new_ticket() -> str:
    """A ticket; its characters are allowed in the name of a WebSocket subprotocol."""
    return secrets.token_hex(24)


def new_one_time_password() -> str:
    """A password that a person can type once: 96 random bits in four groups."""
    raw = secrets.token_hex(12)
    return "-".join(raw[start : start + 6] for start in range(0, 24, 6))


def digest(secret: str) -> str:
    """What is stored of a secret: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()

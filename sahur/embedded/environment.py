"""The environment of an embedded system: made once, kept in `.sahur/env`, handed to every process.

People may add lines of their own to the file (`SAHUR_MODEL=…`); they are kept.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_HEADER = "# Made by SAHUR for this clone. Secret: it holds the keys of this system. Lines of your own are kept.\n"


def read(path: Path) -> dict[str, str]:
    """The values of the file, as they are written; empty if there is none."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file in one step, readable for its owner only."""
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.chmod(0o600)
    draft.write_text(_HEADER + "".join(f"{name}={value}\n" for name, value in values.items()))
    draft.replace(path)


def with_secrets(values: Mapping[str, str]) -> dict[str, str]:
    """The values with every secret that is missing made anew; those that exist are never changed."""
    complete = dict(values)
    for name in ("SAHUR_SECRET_KEY", "SAHUR_INTERNAL_TOKEN", "SAHUR_VALKEY_PASSWORD"):
        complete.setdefault(name, secrets.token_urlsafe(48))
    if not complete.get("SAHUR_TOKEN_PRIVATE_KEY"):
        complete["SAHUR_TOKEN_PRIVATE_KEY"] = _one_line(
            Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
    private = load_pem_private_key(complete["SAHUR_TOKEN_PRIVATE_KEY"].replace("\\n", "\n").encode(), password=None)
    complete["SAHUR_TOKEN_PUBLIC_KEY"] = _one_line(
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return complete


def _one_line(pem: bytes) -> str:
    return pem.decode().strip().replace("\n", "\\n")


def apply(values: Mapping[str, str]) -> None:
    """Hand the values to this process and to all that it starts.

    They win over what the shell has: another project's `DATABASE_URL` must never be migrated by mistake.
    """
    os.environ.update(values)

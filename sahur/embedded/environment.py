"""The environment of an embedded system: made once, kept in `.sahur/env`, handed to every process.

People may add lines of their own to the file (`SAHUR_MODEL=…`); they are kept.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

# What holds the processes of this clone together: another project's value in the shell would break or harm it.
_WIRING = frozenset(
    {
        "SAHUR_SECRET_KEY",
        "SAHUR_ENCRYPTION_KEYS",
        "SAHUR_INTERNAL_TOKEN",
        "SAHUR_VALKEY_PASSWORD",
        "SAHUR_TOKEN_PRIVATE_KEY",
        "SAHUR_TOKEN_PUBLIC_KEY",
        "SAHUR_WEB_PORT",
        "SAHUR_MCP_PORT",
        "SAHUR_FLOWER_PORT",
        "SAHUR_VALKEY_PORT",
        "SAHUR_SERVER_URL",
        "SAHUR_MCP_URL",
        "SAHUR_FLOWER_URL",
        "SAHUR_REPOSITORY_DIR",
        "SAHUR_MCP_SPOOL_DIR",
        "SAHUR_EMBEDDED_DIR",
    }
)
_LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
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


def chosen_in_shell(shell: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """What the person set in the shell for this start: settings of SAHUR, but none of its wiring.

    The settings have put the `kept` values into the environment where the shell had none, so what is equal tells nothing.
    """
    return {
        name: value
        for name, value in shell.items()
        if name.startswith(("SAHUR_", "SLACK_")) and name not in _WIRING and value != kept.get(name)
    }


def with_chosen(values: Mapping[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    """The values for one start: what was chosen in the shell wins, and the page answers under the chosen address."""
    complete = {**values, **chosen}
    public = urlsplit(complete["SAHUR_PUBLIC_URL"])
    hosts = [host.strip() for host in complete.get("SAHUR_ALLOWED_HOSTS", "").split(",") if host.strip()]
    # The gateway and the start itself call the web server by its local name.
    named = [f"[{public.hostname}]" if ":" in public.hostname else public.hostname] if public.hostname else []
    complete["SAHUR_ALLOWED_HOSTS"] = ",".join(dict.fromkeys([*hosts, *_LOCAL_HOSTS, *named]))
    if "SAHUR_TRUSTED_ORIGINS" not in chosen and public.netloc:
        origins = [f"{public.scheme}://{public.netloc}", *values.get("SAHUR_TRUSTED_ORIGINS", "").split(",")]
        complete["SAHUR_TRUSTED_ORIGINS"] = ",".join(dict.fromkeys(origin for origin in origins if origin))
    return complete


def apply(values: Mapping[str, str]) -> None:
    """Hand the values to this process and to all that it starts.

    They win over what the shell has: another project's `DATABASE_URL` must never be migrated by mistake. What the shell
    may decide is among them already (`with_chosen`).
    """
    os.environ.update(values)

"""Secrets that SAHUR itself must read again: encrypted at rest under keys that can be replaced.

Fernet (AES-128-CBC with HMAC-SHA-256, https://github.com/fernet/spec) under keys derived with HKDF from
`settings.ENCRYPTION_KEYS`: the first seals, each opens. What was sealed for one purpose opens for no other, so that a row
whose sealed text was put in the place of another row's is refused.
"""

from __future__ import annotations

import base64
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from sahur_core.errors import SealBroken


def seal(purpose: str, values: dict[str, str]) -> str:
    """The values as text that only a holder of the keys can open, for this purpose."""
    return _box().encrypt(json.dumps({"for": purpose, "values": values}).encode()).decode("ascii")


def unseal(purpose: str, sealed: str) -> dict[str, str]:
    """What was sealed. Raises `SealBroken` if no key opens it, or if it was sealed for something else."""
    try:
        content = json.loads(_box().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise _broken() from error
    if content["for"] != purpose:
        raise _broken()
    values: dict[str, str] = content["values"]
    return values


def reseal(sealed: str) -> str:
    """The same under the first key. Raises `SealBroken` if none opens it."""
    try:
        return _box().rotate(sealed.encode()).decode("ascii")
    except InvalidToken as error:
        raise _broken() from error


def _box() -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in settings.ENCRYPTION_KEYS])


def _derived(key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"sahur sealed secrets")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))


def _broken() -> SealBroken:
    return SealBroken(
        "A stored secret cannot be opened with the keys of this system.",
        next_step="Put the key that it was sealed with into SAHUR_ENCRYPTION_KEYS again, or set the secret anew.",
    )

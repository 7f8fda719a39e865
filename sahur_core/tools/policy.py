"""Allow, ask or deny: one rule book for the gateway, which enforces it, and for the run, which must not offer in vain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from pydantic import BaseModel, ConfigDict

from sahur_core.errors import InputError
from sahur_core.tools.risk import Risk


class Permission(StrEnum):
    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class Policy(BaseModel):
    """Globs over the names of tools. Deny wins over ask, ask over allow; whatever none of them names is denied."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allow: tuple[str, ...] = ("*",)
    ask: tuple[str, ...] = ()
    """Tools that ask even where they only read."""
    deny: tuple[str, ...] = ()

    def permission(self, name: str, risk: Risk) -> Permission:
        """Reading is allowed; everything else needs a person's approval, which the gateway asks for as a grant."""
        if matches(name, self.deny):
            return Permission.DENY
        if matches(name, self.ask):
            return Permission.ASK
        if not matches(name, self.allow):
            return Permission.DENY
        return Permission.ALLOW if risk is Risk.READ else Permission.ASK

    def reason(self, name: str, risk: Risk) -> str:
        """Why `permission` answers as it does, in one sentence for people."""
        if glob := _first_match(name, self.deny):
            return f"Denied by {glob}."
        if glob := _first_match(name, self.ask):
            return f"Asked for by {glob}."
        if not matches(name, self.allow):
            return "No rule allows it."
        if risk is Risk.READ:
            return "It only reads."
        return "It may delete something." if risk is Risk.DESTROY else "It may change something."


def _first_match(name: str, globs: Iterable[str]) -> str:
    return next((glob for glob in globs if matches(name, [glob])), "")


def matches(name: str, globs: Iterable[str]) -> bool:
    """Whether `name` matches one of the globs; case counts."""
    return any(fnmatchcase(name, glob) for glob in globs)


def arguments_hash(arguments: dict[str, Any]) -> str:
    """SHA-256 (hex) of the arguments as canonical JSON: an approval holds for exactly what was shown.

    Order of keys and the spelling of whole numbers (`1.0`, `1`) do not count, because databases and JSON libraries
    change them. Raises `InputError` for what JSON cannot hold.
    """
    try:
        text = json.dumps(_canonical(arguments), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()
    except (TypeError, ValueError) as error:
        raise InputError(f"The arguments are not JSON: {error}.") from error


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value

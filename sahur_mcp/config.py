"""All configuration of the gateway. The only file of `sahur_mcp` that reads the environment.

What an upstream's entry may say is in `sahur_mcp.entries`; its names belong to this module too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from sahur_core.errors import InputError
from sahur_mcp.entries import (
    OWN_SERVERS,
    BrokenUpstream,
    DisabledUpstream,
    Entry,
    UpstreamConfig,
    UpstreamRules,
    read_file,
    read_patterns,
    read_upstreams,
    secret_value,
)

__all__ = [
    "OWN_SERVERS",
    "BrokenUpstream",
    "Config",
    "DisabledUpstream",
    "Entry",
    "UpstreamConfig",
    "UpstreamRules",
    "load_config",
]

LOOPBACK_HOSTS = ("127.0.0.1:*", "localhost:*", "[::1]:*")
MAX_SANDBOX_SECONDS = 120
"""A worker waits no longer for a call."""
LOOPBACK_ORIGINS = tuple(f"http://{host}" for host in LOOPBACK_HOSTS)


class Config(BaseModel):
    """Everything that the gateway needs to know from outside."""

    model_config = ConfigDict(frozen=True)

    upstreams: dict[str, Entry] = {}
    redaction_patterns: dict[str, re.Pattern[str]] = {}
    """Further secrets to take out of results: the name that is shown in place of what the pattern finds."""
    file: Path | None = None
    """Where `upstreams` and `redaction_patterns` come from."""
    token_public_key: str = ""
    """PEM of the Ed25519 key whose private half signs the attempts' tokens."""
    server_url: str = ""
    """Where the Django side answers `/internal/`, without a slash at the end."""
    internal_token: str = Field("", repr=False)
    repository_dir: Path
    runbooks_dir: Path | None = None
    """Markdown for all teams; below `teams/<KEY>/` for one of them."""
    has_sandbox: bool = False
    """Whether teams may have their test command run on proposed patches, under bubblewrap (docs/answers.md)."""
    sandbox_seconds: int = 90
    """How long a test command may take."""
    sandbox_paths: tuple[Path, ...] = ()
    """What may be read in the sandbox besides the system's programs, such as a virtual environment."""
    spool_dir: Path
    spool_bytes: int = 1_000_000_000
    """No call is made while more than this waits in the spool of one process."""
    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    allowed_origins: tuple[str, ...] = LOOPBACK_ORIGINS
    """Web pages that may call the gateway from a browser; anything else that sends an `Origin` is refused."""
    has_sessions: bool = True
    """Whether clients of the older protocol get sessions. Behind a load balancer these must stay on one replica."""
    list_limit: int = 60
    """A caller who may see more tools than this is listed those of our own servers, and searches for the others."""
    log_level: str = "INFO"


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """The configuration from the environment. Raises `InputError` if what is set cannot be used."""
    env = _environment() if environ is None else environ
    hosts = _listed(env, "SAHUR_MCP_ALLOWED_HOSTS")
    name = env.get("SAHUR_MCP_CONFIG", "")
    file = Path(name).absolute() if name else None
    content = read_file(file) if file else {}
    return Config(
        upstreams=read_upstreams(content, env),
        redaction_patterns=read_patterns(content.get("redaction")),
        file=file,
        token_public_key=secret_value(env, "SAHUR_TOKEN_PUBLIC_KEY").replace("\\n", "\n"),
        server_url=env.get("SAHUR_SERVER_URL", "http://127.0.0.1:8000").rstrip("/"),
        internal_token=secret_value(env, "SAHUR_INTERNAL_TOKEN"),
        runbooks_dir=Path(runbooks).absolute() if (runbooks := env.get("SAHUR_RUNBOOKS_DIR", "")) else None,
        repository_dir=Path(env.get("SAHUR_REPOSITORY_DIR", ".sahur/repositories")).absolute(),
        has_sandbox=_switch(env, "SAHUR_SANDBOX", default=False),
        sandbox_seconds=min(_number(env, "SAHUR_SANDBOX_SECONDS", 90, "seconds"), MAX_SANDBOX_SECONDS),
        sandbox_paths=_paths(env, "SAHUR_SANDBOX_PATHS"),
        spool_dir=Path(env.get("SAHUR_MCP_SPOOL_DIR", ".sahur/mcp-spool")).absolute(),
        spool_bytes=_number(env, "SAHUR_MCP_SPOOL_MB", 1000, "megabytes") * 1_000_000,
        allowed_hosts=LOOPBACK_HOSTS + hosts,
        allowed_origins=LOOPBACK_ORIGINS + _listed(env, "SAHUR_MCP_ALLOWED_ORIGINS"),
        has_sessions=_switch(env, "SAHUR_MCP_SESSIONS", default=True),
        list_limit=_number(env, "SAHUR_MCP_LIST_LIMIT", 60, "tools"),
        log_level=_log_level(env.get("SAHUR_LOG_LEVEL", "INFO")),
    )


def _environment() -> Mapping[str, str]:
    """The process's own. Where `make run` has not started it (`sahur-mcp check`), with what it keeps for its processes."""
    kept = Path(os.environ.get("SAHUR_EMBEDDED_DIR", "") or ".sahur") / "env"
    if "SAHUR_INTERNAL_TOKEN" in os.environ or "SAHUR_INTERNAL_TOKEN_FILE" in os.environ or not kept.is_file():
        return os.environ
    lines = (line.strip() for line in kept.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    usual = [str(file) for name in ("mcp.yaml", "mcp.json") if (file := kept.with_name(name)).is_file()]
    defaults = {"SAHUR_MCP_CONFIG": usual[0]} if usual else {}
    return defaults | {name.strip(): value.strip() for name, _, value in pairs} | dict(os.environ)


def _listed(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in env.get(name, "").split(",") if item.strip())


def _paths(env: Mapping[str, str], name: str) -> tuple[Path, ...]:
    """Folders, separated as in PATH. A relative one would depend on where the gateway was started."""
    paths = tuple(Path(item.strip()) for item in env.get(name, "").split(os.pathsep) if item.strip())
    for path in paths:
        if not path.is_absolute() or path == Path("/"):
            raise InputError(f"{name} names {str(path)!r}.", next_step="Use whole paths of single folders.", field=name)
    return paths


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if text not in {"", "on", "off", "true", "false", "1", "0"}:
        raise InputError(f"{name} is {text!r}.", next_step="Use on or off.", field=name)
    return default if not text else text in {"on", "true", "1"}


def _number(env: Mapping[str, str], name: str, default: int, unit: str) -> int:
    text = env.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1_000_000):
        raise InputError(f"{name} is {text!r}.", next_step=f"Use a number of {unit}, such as {default}.", field=name)
    return int(text)


def _log_level(level: str) -> str:
    if level.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise InputError(
            f"SAHUR_LOG_LEVEL is {level!r}.", next_step="Use DEBUG, INFO, WARNING or ERROR.", field="SAHUR_LOG_LEVEL"
        )
    return level.upper()

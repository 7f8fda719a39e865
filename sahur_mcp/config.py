"""All configuration of the gateway. The only file of `sahur_mcp` that reads the environment.

Upstreams are described as other MCP clients do it, in a JSON file with an object `mcpServers`; `${NAME}` and
`${NAME:-default}` in its strings are replaced from the environment. Our own keys lie under `sahur`:

    {"mcpServers": {"github": {"command": "github-mcp-server", "args": ["stdio"], "env": {"TOKEN": "${GITHUB_TOKEN}"},
                               "sahur": {"allow": ["get_*"], "deny": [], "readOnly": ["get_*"], "timeoutSeconds": 30}}}}
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sahur_core.errors import InputError

OWN_SERVERS = frozenset({"code"})
LOOPBACK_HOSTS = ("127.0.0.1:*", "localhost:*", "[::1]:*")

_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class UpstreamRules(BaseModel):
    """The key `sahur` of an upstream: what we let through to it, and how hard we lean on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    allow: tuple[str, ...] = ("*",)
    deny: tuple[str, ...] = ()
    read_only: tuple[str, ...] = Field((), alias="readOnly")
    """Tools that the operator knows to change nothing, whatever they are called."""
    timeout_seconds: float = Field(60.0, alias="timeoutSeconds", gt=0, le=600)
    max_concurrency: int = Field(16, alias="maxConcurrency", ge=1, le=256)


class UpstreamConfig(BaseModel):
    """How an MCP server is reached: a command to start (`stdio`) or an address (streamable HTTP)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["stdio", "http", "streamable-http", ""] = ""
    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    cwd: str | None = None
    url: str = ""
    headers: dict[str, str] = {}
    rules: UpstreamRules = Field(default_factory=UpstreamRules, alias="sahur")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The credentials that this upstream was given: they must never come back in a result."""
        values = [*self.env.values(), *(value.removeprefix("Bearer ") for value in self.headers.values())]
        return tuple(value for value in values if len(value) >= 8)


class BrokenUpstream(BaseModel):
    """An upstream whose entry cannot be used. It is shown as such and does not keep the others from working."""

    problem: str


class Config(BaseModel):
    """Everything that the gateway needs to know from outside."""

    model_config = ConfigDict(frozen=True)

    upstreams: dict[str, UpstreamConfig | BrokenUpstream] = {}
    token_public_key: str = ""
    """PEM of the Ed25519 key whose private half signs the attempts' tokens."""
    server_url: str = ""
    """Where the Django side answers `/internal/`, without a slash at the end."""
    internal_token: str = Field("", repr=False)
    repository_dir: Path
    spool_dir: Path
    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    log_level: str = "INFO"


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """The configuration from the environment. Raises `InputError` if what is set cannot be used."""
    env = os.environ if environ is None else environ
    hosts = tuple(host.strip() for host in env.get("SAHUR_MCP_ALLOWED_HOSTS", "").split(",") if host.strip())
    return Config(
        upstreams=_read_upstreams(env),
        token_public_key=_secret(env, "SAHUR_TOKEN_PUBLIC_KEY").replace("\\n", "\n"),
        server_url=env.get("SAHUR_SERVER_URL", "http://127.0.0.1:8000").rstrip("/"),
        internal_token=_secret(env, "SAHUR_INTERNAL_TOKEN"),
        repository_dir=Path(env.get("SAHUR_REPOSITORY_DIR", ".sahur/repositories")).absolute(),
        spool_dir=Path(env.get("SAHUR_MCP_SPOOL_DIR", ".sahur/mcp-spool")).absolute(),
        allowed_hosts=LOOPBACK_HOSTS + hosts,
        log_level=_log_level(env.get("SAHUR_LOG_LEVEL", "INFO")),
    )


def _secret(env: Mapping[str, str], name: str) -> str:
    """A value from `NAME` or, as Docker and Kubernetes hand out secrets, from the file named by `NAME_FILE`."""
    file = env.get(f"{name}_FILE", "")
    if not file:
        return env.get(name, "")
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise InputError(f"{name}_FILE: {file} cannot be read ({error.strerror}).", field=f"{name}_FILE") from error


def _log_level(level: str) -> str:
    if level.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise InputError(
            f"SAHUR_LOG_LEVEL is {level!r}.", next_step="Use DEBUG, INFO, WARNING or ERROR.", field="SAHUR_LOG_LEVEL"
        )
    return level.upper()


def _read_upstreams(env: Mapping[str, str]) -> dict[str, UpstreamConfig | BrokenUpstream]:
    file = env.get("SAHUR_MCP_CONFIG", "")
    if not file:
        return {}
    if not Path(file).exists():
        raise InputError(
            f"The file {Path(file).absolute()}, which SAHUR_MCP_CONFIG names, does not exist.",
            next_step="Correct the path, make the file, or unset SAHUR_MCP_CONFIG to go without upstreams.",
            field="SAHUR_MCP_CONFIG",
        )
    try:
        servers = json.loads(Path(file).read_text())["mcpServers"]
        if not isinstance(servers, dict):
            raise TypeError("mcpServers is not an object")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} cannot be used: {type(error).__name__}: {error}.",
            next_step='It must be JSON with an object "mcpServers" whose keys are the names of the servers.',
            field="SAHUR_MCP_CONFIG",
        ) from error
    return {name: _read_upstream(name, entry, env) for name, entry in servers.items()}


def _read_upstream(name: str, entry: Any, env: Mapping[str, str]) -> UpstreamConfig | BrokenUpstream:
    if not _NAME.match(name) or len(name) > 30:
        return BrokenUpstream(problem="A name has at most 30 small letters, digits and single hyphens.")
    if name in OWN_SERVERS:
        return BrokenUpstream(problem=f"The name {name!r} belongs to a server of our own.")
    try:
        config = UpstreamConfig.model_validate(_expand(entry, env))
    except KeyError as error:
        return BrokenUpstream(problem=f"The environment variable {error.args[0]} is not set.")
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return BrokenUpstream(problem=f"{'.'.join(str(part) for part in first['loc']) or 'entry'}: {first['msg']}")
    if bool(config.command) == bool(config.url):
        return BrokenUpstream(problem='It needs either "command" or "url".')
    return config


def _expand(value: Any, env: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _expand(item, env) for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, env) for item in value]
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: _look_up(match, env), value)
    return value


def _look_up(match: re.Match[str], env: Mapping[str, str]) -> str:
    name, default = match.groups()
    if env.get(name):
        return env[name]
    if default is None:
        raise KeyError(name)
    return str(default)

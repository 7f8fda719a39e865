"""All configuration of the gateway. The only file of `sahur_mcp` that reads the environment.

Upstreams are described as other MCP clients do it, in a JSON or YAML file with an object `mcpServers` (or `servers`).
`${NAME}` and `${NAME:-default}` in its strings are replaced from the environment. Our own keys lie beside theirs:

    mcpServers:
      github:
        url: https://api.githubcopilot.com/mcp/
        headers: {Authorization: "Bearer ${GITHUB_TOKEN}"}
        tools: {allow: ["get_*", "create_issue"], ask: ["get_secret_*"], deny: ["*_secret_scanning_*"]}
        risk: {"search_*": read}
        timeout: 30
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import httpx2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sahur_core.errors import InputError
from sahur_core.tools.risk import Risk

logger = logging.getLogger(__name__)

OWN_SERVERS = frozenset({"code", "issues", "runbooks", "receipts", "catalog"})
LOOPBACK_HOSTS = ("127.0.0.1:*", "localhost:*", "[::1]:*")
LOOPBACK_ORIGINS = tuple(f"http://{host}" for host in LOOPBACK_HOSTS)
MIN_SECRET_CHARS = 8
"""What is shorter is not looked for in results: it would be found everywhere."""

_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_REFERENCE = re.compile(r"\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_ASKED_OF_A_PERSON = re.compile(r"\$\{input:[^}]*\}")
_SECRET_NAME = re.compile(r"token|key|secret|pass|auth|credential|cookie|dsn|jwt|bearer", re.IGNORECASE)
_SCHEME = re.compile(r"^(bearer|basic|token)\s+", re.IGNORECASE)
_KINDS = {"local": "stdio", "http": "http", "streamable-http": "http", "streamableHttp": "http", "stdio": "stdio"}


class UpstreamRules(BaseModel):
    """What we let through to an upstream, and how hard we lean on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    allow: tuple[str, ...] = ("*",)
    ask: tuple[str, ...] = ()
    """Tools that need a grant even where they only read; they need not be in `allow` too."""
    deny: tuple[str, ...] = ()
    risk: dict[str, Risk] = {}
    """The operator's word on the risk of tools, by glob. The glob with the most literal characters counts; of equally
    exact ones the graver risk."""
    timeout_seconds: float = 60.0
    max_concurrency: int = 16
    cache_seconds: float = 0.0
    """How long the answer to a read may be given again to the same caller; 0 = not at all."""
    session: Literal["shared", "client"] = "shared"
    """Whether all callers share one session with the upstream, or each client's session has its own."""


class UpstreamConfig(BaseModel):
    """How an MCP server is reached: a command to start (`stdio`) or an address (streamable HTTP)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str = ""
    args: tuple[str, ...] = Field((), repr=False)
    env: dict[str, str] = Field({}, repr=False)
    cwd: str | None = None
    url: str = Field("", repr=False)
    headers: dict[str, str] = Field({}, repr=False)
    rules: UpstreamRules = UpstreamRules()
    secrets: tuple[str, ...] = Field((), repr=False)
    """The credentials that this upstream was given: they must never come back in a result."""


class BrokenUpstream(BaseModel):
    """An upstream whose entry cannot be used. It is shown as such and does not keep the others from working."""

    problem: str


class DisabledUpstream(BaseModel):
    """An upstream that the file switches off with `disabled`."""


Entry = UpstreamConfig | BrokenUpstream | DisabledUpstream


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


class _Tools(BaseModel):
    model_config = ConfigDict(extra="forbid")

    allow: tuple[str, ...] = ("*",)
    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class _RawEntry(BaseModel):
    """An entry as it stands in the file."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    type: Literal["", "stdio", "local", "http", "streamable-http", "streamableHttp"] = ""
    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    cwd: str | None = None
    url: str = ""
    headers: dict[str, str] = {}
    tools: _Tools = _Tools()
    risk: dict[str, Risk] = {}
    timeout: float = Field(60.0, gt=0, le=600)
    concurrency: int = Field(16, ge=1, le=256)
    cache: float = Field(0.0, ge=0, le=86_400)
    session: Literal["shared", "client"] = "shared"
    disabled: bool = False

    @field_validator("tools", mode="before")
    @classmethod
    def _short_list(cls, value: Any) -> Any:
        """Some clients write `"tools": ["get_*"]` for what they allow."""
        return {"allow": value} if isinstance(value, list) else value


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """The configuration from the environment. Raises `InputError` if what is set cannot be used."""
    env = os.environ if environ is None else environ
    hosts = _listed(env, "SAHUR_MCP_ALLOWED_HOSTS")
    name = env.get("SAHUR_MCP_CONFIG", "")
    file = Path(name).absolute() if name else None
    content = _read_file(file) if file else {}
    return Config(
        upstreams=_read_upstreams(content, env),
        redaction_patterns=_read_patterns(content.get("redaction")),
        file=file,
        token_public_key=_secret(env, "SAHUR_TOKEN_PUBLIC_KEY").replace("\\n", "\n"),
        server_url=env.get("SAHUR_SERVER_URL", "http://127.0.0.1:8000").rstrip("/"),
        internal_token=_secret(env, "SAHUR_INTERNAL_TOKEN"),
        repository_dir=Path(env.get("SAHUR_REPOSITORY_DIR", ".sahur/repositories")).absolute(),
        spool_dir=Path(env.get("SAHUR_MCP_SPOOL_DIR", ".sahur/mcp-spool")).absolute(),
        spool_bytes=_number(env, "SAHUR_MCP_SPOOL_MB", 1000, "megabytes") * 1_000_000,
        allowed_hosts=LOOPBACK_HOSTS + hosts,
        allowed_origins=LOOPBACK_ORIGINS + _listed(env, "SAHUR_MCP_ALLOWED_ORIGINS"),
        has_sessions=_switch(env, "SAHUR_MCP_SESSIONS", default=True),
        list_limit=_number(env, "SAHUR_MCP_LIST_LIMIT", 60, "tools"),
        log_level=_log_level(env.get("SAHUR_LOG_LEVEL", "INFO")),
    )


def _listed(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in env.get(name, "").split(",") if item.strip())


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if text not in {"", "on", "off", "true", "false", "1", "0"}:
        raise InputError(f"{name} is {text!r}.", next_step="Use on or off.", field=name)
    return default if not text else text in {"on", "true", "1"}


def _secret(env: Mapping[str, str], name: str) -> str:
    """A value from `NAME` or, as Docker and Kubernetes hand out secrets, from the file named by `NAME_FILE`."""
    file = env.get(f"{name}_FILE", "")
    if not file:
        return env.get(name, "")
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"{name}_FILE: {file} cannot be read ({reason}).", field=f"{name}_FILE") from error


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


# --- The file with the upstreams --------------------------------------------------------------------------------------


def _read_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        raise InputError(
            f"The file {file}, which SAHUR_MCP_CONFIG names, does not exist.",
            next_step="Correct the path, make the file, or unset SAHUR_MCP_CONFIG to go without upstreams.",
            field="SAHUR_MCP_CONFIG",
        )
    try:
        text = file.read_text(encoding="utf-8")
        content = yaml.safe_load(text) if file.suffix in (".yaml", ".yml") else json.loads(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _unusable(file, f"{type(error).__name__}: {error}") from error
    if not isinstance(content, dict):
        raise _unusable(file, "it holds no object")
    if not isinstance(content.get("mcpServers", content.get("servers")), dict):
        raise _unusable(file, 'it has no object "mcpServers"')
    return content


def _unusable(file: Path, reason: str) -> InputError:
    return InputError(
        f"{file} cannot be used: {reason}.",
        next_step='It must be JSON, or YAML in a file named .yaml, with an object "mcpServers" whose keys are the names '
        "of the servers.",
        field="SAHUR_MCP_CONFIG",
    )


def _read_patterns(section: Any) -> dict[str, re.Pattern[str]]:
    """`redaction: {patterns: {name: regex}}`. A pattern that cannot be used is no small thing: raises `InputError`."""
    patterns = section.get("patterns", {}) if isinstance(section, dict) else section
    if patterns is None:
        return {}
    if not isinstance(patterns, dict) or (isinstance(section, dict) and section.keys() - {"patterns"}):
        raise InputError('"redaction" must be of the form {"patterns": {"name": "regular expression"}}.', field="redaction")
    return {str(name): _pattern(str(name), text) for name, text in patterns.items()}


def _pattern(name: str, text: Any) -> re.Pattern[str]:
    field = f"redaction.patterns.{name}"
    try:
        pattern = re.compile(text)
    except (re.error, TypeError) as error:
        raise InputError(f"{field} is no regular expression of Python: {error}.", field=field) from error
    if not isinstance(text, str) or pattern.search(""):
        raise InputError(f"{field} matches the empty text, so it would match everywhere.", field=field)
    return pattern


def _read_upstreams(content: dict[str, Any], env: Mapping[str, str]) -> dict[str, Entry]:
    entries = content.get("mcpServers", content.get("servers", {}))
    return {str(name): _read_upstream(str(name), entry, env) for name, entry in entries.items()}


def _read_upstream(name: str, entry: Any, env: Mapping[str, str]) -> Entry:
    if not _NAME.match(name) or len(name) > 30:
        return BrokenUpstream(problem="A name has at most 30 small letters, digits and single hyphens. Rename the entry.")
    if name in OWN_SERVERS:
        return BrokenUpstream(problem=f"The name {name!r} belongs to a server of our own. Rename the entry.")
    if not isinstance(entry, dict):
        return BrokenUpstream(problem='An entry is an object with "command" or "url".')
    if entry.get("disabled") is True:
        return DisabledUpstream()
    unknown = sorted(str(key) for key in entry.keys() - _RawEntry.model_fields.keys())
    if unknown:
        logger.warning("upstream %s: these keys of its entry are not known here and do nothing: %s", name, ", ".join(unknown))
    filler = _Filler(env)
    try:
        raw = _RawEntry.model_validate(filler.fill(entry))
    except InputError as error:
        return BrokenUpstream(problem=str(error))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "entry"
        return BrokenUpstream(problem=f"{place}: {first['msg']}.{_hint(place)}")
    problem = _contradiction(raw, unknown)
    return BrokenUpstream(problem=problem) if problem else _upstream_config(raw, filler.secrets)


def _hint(place: str) -> str:
    """What to do about a wrong value, where the validator's words do not say it."""
    hints = {
        "timeout": " It is in seconds.",
        "type": " Servers are reached over stdio or streamable HTTP; for one that offers SSE, name its address for HTTP.",
        "env": " Put it in quotes.",
    }
    return hints.get(place.partition(".")[0], "")


def _contradiction(raw: _RawEntry, unknown: list[str]) -> str:
    """What is wrong with an entry whose keys are all right; empty if nothing is."""
    if bool(raw.command) == bool(raw.url):
        has = f" (not known here: {', '.join(unknown)})" if unknown else ""
        return f'It needs either "command" or "url"{has}.'
    if raw.type and (_KINDS[raw.type] == "stdio") != bool(raw.command):
        return f'The type {raw.type!r} does not go with "{"command" if raw.command else "url"}". Leave "type" out.'
    if raw.url and not _is_address(raw.url):
        return 'The "url" must be an address that begins with https:// or http://.'
    for name, value in raw.headers.items():
        if not (name + value).isascii() or not (name + value).isprintable():
            return f"The value of the header {name[:100]} holds characters that no header may have. Is it the right secret?"
    return ""


def _is_address(url: str) -> bool:
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL:
        return False
    return address.scheme in ("http", "https") and bool(address.host) and (address.port or 1) < 65_536


def _upstream_config(raw: _RawEntry, filled: set[str]) -> UpstreamConfig:
    given = {value for name, value in (raw.env | raw.headers).items() if _SECRET_NAME.search(name)}
    secrets = {_SCHEME.sub("", value) for value in given | filled}
    return UpstreamConfig(
        command=raw.command,
        args=raw.args,
        env=raw.env,
        cwd=raw.cwd,
        url=raw.url,
        headers=raw.headers,
        rules=UpstreamRules(
            allow=raw.tools.allow,
            ask=raw.tools.ask,
            deny=raw.tools.deny,
            risk=raw.risk,
            timeout_seconds=raw.timeout,
            max_concurrency=raw.concurrency,
            cache_seconds=raw.cache,
            session=raw.session,
        ),
        secrets=tuple(sorted(value for value in secrets if len(value) >= MIN_SECRET_CHARS)),
    )


class _Filler:
    """Puts the environment's values in the place of references, and remembers which of them are secret."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.secrets: set[str] = set()

    def fill(self, value: Any) -> Any:
        """Raises `InputError` for a variable that is not set and has no default."""
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        if _ASKED_OF_A_PERSON.search(value):
            raise InputError("Nobody can be asked for ${input:…} here.", next_step="Name an environment variable: ${NAME}.")
        return _REFERENCE.sub(self._look_up, value)

    def _look_up(self, match: re.Match[str]) -> str:
        name, default = match.groups()
        value = _secret(self._env, name)
        if not value and default is None:
            raise InputError(f"The environment variable {name} is not set.", next_step=f"Set it or {name}_FILE for the gateway.")
        if value and _SECRET_NAME.search(name):
            self.secrets.add(value)
        return value or str(default)

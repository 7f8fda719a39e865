"""The file with the upstreams: how it is read, and what an entry may say.

It has the shape that MCP clients share: JSON or YAML with an object `mcpServers` (VS Code: `servers`). `${NAME}` and
`${NAME:-default}` in its strings are replaced from the environment. Our own keys lie beside the usual ones:

    mcpServers:
      github:
        url: https://api.githubcopilot.com/mcp/
        headers: {Authorization: "Bearer ${GITHUB_TOKEN}"}
        tools: {allow: ["get_*", "create_issue"], ask: ["get_file_*"], deny: ["*_secret_scanning_*"]}
        risk: {"search_*": read}
        timeout: 30
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import httpx2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sahur_core.errors import InputError
from sahur_core.tools.risk import Risk
from sahur_mcp import entry_problems

logger = logging.getLogger(__name__)

OWN_SERVERS = frozenset({"code", "issues", "runbooks", "receipts", "catalog", "sandbox"})
MIN_SECRET_CHARS = 8
"""What is shorter is not looked for in results: it would be found everywhere."""

_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_REFERENCE = re.compile(r"\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_ASKED_OF_A_PERSON = re.compile(r"\$\{input:[^}]*\}")
_SECRET_NAME = re.compile(r"token|key|secret|pass|auth|credential|cookie|dsn|jwt|bearer", re.IGNORECASE)
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z-]*\s+")
"""Of an `Authorization` header, before what is secret in it."""
_PLAIN = re.compile(
    r"[A-Za-z][a-z_,.-]{0,60}|[\d.]{1,20}|[.~]?/[\w./:~ -]*|https?://[\w.-]+(:\d+)?(/[\w./-]*)?|([\w-]{1,40}\.)+[a-z]{2,20}|"
    r"([a-z][a-z0-9.-]{0,100}|\d{1,3}(\.\d{1,3}){3}):\d{1,5}"
)
"""Words, numbers, paths and addresses: they are no secrets, and results are full of them."""
_ADDRESS_HOST = re.compile(r"^(?:https?://)?([^/]*)/?$")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:\d{1,5})?")
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
    """How long the answer to a read may be given again to callers of the same team who may read the same repositories;
    0 = not at all."""
    session: Literal["shared", "client"] = "shared"
    """Whether all callers share one session with the upstream, or each client's session has its own."""
    hosts: tuple[str, ...] = ()
    """Whose links a run may read with its tools (`github.example.com`); none: those of the vendor's own host."""


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
    hosts: tuple[str, ...] = ()
    disabled: bool = False

    @field_validator("hosts")
    @classmethod
    def _only_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Addresses are taken too, because servers are told theirs as such; what follows the host is left out."""
        hosts = tuple(_ADDRESS_HOST.sub(r"\1", each.strip().lower()) for each in value)
        if not all(_HOST.fullmatch(host) for host in hosts):
            raise ValueError("hosts are names such as github.example.com, with a port where it is not the usual one")
        return hosts

    @field_validator("tools", mode="before")
    @classmethod
    def _short_list(cls, value: Any) -> Any:
        """Some clients write `"tools": ["get_*"]` for what they allow."""
        return {"allow": value} if isinstance(value, list) else value


def read_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        raise InputError(
            f"The file {file}, which SAHUR_MCP_CONFIG names, does not exist.",
            next_step="Correct the path, make the file, or unset SAHUR_MCP_CONFIG to go without upstreams.",
            field="SAHUR_MCP_CONFIG",
        )
    if not file.is_file() and not file.is_dir():
        # Whoever opens a pipe waits for its other end, and some devices never end.
        raise _unusable(file, "it is no file")
    text = ""
    try:
        text = file.read_text(encoding="utf-8")
        content = _read_yaml(text) if file.suffix in (".yaml", ".yml") else _read_json(text)
    except RecursionError as error:
        raise _unusable(file, "it is nested too deeply") from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _unusable(file, entry_problems.of_text(error, text)) from error
    if not isinstance(content, dict):
        raise _unusable(file, "it holds no object")
    if not isinstance(content.get("mcpServers", content.get("servers")), dict):
        raise _unusable(file, 'it has no object "mcpServers"')
    return content


def secret_value(env: Mapping[str, str], name: str) -> str:
    """A value from `NAME` or, as Docker and Kubernetes hand out secrets, from the file named by `NAME_FILE`."""
    file = env.get(f"{name}_FILE", "")
    if not file:
        return env.get(name, "")
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"{name}_FILE: {file} cannot be read ({reason}).", field=f"{name}_FILE") from error


class _YamlLoader(yaml.SafeLoader):
    """Words such as `off` and `no` are names, as in YAML 1.2; only `true` and `false` are something else."""

    yaml_implicit_resolvers = {
        first: [
            (tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_YamlLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false"), ["t", "f"])


def _construct_mapping(loader: _YamlLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    # Built first: `<<` merges another mapping, whose keys may well come again.
    found = set()
    for key, _ in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            continue
        name = loader.construct_object(key)
        if not isinstance(name, Hashable):
            raise yaml.constructor.ConstructorError(problem="found unhashable key", problem_mark=key.start_mark)
        if name in found:
            raise yaml.constructor.ConstructorError(problem=entry_problems.written_twice(name), problem_mark=key.start_mark)
        found.add(name)
    return loader.construct_mapping(node, deep=True)


_YamlLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


def _read_yaml(text: str) -> Any:
    return yaml.load(text, _YamlLoader)  # noqa: S506 (a safe loader)


def _read_json(text: str) -> Any:
    """An object whose keys all differ: of two entries with one name the first would vanish unseen. Raises `ValueError`."""

    def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise ValueError(f"{entry_problems.line_of_second(name, text)}{entry_problems.written_twice(name)}")
            found[name] = value
        return found

    return json.loads(text, object_pairs_hook=without_doubles)


def _unusable(file: Path, reason: str) -> InputError:
    return InputError(
        f"{file} cannot be used: {reason}.",
        next_step='It must be JSON, or YAML in a file named .yaml, with an object "mcpServers" whose keys are the names '
        "of the servers.",
        field="SAHUR_MCP_CONFIG",
    )


def read_patterns(section: Any) -> dict[str, re.Pattern[str]]:
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


def read_upstreams(content: dict[str, Any], env: Mapping[str, str]) -> dict[str, Entry]:
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
        meant = "".join(entry_problems.did_you_mean(key, _RawEntry.model_fields) for key in unknown)
        words = f"{', '.join(unknown)}.{meant}"
        logger.warning("upstream %s: these keys of its entry are not known here and do nothing: %s", name, words)
    filler = _Filler(env)
    try:
        raw = _RawEntry.model_validate(filler.fill(entry))
    except InputError as error:
        return BrokenUpstream(problem=str(error))
    except ValidationError as error:
        return BrokenUpstream(problem=entry_problems.of_entry(error, _Tools.model_fields))
    problem = _contradiction(raw, unknown)
    return BrokenUpstream(problem=problem) if problem else _upstream_config(raw, filler.secrets)


def _contradiction(raw: _RawEntry, unknown: list[str]) -> str:
    """What is wrong with an entry whose keys are all right; empty if nothing is."""
    if bool(raw.command) == bool(raw.url):
        has = f" (not known here: {', '.join(unknown)})" if unknown else ""
        meant = "".join(entry_problems.did_you_mean(key, ("command", "url")) for key in unknown)
        return f'It needs either "command" or "url"{has}.{meant}'
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
    secrets = filled | {value for name, value in raw.env.items() if _is_secret(name, value)} | set(_secret_arguments(raw))
    for name, value in raw.headers.items():
        credential = _SCHEME.sub("", value)
        if _is_secret(name, credential):
            secrets.add(credential)
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
            hosts=raw.hosts,
        ),
        secrets=tuple(sorted(value for value in secrets if len(value) >= MIN_SECRET_CHARS)),
    )


def _secret_arguments(raw: _RawEntry) -> Iterator[str]:
    """Credentials on the command line (`--token=…`, `--token …`) or in the address (`?key=…`)."""
    for flag, following in zip(raw.args, (*raw.args[1:], ""), strict=False):
        name, equals, value = flag.partition("=")
        if name.startswith("-") and _SECRET_NAME.search(name):
            yield value if equals else following
    if raw.url:
        address = httpx2.URL(raw.url)
        yield address.password
        yield from (value for name, value in address.params.multi_items() if _SECRET_NAME.search(name))


def _is_secret(name: str, value: str) -> bool:
    return bool(_SECRET_NAME.search(name)) or not _PLAIN.fullmatch(value)


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
        value = secret_value(self._env, name)
        if not value and default is None:
            raise InputError(f"The environment variable {name} is not set.", next_step=f"Set it or {name}_FILE for the gateway.")
        if value and _SECRET_NAME.search(name):
            self.secrets.add(value)
        return value or str(default)

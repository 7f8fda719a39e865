"""Which tool reads which link: one table, held against the tools that the gateway really offers.

SAHUR opens no address itself. A link is read with a tool of an upstream, and only if that upstream stands for the link's
host: because its entry in the gateway's configuration names the host (`hosts`), or, where it names none, because the host
is the vendor's own. An argument is filled in only if the tool's schema has it; a tool with further required ones is not
called. Names as in github/github-mcp-server (and the reference server before it), getsentry/sentry-mcp, Slack's own server,
korotovsky/slack-mcp-server, and the reference server for Slack; for GitLab as in its own server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sahur_core.issues import RepositoryRef
from sahur_core.linked.links import Link, LinkKind, Vendor
from sahur_core.protocols import ToolSpec
from sahur_core.tools.policy import Permission
from sahur_core.tools.registry import ToolRegistry

MAX_READS = 12
AROUND = 20
"""Lines before and after the linked ones that are read of a file."""
PUBLIC_HOSTS = {
    Vendor.GITHUB: "github.com",
    Vendor.GITLAB: "gitlab.com",
    Vendor.SENTRY: "sentry.io",
    Vendor.SLACK: "slack.com",
}
_OTHER_FORGES = ("gitea", "forgejo", "bitbucket", "azure", "gerrit")


@dataclass(frozen=True)
class Way:
    """One tool, by its name without the vendor's, and what fills its arguments.

    Keys are names of arguments: `a|b` for servers that call it otherwise, `a?` where it may be missing. Values are fields
    of the link, or after `=` a word that the tool expects.
    """

    tool: str
    arguments: Mapping[str, str]


_REPOSITORY = {"owner": "owner", "repo": "repo"}
_PULL = {**_REPOSITORY, "pullNumber|pull_number|pullnumber": "number"}
_ISSUE = {**_REPOSITORY, "issue_number|issueNumber": "number"}
_LAB = {"project_id|project|id": "project"}
_SENTRY_ISSUE = {"organizationSlug": "organization", "issueId": "issue_id"}
_THREAD = {"channel_id|channel": "channel"}

Steps = tuple[tuple[Way, ...], ...]
"""What is read of one link: each step by the first way that there is. Only the first step must be possible."""

WAYS: dict[tuple[Vendor, LinkKind], Steps] = {
    (Vendor.GITHUB, LinkKind.PULL_REQUEST): (
        (Way("pull_request_read", {"method": "=get", **_PULL}), Way("get_pull_request", _PULL)),
        (
            Way("pull_request_read", {"method": "=get_files", **_PULL, "perPage?": "=30"}),
            Way("get_pull_request_files", _PULL),
        ),
    ),
    (Vendor.GITHUB, LinkKind.ISSUE): ((Way("issue_read", {"method": "=get", **_ISSUE}), Way("get_issue", _ISSUE)),),
    (Vendor.GITHUB, LinkKind.COMMIT): (
        (
            Way("get_commit", {**_REPOSITORY, "sha": "revision"}),
            Way("list_commits", {**_REPOSITORY, "sha": "revision", "perPage|per_page": "=1"}),
        ),
    ),
    (Vendor.GITHUB, LinkKind.FILE): ((Way("get_file_contents", {**_REPOSITORY, "path": "path", "ref|branch|sha": "revision"}),),),
    (Vendor.GITLAB, LinkKind.PULL_REQUEST): (
        (Way("get_merge_request", {**_LAB, "merge_request_iid": "number"}),),
        (
            Way("get_merge_request_diffs", {**_LAB, "merge_request_iid": "number", "per_page?": "=30"}),
            Way("list_merge_request_diffs", {**_LAB, "merge_request_iid": "number", "per_page?": "=30"}),
        ),
    ),
    (Vendor.GITLAB, LinkKind.ISSUE): ((Way("get_issue", {**_LAB, "issue_iid": "number"}),),),
    (Vendor.GITLAB, LinkKind.COMMIT): ((Way("get_commit", {**_LAB, "sha|commit_sha": "revision"}),),),
    (Vendor.GITLAB, LinkKind.FILE): ((Way("get_file_contents", {**_LAB, "file_path": "path", "ref": "revision"}),),),
    (Vendor.SENTRY, LinkKind.ISSUE): (
        (
            Way(
                "get_sentry_resource",
                {"resourceType": "=issue", "organizationSlug": "organization", "resourceId": "issue_id"},
            ),
            Way("get_issue_details", _SENTRY_ISSUE),
            Way("get_sentry_resource", {"url": "address"}),
            Way("get_issue_details", {"issueUrl": "address"}),
            Way("get_sentry_issue", {"issue_id_or_url": "issue_id"}),
        ),
    ),
    (Vendor.SENTRY, LinkKind.EVENT): (
        (
            Way(
                "get_sentry_resource",
                {"resourceType": "=event", "organizationSlug": "organization", "resourceId": "event_id"},
            ),
            Way("get_issue_details", {"organizationSlug": "organization", "eventId": "event_id", "issueId?": "issue_id"}),
            Way("get_sentry_resource", {"url": "address"}),
        ),
    ),
    (Vendor.SLACK, LinkKind.MESSAGE): (
        (
            Way("read_thread", {**_THREAD, "message_ts|thread_ts|ts": "thread_ts"}),
            Way("conversations_replies", {**_THREAD, "thread_ts|ts": "thread_ts"}),
            Way("get_thread_replies", {**_THREAD, "thread_ts|ts": "thread_ts"}),
        ),
    ),
}


@dataclass(frozen=True)
class Read:
    """A call that reads a linked thing."""

    link: Link
    tool: str
    arguments: dict[str, Any]


@dataclass
class Reads:
    """What can be read, and for each link that cannot a line that says why."""

    reads: list[Read] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def plan_reads(links: Iterable[Link], tools: ToolRegistry, repository: RepositoryRef | None) -> Reads:
    """The calls for the links, in their order, at most `MAX_READS`. Only reads that need nobody's approval are planned."""
    planned = Reads()
    for link in links:
        reads, why = _reads_of(link, tools, repository)
        if why:
            planned.missing.append(f"{link.name}: {why}")
        elif len(planned.reads) + len(reads) > MAX_READS:
            planned.missing.append(f"{link.name}: more is linked than is read by itself")
        else:
            planned.reads += reads
    return planned


def _reads_of(link: Link, tools: ToolRegistry, repository: RepositoryRef | None) -> tuple[list[Read], str]:
    if repository is not None and is_own(link, repository):
        own = _in_code(link, repository)
        if own is not None and own.tool in tools:
            return [own], ""
    if link.vendor is Vendor.NONE:
        return [], "the report names no repository that is known here"
    if link.vendor is Vendor.SLACK and not link.channel.startswith("C"):
        return [], "what was said in a private conversation is not read by itself"
    reads, why = _by_upstream(link, tools)
    if why and repository is not None and link.number and is_own(link, repository) and "code__log" in tools:
        # No server of the forge: the commit that brought it in still says what it is.
        return [Read(link, "code__log", {**_at(repository), "grep": f"#{link.number}", "limit": 5})], ""
    return reads, why


def is_own(link: Link, repository: RepositoryRef) -> bool:
    """Whether a link points into the report's own repository; of one without a known home its name must fit."""
    if link.vendor is Vendor.NONE:
        return True
    if not link.repo:
        return False
    name = f"{link.owner}/{link.repo}".lower()
    if repository.remote:
        return repository.remote.lower() == f"{link.host}/{name}"
    return repository.name.lower() == name


def _in_code(link: Link, repository: RepositoryRef) -> Read | None:
    if link.kind is LinkKind.COMMIT:
        return Read(link, "code__show", {"repository": repository.id, "commit": link.revision})
    if link.kind is LinkKind.COMPARISON:
        return Read(link, "code__changes", {"repository": repository.id, "base": link.base, "head": link.revision})
    if link.kind is LinkKind.FILE:
        lines = {"start": max(1, link.line - AROUND), "end": link.end_line + AROUND} if link.line else {}
        return Read(link, "code__read", {"repository": repository.id, "commit": link.revision, "path": link.path, **lines})
    return None


def _at(repository: RepositoryRef) -> dict[str, str]:
    return {"repository": repository.id, "commit": repository.commit}


def _by_upstream(link: Link, tools: ToolRegistry) -> tuple[list[Read], str]:
    """The calls to the first upstream that stands for the link's host and has a tool for its first step."""
    upstreams = _upstreams(link, tools)
    if not upstreams:
        # A host that nobody knows is not repeated: screens make links of names.
        public = PUBLIC_HOSTS[link.vendor]
        return [], f"no tool server here stands for {public if _is_below(link.host, public) else 'its host'}"
    needs_approval = ""
    for specs in upstreams:
        reads: list[Read] = []
        for number, ways in enumerate(WAYS.get((link.vendor, link.kind), ())):
            found = _first(link, ways, specs)
            if found and tools.permission(found.tool) is not Permission.ALLOW:
                needs_approval = found.tool
                found = None
            if found:
                reads.append(found)
            elif number == 0:
                break
        if reads:
            return reads, ""
    if needs_approval:
        return [], f"{needs_approval} needs a person's approval"
    if link.vendor is Vendor.SENTRY and not (link.organization or link.address):
        return [], "nothing says of which organization it is; a link would"
    return [], "no tool of the servers here can read it"


def _upstreams(link: Link, tools: ToolRegistry) -> list[list[ToolSpec]]:
    """The tools of each upstream that stands for the link's host; one that bears the vendor's name comes first."""
    by_name: dict[str, list[ToolSpec]] = {}
    for spec in tools:
        if not spec.is_own:
            by_name.setdefault(spec.name.partition("__")[0], []).append(spec)
    fitting = {name: specs for name, specs in by_name.items() if _stands_for(link, name, specs[0].hosts)}
    return [fitting[name] for name in sorted(fitting, key=lambda name: (link.vendor.value not in name, name))]


def _stands_for(link: Link, upstream: str, hosts: tuple[str, ...]) -> bool:
    if hosts:
        return any(_is_below(link.host, host) for host in hosts)
    others = {*_OTHER_FORGES, *(vendor.value for vendor in PUBLIC_HOSTS if vendor is not link.vendor)}
    if any(other in upstream for other in others):
        return False
    return _is_below(link.host, PUBLIC_HOSTS[link.vendor])


def _is_below(host: str, wanted: str) -> bool:
    """Whether a link's host is `wanted` or a subdomain of it; an id without host is anybody's."""
    return not host or host == wanted or host.endswith(f".{wanted}")


def _first(link: Link, ways: Iterable[Way], specs: Iterable[ToolSpec]) -> Read | None:
    by_tool = {_plain(spec.name, link.vendor): spec for spec in specs}
    for way in ways:
        spec = by_tool.get(way.tool)
        arguments = _filled(link, way, spec.input_schema) if spec else None
        if spec and arguments is not None:
            return Read(link, spec.name, arguments)
    return None


def _plain(name: str, vendor: Vendor) -> str:
    """A tool's name without its upstream's and its vendor's: `slack__slack_read_thread` is `read_thread`."""
    return name.partition("__")[2].replace("-", "_").removeprefix(f"{vendor.value}_")


def _filled(link: Link, way: Way, schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The arguments, or None if the tool does not take them or wants more."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return None
    values = {**vars(link), "project": f"{link.owner}/{link.repo}"}
    arguments: dict[str, Any] = {}
    for key, source in way.arguments.items():
        names = key.removesuffix("?").split("|")
        name = next((name for name in names if name in properties), "")
        value = source[1:] if source.startswith("=") else values[source]
        if name and value:
            filled = _as_type(value, properties[name])
            if filled is None:
                return None
            arguments[name] = filled
        elif not key.endswith("?"):
            return None
    required = schema.get("required")
    return arguments if set(required if isinstance(required, list) else ()) <= set(arguments) else None


def _as_type(value: str | int, schema: Any) -> str | int | None:
    """The value as its property wants it; None if it may not be that."""
    if not isinstance(schema, dict):
        return value
    allowed = schema.get("enum")
    if isinstance(allowed, list) and value not in allowed:
        return None
    if schema.get("type") in ("integer", "number"):
        return int(value) if str(value).isdecimal() else None
    return str(value) if schema.get("type") == "string" else value

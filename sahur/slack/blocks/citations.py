"""Where the evidence of an answer can be looked at: its receipt on the page, the code at its commit, what the report links to.

An address is built from what the repository's source and the receipts say, never taken from a model's words, and leads only
to hosts that the operator trusts (`SAHUR_LINK_HOSTS`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from django.conf import settings

from sahur.issues import models
from sahur.slack.blocks.block_kit import cut
from sahur.slack.markup import escape_code, without_links
from sahur_core.issues import Evidence
from sahur_core.linked.links import Link, Vendor, read_links
from sahur_core.linked.remotes import remote_of

_SHA = re.compile(r"[0-9a-fA-F]{7,64}")
LABEL_CHARS = 120


@dataclass(frozen=True)
class Forge:
    """How a service that hosts repositories writes its addresses, behind the repository's own."""

    code: str
    line: str
    commit: str


GITHUB = Forge("blob/{commit}/{path}", "#L{line}", "commit/{commit}")
GITLAB = Forge("-/blob/{commit}/{path}", "#L{line}", "-/commit/{commit}")
BITBUCKET = Forge("src/{commit}/{path}", "#lines-{line}", "commits/{commit}")


@dataclass(frozen=True)
class Home:
    """A repository on the web; without an address it is a path of some machine, or on a host that nobody trusts."""

    address: str = ""
    forge: Forge = GITHUB

    def code(self, path: str, commit: str, line: int | None = None) -> str:
        """Empty where it has no address."""
        if not self.address or not path or not _SHA.fullmatch(commit) or ".." in path.split("/"):
            return ""
        place = self.forge.code.format(commit=commit, path=quote(path.strip("/")))
        return f"{self.address}/{place}{self.forge.line.format(line=line) if line else ''}"

    def commit(self, sha: str) -> str:
        return f"{self.address}/{self.forge.commit.format(commit=sha)}" if self.address and _SHA.fullmatch(sha) else ""


@dataclass(frozen=True)
class Citations:
    """The evidence that may be cited in a thread, by its number. Without a page nothing is a link."""

    page: str = ""
    evidence: dict[int, Evidence] = field(default_factory=dict)
    home: Home = field(default_factory=Home)
    links: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """Address and name of what the report links to and a call has read."""

    def marks(self, numbers: Sequence[int]) -> str:
        """`[1][2]`, each a link to its receipt, in Slack's markup."""
        return "".join(self._mark(number) for number in numbers)

    def sources(self, numbers: Sequence[int]) -> list[str]:
        """A line for each number that can also be looked at elsewhere: `[1] shop/refunds.py:12`."""
        lines = [(number, self._elsewhere(number)) for number in dict.fromkeys(numbers)]
        return [f"{self._mark(number)} {', '.join(places)}" for number, places in lines if places]

    def _mark(self, number: int) -> str:
        return link(f"{self.page}#evidence-{number}", f"[{number}]") if self.page and number in self.evidence else f"[{number}]"

    def _elsewhere(self, number: int) -> list[str]:
        fact = self.evidence.get(number)
        if fact is None:
            return []
        code = self.home.code(fact.path, fact.commit, fact.line)
        commit = self.home.commit(fact.commit) if fact.commit and not fact.path else ""
        where = f"{fact.path}:{fact.line}" if fact.line else fact.path
        found = [(code, where), (commit, f"commit {fact.commit[:12]}"), *self.links.get(number, [])]
        return [link(address, label) for address, label in found if address]


def link(address: str, label: str) -> str:
    """In Slack's markup. A label is text from outside, which must not end the link."""
    words = escape_code(cut(without_links(" ".join(label.split())), LABEL_CHARS)).replace("|", "¦")
    return f"<{escape_code(address).replace('|', '%7C')}|{words}>"


def home_of(repository: models.Repository | None) -> Home:
    remote = remote_of(repository.source) if repository else ""
    host, _, path = remote.partition("/")
    if not path or not is_trusted(host):
        return Home()
    forge = GITLAB if "gitlab" in host else BITBUCKET if "bitbucket" in host else GITHUB
    return Home(f"https://{host}/{quote(path)}", forge)


def is_trusted(host: str) -> bool:
    return any(host == trusted or host.endswith(f".{trusted}") for trusted in settings.LINK_HOSTS)


def citations_of(run: models.Run, page: str, evidence: Sequence[Evidence], *, with_report: bool = True) -> Citations:
    """`evidence` is what may be cited where this is told; `with_report`: also what the report links to."""
    issue = run.issue
    remote = remote_of(issue.repository.source) if issue.repository else ""
    named = read_links(f"{issue.title}\n{issue.body}", remote) if with_report and evidence else []
    linked = [each for each in named if each.address and is_trusted(_host(each))]
    by_number = {fact.number: fact for fact in evidence}
    return Citations(page, by_number, home_of(issue.repository), _linked(run, evidence, linked) if linked else {})


def _linked(run: models.Run, evidence: Sequence[Evidence], linked: list[Link]) -> dict[int, list[tuple[str, str]]]:
    """Which evidence rests on a call that has read something that the report links to: its arguments name it."""
    calls = models.ToolCall.objects.filter(run=run, receipt_id__in=[fact.receipt_id for fact in evidence])
    arguments = {str(receipt): json.dumps(given) for receipt, given in calls.values_list("receipt_id", "arguments")}
    found: dict[int, list[tuple[str, str]]] = {}
    for fact in evidence:
        given = arguments.get(fact.receipt_id, "")
        named = [(each.address, each.name) for each in linked if _is_named(each, given)]
        if named:
            found[fact.number] = named
    return found


def _is_named(each: Link, arguments: str) -> bool:
    if each.vendor is Vendor.SENTRY:
        identity = each.event_id or each.issue_id
    else:
        identity = each.revision or each.ts or (str(each.number) if each.number else "")
        if each.repo and f'"{each.repo}"' not in arguments and f"/{each.repo}" not in arguments:
            identity = ""
    has_identity = bool(identity) and re.search(rf"(?<![\w]){re.escape(identity)}(?![\w])", arguments) is not None
    return has_identity or each.address in arguments


def _host(each: Link) -> str:
    return each.host.partition(":")[0]

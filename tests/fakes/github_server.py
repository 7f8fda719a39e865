"""A local GitHub: the parts of its REST API (v3) that MCP servers and SAHUR's tests use, over real repositories.

Files, commits and branches are read from git; issues, comments, pull requests and reviews are kept here. Form:
https://docs.github.com/en/rest. Pages are linked as GitHub links them, and the hourly limit counts down. GraphQL is not
spoken: the npm server does not ask for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.github_changes import changes
from tests.fakes.github_forms import Forms
from tests.fakes.github_git import GitFiles
from tests.fakes.github_reads import reads
from tests.fakes.internal import serve
from tests.fakes.rest_api import Answer, Call, Handler, Mishap, RefusedError, RestApi

TOKEN = "ghp_" + "F4k3" * 9
DOCS = "https://docs.github.com/rest"
LIMIT = 5000


@dataclass
class Issue:
    """An issue, or, with `head`, a pull request: GitHub numbers them together."""

    number: int
    title: str
    body: str | None
    user: str
    labels: list[str]
    assignees: list[str]
    at: float
    state: str = "open"
    closed_at: float | None = None
    head: str = ""
    base: str = ""
    merged_as: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Repository:
    owner: str
    name: str
    files: GitFiles
    issues: dict[int, Issue] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


class GitHub(RestApi):
    """`repositories` by `owner/name`. `remaining` is what is left of the hourly limit."""

    def __init__(self, token: str = TOKEN, login: str = "sahur-bot") -> None:
        super().__init__(token)
        self.login = login
        self.repositories: dict[str, Repository] = {}
        self.remaining = LIMIT
        self.resets_at = int(time.time()) + 1800

    def add_repository(self, full_name: str, path: Path) -> Repository:
        """Serve the git repository at `path` under this name."""
        owner, _, name = full_name.partition("/")
        self.repositories[full_name] = Repository(owner, name, GitFiles(path))
        return self.repositories[full_name]

    def file_issue(self, full_name: str, title: str, body: str = "", *, user: str = "rita") -> Issue:
        """An issue that a person filed."""
        return self._add(self.repositories[full_name], {"title": title, "body": body}, user)

    def routes(self) -> dict[str, Handler]:
        return reads(self) | changes(self)

    # --- what the handlers share ---

    @property
    def forms(self) -> Forms:
        return Forms(self.url)

    def repository(self, call: Call) -> Repository:
        found = self.repositories.get(f"{call.path['owner']}/{call.path['repo']}")
        if found is None:
            raise self.missing()
        return found

    def issue(self, call: Call, *, is_pull: bool | None = None) -> tuple[Repository, Issue]:
        """The issue of an address; a pull request is an issue too, but not the other way round."""
        repository, number = self.repository(call), call.path["number"]
        found = repository.issues.get(int(number)) if number.isdigit() else None
        if found is None or (is_pull and not found.head):
            raise self.missing()
        return repository, found

    def add(self, repository: Repository, body: dict[str, Any], **more: str) -> Issue:
        """What the owner of the token files."""
        return self._add(repository, body, self.login, **more)

    @staticmethod
    def _add(repository: Repository, body: dict[str, Any], user: str, **more: str) -> Issue:
        number = max(repository.issues, default=0) + 1
        labels, assignees = body.get("labels") or [], body.get("assignees") or []
        issue = Issue(number, body["title"], body.get("body"), user, labels, assignees, time.time(), **more)
        repository.issues[number] = issue
        return issue

    def page(self, call: Call, items: list[Any], *, wrap: str = "") -> Answer:
        """A page of a list with its links (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api)."""
        size, page = call.number("per_page", 30), call.number("page", 1, 10_000)
        last = max(1, -(-len(items) // size))
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        if page >= last:
            del links["next"], links["last"]
        if page == 1:
            del links["prev"], links["first"]
        shown = items[(page - 1) * size : page * size]
        body: Any = {"total_count": len(items), "incomplete_results": False, wrap: shown} if wrap else shown
        header = ", ".join(f'<{call.address(page=number, per_page=size)}>; rel="{rel}"' for rel, number in links.items())
        return Answer(body, headers={"Link": header} if header else {})

    # --- refusals ---

    @staticmethod
    def missing() -> RefusedError:
        return RefusedError(404, _problem(404, "Not Found"))

    @staticmethod
    def invalid(resource: str, field: str, code: str = "missing_field") -> RefusedError:
        errors = [{"resource": resource, "field": field, "code": code}]
        return RefusedError(422, _problem(422, "Validation Failed") | {"errors": errors})

    def refusal(self, authorization: str) -> Answer | None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in ("bearer", "token") or token != self.token:
            return Answer(_problem(401, "Bad credentials"), 401)
        if self.remaining <= 0:
            return Answer(_problem(403, "API rate limit exceeded for user ID 1."), 403)
        self.remaining -= 1
        return None

    def not_found(self) -> Answer:
        return self.missing().answer

    def headers(self) -> dict[str, str]:
        return {
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(max(0, self.remaining)),
            "X-RateLimit-Used": str(LIMIT - max(0, self.remaining)),
            "X-RateLimit-Reset": str(self.resets_at),
            "X-RateLimit-Resource": "core",
        }


def _problem(status: int, message: str) -> dict[str, Any]:
    return {"message": message, "documentation_url": DOCS, "status": str(status)}


def secondary_limit(seconds: int = 60) -> Mishap:
    """The answer to too many requests at once."""
    text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Mishap(429, _problem(429, text), {"Retry-After": str(seconds)})


@contextmanager
def running(github: GitHub | None = None) -> Iterator[GitHub]:
    """Serve it for as long as the block lasts."""
    github = github or GitHub()
    with serve(github.app()) as github.url:
        yield github

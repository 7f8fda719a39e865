"""A local Sentry: the parts of its web API that its own MCP server uses, as a self-hosted one answers them.

Organizations hold projects, projects hold issues, issues hold events and notes; all of them keep what is done to them.
Form: https://docs.sentry.io/api/ (pages: /api/pagination/, limits: /api/ratelimits/).
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.fakes.internal import serve
from tests.fakes.rest_api import Answer, Call, Handler, Mishap, RefusedError, RestApi

TOKEN = "sntryu_" + "0f4k3" * 12
ORGANIZATION = "/api/0/organizations/{organization}"
ISSUE = f"{ORGANIZATION}/issues/{{issue}}"
Json = dict[str, Any]


@dataclass
class Project:
    id: str
    organization: str
    slug: str
    platform: str


@dataclass
class Issue:
    """A group of events. `short_id` is what people call it: `SHOP-1`."""

    id: str
    short_id: str
    project: Project
    title: str
    culprit: str
    events: list[Json] = field(default_factory=list)
    status: str = "unresolved"
    substatus: str | None = "ongoing"
    assigned_to: Json | None = None
    notes: list[Json] = field(default_factory=list)


class Sentry(RestApi):
    """`projects` by slug, `issues` by short id; one organization for all."""

    def __init__(self, token: str = TOKEN, organization: str = "acme") -> None:
        super().__init__(token)
        self.organization = organization
        self.projects: dict[str, Project] = {}
        self.issues: dict[str, Issue] = {}

    def add_project(self, slug: str, platform: str = "python") -> Project:
        self.projects[slug] = Project(str(4000 + len(self.projects)), self.organization, slug, platform)
        return self.projects[slug]

    def add_error(self, project: str, kind: str, value: str, frames: list[tuple[str, str, int, str]], **tags: str) -> Issue:
        """An error that the project sent. `frames`: file, function, line number and the line, innermost last."""
        title = f"{kind}: {value}"
        found = next((issue for issue in self.issues.values() if issue.title == title), None)
        if found is None:
            number = len([issue for issue in self.issues.values() if issue.project.slug == project]) + 1
            short_id = f"{project.upper()}-{number}"
            culprit = f"{frames[-1][0]} in {frames[-1][1]}"
            found = Issue(str(7000 + len(self.issues)), short_id, self.projects[project], title, culprit)
            self.issues[short_id] = found
        found.events.append(_event(found, kind, value, frames, tags))
        return found

    def routes(self) -> dict[str, Handler]:
        return {
            "GET /api/0/auth/": lambda _: Answer({"id": "1", "name": "Sahur Bot", "email": "bot@example.com"}),
            "GET /api/0/organizations/": self._organizations,
            f"GET {ORGANIZATION}/": lambda call: Answer(self._organization(call)),
            f"GET {ORGANIZATION}/projects/": self._projects,
            f"GET {ORGANIZATION}/teams/": lambda call: self.page(call, []) if self._organization(call) else self.missing().answer,
            f"GET {ORGANIZATION}/issues/": self._issues,
            f"GET {ISSUE}/": lambda call: Answer(self._form(self._issue(call))),
            f"PUT {ISSUE}/": self._update,
            f"GET {ISSUE}/events/": lambda call: self.page(call, list(reversed(self._issue(call).events))),
            f"GET {ISSUE}/events/{{event}}/": self._event,
            f"GET {ISSUE}/notes/": lambda call: self.page(call, list(reversed(self._issue(call).notes))),
            f"POST {ISSUE}/notes/": self._add_note,
            f"GET {ISSUE}/activities/": lambda call: Answer({"activity": list(reversed(self._issue(call).notes))}),
            f"GET {ISSUE}/external-issues/": lambda call: Answer([] if self._issue(call) else None),
            f"GET {ISSUE}/tags/{{key}}/": self._tag_values,
            "GET /api/0/projects/{organization}/{project}/": lambda call: Answer(self._project_form(self._project(call))),
            "GET /api/0/projects/{organization}/{project}/stacktrace-link/": self._stacktrace_link,
        }

    # --- handlers ---

    def _organizations(self, call: Call) -> Answer:
        query = call.query.get("query", "")
        return self.page(call, [self._organization_form()] if query in self.organization else [])

    def _projects(self, call: Call) -> Answer:
        self._organization(call)
        found = [each for each in self.projects.values() if call.query.get("query", "") in each.slug]
        return self.page(call, [self._project_form(each) for each in found])

    def _issues(self, call: Call) -> Answer:
        """Newest first. `is:` and `issue:` narrow; other words must stand in the title or the culprit."""
        self._organization(call)
        found = list(reversed(self.issues.values()))
        if call.query.get("project"):
            found = [issue for issue in found if issue.project.id == call.query["project"]]
        for word in call.query.get("query", "").split():
            name, _, value = word.partition(":")
            if name == "is":
                found = [issue for issue in found if issue.status == value]
            elif name == "issue":
                found = [issue for issue in found if issue.short_id == value]
            elif not value:
                found = [issue for issue in found if word.casefold() in f"{issue.title} {issue.culprit}".casefold()]
            else:
                raise RefusedError(400, {"detail": f"Error parsing search query: Invalid key for this search: {name}"})
        return self.page(call, [self._form(issue) for issue in found], size="limit")

    def _update(self, call: Call) -> Answer:
        issue, body = self._issue(call), call.body or {}
        if body.get("status", "resolved") not in ("resolved", "unresolved", "ignored", "resolvedInNextRelease"):
            raise RefusedError(400, {"status": [f'"{body["status"]}" is not a valid choice.'], "detail": "Invalid status"})
        if "status" in body:
            issue.status, issue.substatus = body["status"], body.get("substatus")
        if "assignedTo" in body:
            issue.assigned_to = {"type": "user", "id": "1", "name": str(body["assignedTo"])} if body["assignedTo"] else None
        return Answer(self._form(issue))

    def _event(self, call: Call) -> Answer:
        events = self._issue(call).events
        wanted = call.path["event"]
        found = [event for event in events if wanted in ("latest", "recommended", event["id"])]
        if not found:
            raise RefusedError(404, {"detail": "Event not found"})
        return Answer(found[-1])

    def _add_note(self, call: Call) -> Answer:
        issue, text = self._issue(call), str((call.body or {}).get("text") or "").strip()
        if not text:
            raise RefusedError(400, {"text": ["This field is required."], "detail": "This field is required."})
        user = {"id": "1", "name": "Sahur Bot", "email": "bot@example.com", "type": "user"}
        note = {"id": str(9000 + len(issue.notes)), "type": "note", "dateCreated": _now(), "user": user, "data": {"text": text}}
        issue.notes.append(note)
        return Answer(note, 201)

    def _tag_values(self, call: Call) -> Answer:
        key = call.path["key"]
        values = [tag["value"] for event in self._issue(call).events for tag in event["tags"] if tag["key"] == key]
        if not values:
            raise self.missing()
        top = [{"key": key, "name": value, "value": value, "count": values.count(value)} for value in sorted(set(values))]
        return Answer({"key": key, "name": key.title(), "totalValues": len(values), "topValues": top})

    def _stacktrace_link(self, call: Call) -> Answer:
        """No repository is connected."""
        self._project(call)
        return Answer({"config": None, "sourceUrl": None, "integrations": []})

    # --- what is asked for ---

    def _organization(self, call: Call) -> Json:
        if call.path["organization"] != self.organization:
            raise self.missing()
        return self._organization_form()

    def _project(self, call: Call) -> Project:
        self._organization(call)
        found = [each for each in self.projects.values() if call.path["project"] in (each.slug, each.id)]
        if not found:
            raise self.missing()
        return found[0]

    def _issue(self, call: Call) -> Issue:
        """By its number or its short id."""
        self._organization(call)
        wanted = call.path["issue"]
        found = [issue for issue in self.issues.values() if wanted in (issue.id, issue.short_id)]
        if not found:
            raise self.missing()
        return found[0]

    # --- forms ---

    def _organization_form(self) -> Json:
        links = {"organizationUrl": f"{self.url}/organizations/{self.organization}", "regionUrl": ""}
        return {"id": "1", "slug": self.organization, "name": self.organization.title(), "links": links}

    @staticmethod
    def _project_form(project: Project) -> Json:
        return {"id": project.id, "slug": project.slug, "name": project.slug.title(), "platform": project.platform}

    def _form(self, issue: Issue) -> Json:
        dates = [event["dateCreated"] for event in issue.events]
        return {
            "id": issue.id, "shortId": issue.short_id, "title": issue.title, "culprit": issue.culprit, "type": "error",
            "permalink": f"{self.url}/organizations/{self.organization}/issues/{issue.id}/", "level": "error",
            "status": issue.status, "substatus": issue.substatus, "statusDetails": {}, "platform": issue.project.platform,
            "project": self._project_form(issue.project), "count": str(len(issue.events)), "userCount": 0,
            "firstSeen": min(dates), "lastSeen": max(dates), "assignedTo": issue.assigned_to, "issueType": "error",
            "issueCategory": "error", "metadata": {"title": issue.title, "value": issue.title.partition(": ")[2]},
        }  # fmt: skip

    def page(self, call: Call, items: list[Any], *, size: str = "per_page") -> Answer:
        """A page by cursor. Sentry links both directions always and says in the link whether anything is there."""
        count = call.number(size, 100)
        start = int((call.query.get("cursor") or "0:0:0").split(":")[1]) * count
        number, is_more = start // count, start + count < len(items)
        links = [
            f'<{call.address(cursor=cursor)}>; rel="{rel}"; results="{str(is_there).lower()}"; cursor="{cursor}"'
            for rel, cursor, is_there in (
                ("previous", f"0:{max(0, number - 1)}:1", number > 0),
                ("next", f"0:{number + 1}:0", is_more),
            )
        ]
        return Answer(items[start : start + count], headers={"Link": ", ".join(links)})

    # --- refusals ---

    @staticmethod
    def missing() -> RefusedError:
        return RefusedError(404, {"detail": "The requested resource does not exist"})

    def refusal(self, authorization: str) -> Answer | None:
        if not authorization:
            return Answer({"detail": "Authentication credentials were not provided."}, 401)
        if authorization != f"Bearer {self.token}":
            return Answer({"detail": "Invalid token"}, 401)
        return None

    def not_found(self) -> Answer:
        return self.missing().answer


def rate_limit(seconds: int = 1) -> Mishap:
    """The answer to too many requests."""
    headers = {
        "Retry-After": str(seconds), "X-Sentry-Rate-Limit-Limit": "40", "X-Sentry-Rate-Limit-Remaining": "0",
        "X-Sentry-Rate-Limit-Reset": str(int(time.time()) + seconds),
    }  # fmt: skip
    text = f"You are attempting to use this endpoint too frequently. Limit is 40 requests in {seconds} seconds"
    return Mishap(429, {"detail": text}, headers)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _event(issue: Issue, kind: str, value: str, frames: list[tuple[str, str, int, str]], tags: dict[str, str]) -> Json:
    stack = [
        {
            "filename": file, "absPath": f"/srv/{file}", "module": file.removesuffix(".py").replace("/", "."),
            "function": function, "lineNo": line, "colNo": None, "inApp": True, "platform": "python", "package": None,
            "context": [[line, text]], "vars": None, "sourceLink": None,
        }
        for file, function, line, text in frames
    ]  # fmt: skip
    mechanism = {"type": "excepthook", "handled": False}
    error = {"type": kind, "value": value, "mechanism": mechanism, "stacktrace": {"frames": stack}}
    number = f"{zlib.crc32(f'{issue.id}/{len(issue.events)}'.encode()):08x}" * 4
    return {
        "id": number, "eventID": number, "groupID": issue.id, "title": issue.title, "message": value, "platform": "python",
        "type": "error", "culprit": issue.culprit, "dateCreated": _now(), "dateReceived": _now(), "contexts": {}, "user": None,
        "entries": [{"type": "exception", "data": {"values": [error]}}], "sdk": {"name": "sentry.python", "version": "2.44.0"},
        "tags": [{"key": key, "value": each} for key, each in tags.items()], "release": None,
    }  # fmt: skip


@contextmanager
def running(sentry: Sentry | None = None) -> Iterator[Sentry]:
    """Serve it for as long as the block lasts."""
    sentry = sentry or Sentry()
    with serve(sentry.app()) as sentry.url:
        yield sentry

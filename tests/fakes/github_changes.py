"""The handlers of the local GitHub that change something. Whoever sends a request twice changes it twice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.fakes.rest_api import Answer, Call, Handler

if TYPE_CHECKING:
    from tests.fakes.github_server import GitHub

REPO = "/repos/{owner}/{repo}"


def changes(github: GitHub) -> dict[str, Handler]:
    """Handlers by method and address."""
    made = _Changes(github)
    return {
        f"POST {REPO}/issues": made.create_issue,
        f"PATCH {REPO}/issues/{{number}}": made.update_issue,
        f"POST {REPO}/issues/{{number}}/comments": made.comment,
        f"POST {REPO}/pulls": made.create_pull,
        f"POST {REPO}/pulls/{{number}}/reviews": made.review,
        f"PUT {REPO}/pulls/{{number}}/merge": made.merge,
        f"POST {REPO}/git/refs": made.create_branch,
    }


class _Changes:
    def __init__(self, github: GitHub) -> None:
        self._github = github

    def create_issue(self, call: Call) -> Answer:
        repository, body = self._github.repository(call), call.body or {}
        if not str(body.get("title") or "").strip():
            raise self._github.invalid("Issue", "title")
        return Answer(self._github.forms.issue(repository, self._github.add(repository, body)), 201)

    def update_issue(self, call: Call) -> Answer:
        repository, issue = self._github.issue(call)
        body = call.body or {}
        if body.get("state", "open") not in ("open", "closed"):
            raise self._github.invalid("Issue", "state", "invalid")
        for name in ("title", "body", "labels", "assignees", "state"):
            if name in body:
                setattr(issue, name, body[name])
        issue.closed_at = time.time() if issue.state == "closed" else None
        return Answer(self._github.forms.issue(repository, issue))

    def comment(self, call: Call) -> Answer:
        repository, issue = self._github.issue(call)
        text = str((call.body or {}).get("body") or "")
        if not text.strip():
            raise self._github.invalid("IssueComment", "body")
        number = 1000 * issue.number + len(issue.comments) + 1
        form = self._github.forms.comment(repository, issue, number, self._github.login, text, time.time())
        issue.comments.append(form)
        return Answer(form, 201)

    def create_pull(self, call: Call) -> Answer:
        repository, body = self._github.repository(call), call.body or {}
        branches = repository.files.branches()
        for name in ("head", "base"):
            if body.get(name) not in branches:
                raise self._github.invalid("PullRequest", name, "invalid")
        if any(issue.head == body["head"] and issue.state == "open" for issue in repository.issues.values()):
            raise self._github.invalid("PullRequest", "head", "custom")
        pull = self._github.add(repository, body, head=body["head"], base=body["base"])
        return Answer(self._github.forms.pull(repository, pull), 201)

    def review(self, call: Call) -> Answer:
        _, issue = self._github.issue(call, is_pull=True)
        body = call.body or {}
        states = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
        number = 5000 + len(issue.reviews)
        review = {
            "id": number, "node_id": f"PRR_{number}", "user": self._github.forms.user(self._github.login),
            "body": body.get("body"), "state": states[body.get("event", "COMMENT")], "pull_request_url": call.url,
            "html_url": f"{self._github.url}/reviews/{number}", "commit_id": body.get("commit_id") or "",
            "submitted_at": "2026-01-05T10:00:00Z", "author_association": "MEMBER",
        }  # fmt: skip
        issue.reviews.append(review)
        return Answer(review)

    def merge(self, call: Call) -> Answer:
        """A fast-forward merge."""
        repository, issue = self._github.issue(call, is_pull=True)
        if issue.merged_as:
            return Answer({"message": "Pull Request is not mergeable", "status": "405"}, 405)
        issue.merged_as = repository.files.resolve(issue.head)
        issue.state, issue.closed_at = "closed", time.time()
        repository.files.make_branch(issue.base, issue.merged_as)
        return Answer({"sha": issue.merged_as, "merged": True, "message": "Pull Request successfully merged"})

    def create_branch(self, call: Call) -> Answer:
        repository, body = self._github.repository(call), call.body or {}
        name = str(body.get("ref", "")).removeprefix("refs/heads/")
        if name in repository.files.branches():
            raise self._github.invalid("Reference", "ref", "already_exists")
        if not repository.files.resolve(str(body.get("sha", ""))):
            raise self._github.invalid("Reference", "sha", "invalid")
        repository.files.make_branch(name, body["sha"])
        return Answer(self._github.forms.reference(repository, name, body["sha"]), 201)

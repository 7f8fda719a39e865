"""The handlers of the local GitHub that only read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.fakes.rest_api import Answer, Call, Handler

if TYPE_CHECKING:
    from tests.fakes.github_server import GitHub, Issue, Repository

REPO = "/repos/{owner}/{repo}"
_QUALIFIER = re.compile(r"\b(repo|is|state|label|author|type|user|org):(\S+)")


def reads(github: GitHub) -> dict[str, Handler]:
    """Handlers by method and address."""
    files, issues, search = _Files(github), _Issues(github), _Search(github)
    return {
        "GET /user": lambda _: Answer(github.forms.user(github.login)),
        "GET /rate_limit": lambda _: Answer({"rate": {"remaining": github.remaining, "reset": github.resets_at}}),
        f"GET {REPO}": lambda call: Answer(github.forms.repository(github.repository(call))),
        f"GET {REPO}/contents/{{path:path}}": files.contents,
        f"GET {REPO}/commits": files.commits,
        f"GET {REPO}/commits/{{sha}}/status": files.status,
        f"GET {REPO}/branches/{{branch}}": files.branch,
        f"GET {REPO}/git/refs/heads/{{branch:path}}": files.reference,
        f"GET {REPO}/issues": issues.issues,
        f"GET {REPO}/issues/{{number}}": issues.issue,
        f"GET {REPO}/issues/{{number}}/comments": issues.comments,
        f"GET {REPO}/pulls": issues.pulls,
        f"GET {REPO}/pulls/{{number}}": issues.pull,
        f"GET {REPO}/pulls/{{number}}/files": issues.changed_files,
        f"GET {REPO}/pulls/{{number}}/comments": issues.line_comments,
        f"GET {REPO}/pulls/{{number}}/reviews": lambda call: github.page(call, github.issue(call, is_pull=True)[1].reviews),
        "GET /search/issues": search.issues,
        "GET /search/code": search.code,
        "GET /search/repositories": search.repositories,
        "GET /search/users": search.users,
    }


class _Files:
    def __init__(self, github: GitHub) -> None:
        self._github = github

    def contents(self, call: Call) -> Answer:
        repository = self._github.repository(call)
        revision = call.query.get("ref") or repository.files.branch
        path = call.path["path"].strip("/")
        entries = repository.files.entries(revision, path) if repository.files.resolve(revision) else []
        if not entries:
            raise self._github.missing()
        if entries[0].path == path:
            content = repository.files.content(entries[0].sha)
            return Answer(self._github.forms.entry(repository, entries[0], revision, content))
        return Answer([self._github.forms.entry(repository, entry, revision) for entry in entries])

    def commits(self, call: Call) -> Answer:
        repository = self._github.repository(call)
        revision = call.query.get("sha") or repository.files.branch
        if not repository.files.resolve(revision):
            raise self._github.missing()
        found = repository.files.commits(revision, call.query.get("path", ""))
        return self._github.page(call, [self._github.forms.commit(repository, commit) for commit in found])

    def status(self, call: Call) -> Answer:
        repository = self._github.repository(call)
        sha = repository.files.resolve(call.path["sha"])
        if not sha:
            raise self._github.missing()
        form = self._github.forms.repository(repository)
        return Answer({"state": "success", "statuses": [], "sha": sha, "total_count": 0, "repository": form, "url": call.url})

    def branch(self, call: Call) -> Answer:
        repository = self._github.repository(call)
        sha = repository.files.branches().get(call.path["branch"])
        if sha is None:
            raise self._github.missing()
        return Answer({"name": call.path["branch"], "commit": {"sha": sha, "url": call.url}, "protected": False})

    def reference(self, call: Call) -> Answer:
        repository, branch = self._github.repository(call), call.path["branch"]
        sha = repository.files.branches().get(branch)
        if sha is None:
            raise self._github.missing()
        return Answer(self._github.forms.reference(repository, branch, sha))


class _Issues:
    def __init__(self, github: GitHub) -> None:
        self._github = github

    def issues(self, call: Call) -> Answer:
        """Pull requests are among them, as with the real one."""
        repository = self._github.repository(call)
        state, labels = call.query.get("state", "open"), set(filter(None, call.query.get("labels", "").split(",")))
        found = [
            self._github.forms.issue(repository, issue)
            for issue in reversed(repository.issues.values())
            if state in ("all", issue.state) and labels <= set(issue.labels)
        ]
        if call.query.get("direction") == "asc":
            found.reverse()
        return self._github.page(call, found)

    def issue(self, call: Call) -> Answer:
        return Answer(self._github.forms.issue(*self._github.issue(call)))

    def comments(self, call: Call) -> Answer:
        return self._github.page(call, self._github.issue(call)[1].comments)

    def pulls(self, call: Call) -> Answer:
        repository, state = self._github.repository(call), call.query.get("state", "open")
        found = [issue for issue in reversed(repository.issues.values()) if issue.head and state in ("all", issue.state)]
        return self._github.page(call, [self._github.forms.pull(repository, issue) for issue in found])

    def pull(self, call: Call) -> Answer:
        return Answer(self._github.forms.pull(*self._github.issue(call, is_pull=True)))

    def line_comments(self, call: Call) -> Answer:
        """Comments on single lines; reviews here have none."""
        self._github.issue(call, is_pull=True)
        return self._github.page(call, [])

    def changed_files(self, call: Call) -> Answer:
        repository, issue = self._github.issue(call, is_pull=True)
        words = {"A": "added", "M": "modified", "D": "removed"}
        found = []
        for kind, path, patch in repository.files.changed_files(issue.base, issue.head):
            lines = patch.splitlines()
            added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
            removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
            url = f"{self._github.url}/{repository.full_name}/blob/{issue.head}/{path}"
            found.append(
                {
                    "sha": repository.files.resolve(issue.head), "filename": path, "status": words[kind], "additions": added,
                    "deletions": removed, "changes": added + removed, "blob_url": url, "raw_url": url, "contents_url": url,
                    "patch": patch,
                }
            )  # fmt: skip
        return self._github.page(call, found)


class _Search:
    """Words must all be found; the qualifiers that are known narrow the search, as with the real one."""

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def issues(self, call: Call) -> Answer:
        words, narrowed = self._read(call)
        found = [
            self._github.forms.issue(repository, issue) | {"score": 1.0}
            for repository in self._repositories(narrowed)
            for issue in repository.issues.values()
            if self._fits(issue, narrowed) and all(word in f"{issue.title} {issue.body}".casefold() for word in words)
        ]
        return self._github.page(call, found, wrap="items")

    def code(self, call: Call) -> Answer:
        words, narrowed = self._read(call)
        found: list[dict[str, Any]] = []
        for repository in self._repositories(narrowed):
            branch = repository.files.branch
            for entry in repository.files.tree(branch):
                text = repository.files.content(entry.sha).decode(errors="replace").casefold()
                if all(word in text for word in words):
                    form = self._github.forms.entry(repository, entry, branch)
                    found.append(form | {"repository": self._github.forms.repository(repository), "score": 1.0})
        return self._github.page(call, found, wrap="items")

    def repositories(self, call: Call) -> Answer:
        words, narrowed = self._read(call, "q" if "q" in call.query else "query")
        found = [each for each in self._repositories(narrowed) if all(word in each.full_name for word in words)]
        return self._github.page(call, [self._github.forms.repository(each) for each in found], wrap="items")

    def users(self, call: Call) -> Answer:
        words, _ = self._read(call)
        issues = [issue for each in self._github.repositories.values() for issue in each.issues.values()]
        logins = sorted({self._github.login} | {issue.user for issue in issues})
        found = [self._github.forms.user(login) for login in logins if all(word in login.casefold() for word in words)]
        return self._github.page(call, found, wrap="items")

    def _read(self, call: Call, name: str = "q") -> tuple[list[str], dict[str, list[str]]]:
        query = call.query.get(name, "")
        if not query.strip():
            raise self._github.invalid("Search", "q", "missing")
        narrowed: dict[str, list[str]] = {}
        for qualifier, value in _QUALIFIER.findall(query):
            narrowed.setdefault(qualifier, []).append(value.strip('"'))
        return [word.strip('"').casefold() for word in _QUALIFIER.sub("", query).split()], narrowed

    def _repositories(self, narrowed: dict[str, list[str]]) -> list[Repository]:
        wanted = narrowed.get("repo")
        if wanted and not set(wanted) & set(self._github.repositories):
            # The real one tells nothing about what the token cannot see.
            raise self._github.invalid("Search", "q", "invalid")
        return [each for name, each in self._github.repositories.items() if not wanted or name in wanted]

    @staticmethod
    def _fits(issue: Issue, narrowed: dict[str, list[str]]) -> bool:
        told = {issue.state, "pr" if issue.head else "issue"}
        asked = [value for name in ("is", "state", "type") for value in narrowed.get(name, [])]
        is_by = narrowed.get("author", [issue.user]) == [issue.user]
        return is_by and set(asked) <= told and set(narrowed.get("label", [])) <= set(issue.labels)

"""GitHub's resources as it writes them in JSON: the fields that its clients check."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.github_git import Commit, Entry

if TYPE_CHECKING:
    from tests.fakes.github_server import Issue, Repository

Json = dict[str, Any]


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Forms:
    """All addresses in the answers begin with `url`; the pages for people would lie there too."""

    def __init__(self, url: str) -> None:
        self._url = url

    def user(self, login: str) -> Json:
        return {
            "login": login, "id": zlib.crc32(login.encode()), "node_id": f"U_{login}", "type": "User", "site_admin": False,
            "avatar_url": f"{self._url}/avatars/{login}", "url": f"{self._url}/users/{login}", "html_url": f"{self._url}/{login}",
        }  # fmt: skip

    def repository(self, repository: Repository) -> Json:
        name = repository.full_name
        return {
            "id": zlib.crc32(name.encode()), "node_id": f"R_{name}", "name": repository.name, "full_name": name,
            "private": True, "owner": self.user(repository.owner), "html_url": f"{self._url}/{name}", "description": None,
            "fork": False, "url": f"{self._url}/repos/{name}", "created_at": moment(0), "updated_at": moment(0),
            "pushed_at": moment(0), "git_url": f"git://github.example/{name}.git", "open_issues_count": self._open(repository),
            "ssh_url": f"git@github.example:{name}.git", "clone_url": f"{self._url}/{name}.git",
            "default_branch": repository.files.branch, "archived": False, "visibility": "private",
        }  # fmt: skip

    @staticmethod
    def _open(repository: Repository) -> int:
        return sum(issue.state == "open" for issue in repository.issues.values())

    def entry(self, repository: Repository, entry: Entry, revision: str, content: bytes | None = None) -> Json:
        """A file or a folder; with its content if it was asked for by its own path."""
        api = f"{self._url}/repos/{repository.full_name}"
        page = f"{self._url}/{repository.full_name}/blob/{revision}/{entry.path}"
        is_file = entry.kind == "blob"
        links = {
            "url": f"{api}/contents/{entry.path}?ref={revision}",
            "git_url": f"{api}/git/{entry.kind}s/{entry.sha}",
            "html_url": page,
        }
        found: Json = {
            "type": "file" if is_file else "dir", "size": entry.size, "name": entry.path.rpartition("/")[2], "path": entry.path,
            "sha": entry.sha, **links, "download_url": page.replace("/blob/", "/raw/") if is_file else None,
            "_links": {"self": links["url"], "git": links["git_url"], "html": page},
        }  # fmt: skip
        if content is not None:
            # In lines of 60 characters, as GitHub sends it.
            found |= {"encoding": "base64", "content": base64.encodebytes(content).decode()}
        return found

    def commit(self, repository: Repository, commit: Commit) -> Json:
        api = f"{self._url}/repos/{repository.full_name}"
        person = {"name": commit.name, "email": commit.email, "date": commit.date}
        return {
            "sha": commit.sha, "node_id": f"C_{commit.sha}", "url": f"{api}/commits/{commit.sha}",
            "html_url": f"{self._url}/{repository.full_name}/commit/{commit.sha}",
            "comments_url": f"{api}/commits/{commit.sha}/comments", "author": None, "committer": None,
            "parents": [{"sha": sha, "url": f"{api}/commits/{sha}"} for sha in commit.parents],
            "commit": {
                "author": person, "committer": person, "message": commit.message, "comment_count": 0,
                "tree": {"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}"}, "url": f"{api}/git/commits/{commit.sha}",
            },
        }  # fmt: skip

    def issue(self, repository: Repository, issue: Issue) -> Json:
        kind = "pull" if issue.head else "issues"
        page, api = f"{self._url}/{repository.full_name}/{kind}/{issue.number}", f"{self._url}/repos/{repository.full_name}"
        here = f"{api}/issues/{issue.number}"
        people = [self.user(login) for login in issue.assignees]
        found: Json = {
            "url": here, "repository_url": api, "labels_url": f"{here}/labels{{/name}}", "comments_url": f"{here}/comments",
            "events_url": f"{here}/events", "html_url": page, "id": self._id(repository, issue), "node_id": f"I_{issue.number}",
            "number": issue.number, "title": issue.title, "user": self.user(issue.user), "state": issue.state, "locked": False,
            "labels": [self._label(api, name) for name in issue.labels], "assignee": people[0] if people else None,
            "assignees": people, "milestone": None, "comments": len(issue.comments), "created_at": moment(issue.at),
            "updated_at": moment(issue.at), "closed_at": moment(issue.closed_at) if issue.closed_at else None,
            "author_association": "MEMBER", "body": issue.body, "state_reason": None,
        }  # fmt: skip
        if issue.head:
            found["pull_request"] = {"url": f"{api}/pulls/{issue.number}", "html_url": page}
        return found

    def pull(self, repository: Repository, issue: Issue) -> Json:
        found = self.issue(repository, issue)
        api = f"{self._url}/repos/{repository.full_name}/pulls/{issue.number}"
        merged = moment(issue.closed_at) if issue.merged_as and issue.closed_at else None
        found |= {
            "url": api, "issue_url": found["url"], "diff_url": f"{found['html_url']}.diff",
            "patch_url": f"{found['html_url']}.patch", "merged_at": merged, "merge_commit_sha": issue.merged_as or None,
            "requested_reviewers": [], "draft": False, "merged": bool(issue.merged_as), "mergeable": not issue.merged_as,
            "head": self._end(repository, issue.head), "base": self._end(repository, issue.base),
        }  # fmt: skip
        return found

    def _end(self, repository: Repository, branch: str) -> Json:
        return {
            "label": f"{repository.owner}:{branch}", "ref": branch, "sha": repository.files.resolve(branch),
            "user": self.user(repository.owner), "repo": self.repository(repository),
        }  # fmt: skip

    def comment(self, repository: Repository, issue: Issue, number: int, user: str, body: str, at: float) -> Json:
        where = f"{self._url}/repos/{repository.full_name}/issues"
        page = f"{self._url}/{repository.full_name}/issues/{issue.number}#issuecomment-{number}"
        return {
            "id": number, "node_id": f"IC_{number}", "url": f"{where}/comments/{number}", "html_url": page,
            "issue_url": f"{where}/{issue.number}", "user": self.user(user), "body": body, "created_at": moment(at),
            "updated_at": moment(at), "author_association": "MEMBER",
        }  # fmt: skip

    def reference(self, repository: Repository, branch: str, sha: str) -> Json:
        api = f"{self._url}/repos/{repository.full_name}/git"
        target = {"sha": sha, "type": "commit", "url": f"{api}/commits/{sha}"}
        return {"ref": f"refs/heads/{branch}", "node_id": f"REF_{branch}", "url": f"{api}/refs/heads/{branch}", "object": target}

    @staticmethod
    def _id(repository: Repository, issue: Issue) -> int:
        return zlib.crc32(repository.full_name.encode()) + issue.number

    @staticmethod
    def _label(api: str, name: str) -> Json:
        return {
            "id": zlib.crc32(name.encode()), "node_id": f"L_{name}", "url": f"{api}/labels/{name}", "name": name,
            "color": "d73a4a", "default": False, "description": None,
        }  # fmt: skip

"""Who answers for a path: CODEOWNERS as GitHub reads it, and who wrote what is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sahur_core.code.git.code_owners import CodeOwners
from sahur_core.code.git.owners import owners_of
from sahur_core.code.git.repository import Repository
from sahur_core.errors import InputError, NotFound
from tests.core.code.conftest import Origin

Clone = Callable[[], Repository]

# The examples of GitHub's own page on code owners.
GITHUB = """# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("src/main.py", ["@global-owner1", "@global-owner2"]),
        ("src/app.js", ["@js-owner"]),
        ("cmd/main.go", ["docs@example.com"]),
        ("src/build/logs/a.py", ["@octocat"]),
        ("build/logs/deep/a.py", ["@octocat"]),
        ("docs/getting-started.md", ["@doctocat"]),
        ("src/docs/getting-started.md", ["@global-owner1", "@global-owner2"]),
        ("src/apps/x.py", ["@octocat"]),
        ("scripts/x.sh", ["@doctocat", "@octocat"]),
        ("deeply/nested/logs/a.py", ["@octocat"]),
        ("apps/x.py", ["@octocat"]),
        ("apps/github/x.py", []),
    ],
)
def test_githubs_own_examples(path: str, owners: list[str]) -> None:
    rule = CodeOwners("CODEOWNERS", GITHUB).rule_for(path)
    assert rule is not None
    assert rule.owners == owners


def test_a_folder_with_a_star_means_the_files_right_in_it() -> None:
    owners = CodeOwners("CODEOWNERS", "docs/* docs@example.com\n")
    assert owners.rule_for("docs/getting-started.md")
    assert owners.rule_for("docs/build-app/troubleshooting.md") is None


@pytest.mark.parametrize("line", ["!*.py @a", "[ab].py @a", "\\#x.py @a", "*.py no-owner", "*.py @a @", "# *.py @a", ""])
def test_lines_that_github_does_not_read_count_for_nothing(line: str) -> None:
    owners = CodeOwners("CODEOWNERS", f"*.py @first\n{line}\n")
    for path in ("a.py", "#x.py"):
        rule = owners.rule_for(path)
        assert rule is not None
        assert rule.owners == ["@first"]


def test_a_path_with_spaces_and_case() -> None:
    owners = CodeOwners("CODEOWNERS", "my\\ docs/ @writer\n")
    assert owners.rule_for("my docs/a.md")
    assert owners.rule_for("My Docs/a.md") is None


BOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"


def _written_by_three(origin: Origin) -> None:
    origin.commit("Start", {"shop/cart.py": "a\n" * 6, "CODEOWNERS": "* @nobody\n", "docs/CODEOWNERS": "* @wrong\n"})
    origin.commit("More", {"shop/cart.py": "a\n" * 6 + "b\n" * 3}, author="Grace <grace@example.org>")
    origin.commit("Bump", {"shop/cart.py": "c\n" + "a\n" * 6 + "b\n" * 3}, author=BOT)
    origin.commit("Own", {".github/CODEOWNERS": "/shop/ @org/shop\n", "shop/x.py": "1\n"})


def test_rules_lines_and_commits_of_a_file(origin: Origin, cloned: Clone) -> None:
    _written_by_three(origin)
    found = owners_of(cloned(), "main", "shop/cart.py")
    assert (found.owners_file, [(rule.pattern, rule.owners) for rule in found.rules]) == (
        ".github/CODEOWNERS",
        [("/shop/", ["@org/shop"])],
    )
    assert [(person.name, person.lines, person.commits) for person in found.people] == [("Ada", 6, 1), ("Grace", 3, 1)]
    assert found.people[1].email == "grace@example.org"
    assert found.left_out_bots == ["dependabot[bot]"]
    assert found.last is not None
    assert found.last.summary == "More"


def test_owners_of_lines_are_who_wrote_these(origin: Origin, cloned: Clone) -> None:
    _written_by_three(origin)
    repository = cloned()
    assert [(p.name, p.lines) for p in owners_of(repository, "main", "shop/cart.py", 8, 10).people] == [("Grace", 3)]
    with pytest.raises(InputError, match="has 10 lines"):
        owners_of(repository, "main", "shop/cart.py", 50)


def test_a_folder_has_commits_and_rules_with_the_files_they_decide_about(origin: Origin, cloned: Clone) -> None:
    _written_by_three(origin)
    repository = cloned()
    found = owners_of(repository, "main", "shop")
    assert [(person.name, person.lines, person.commits) for person in found.people] == [("Ada", 0, 2), ("Grace", 0, 1)]
    assert [(rule.pattern, rule.files) for rule in found.rules] == [("/shop/", 2)]
    assert [person.name for person in owners_of(repository, "main").people] == ["Ada", "Grace"]
    with pytest.raises(InputError, match="Only a file has lines"):
        owners_of(repository, "main", "shop", 1)
    with pytest.raises(NotFound, match=r"There is no file shop/cat\.py"):
        owners_of(repository, "main", "shop/cat.py")


def test_one_person_with_two_addresses_is_one_by_mailmap(origin: Origin, cloned: Clone) -> None:
    origin.commit("One", {"a.py": "1\n"}, author="A. Lovelace <ada@home.example.org>")
    origin.commit("Two", {"a.py": "1\n2\n", ".mailmap": "Ada <ada@example.org> <ada@home.example.org>\n"})
    (person,) = owners_of(cloned(), "main", "a.py").people
    assert (person.name, person.lines, person.commits) == ("Ada", 2, 2)


def test_people_whose_names_only_sound_like_bots_stay(origin: Origin, cloned: Clone) -> None:
    for name in ("Fox Talbot", "Roberta Bott", "Abbot"):
        origin.commit(name, {f"{name}.py": "1\n"}, author=f"{name} <x@example.org>")
    origin.commit("Bot", {"bot.py": "1\n"}, author="release-bot <x@example.org>")
    found = owners_of(cloned(), "main")
    assert ({person.name for person in found.people}, found.left_out_bots) == (
        {"Fox Talbot", "Roberta Bott", "Abbot"},
        ["release-bot"],
    )


def test_a_repository_without_the_file_and_a_binary_file(origin: Origin, cloned: Clone) -> None:
    origin.commit("Start", {"logo.png": b"\x89PNG\0"})
    found = owners_of(cloned(), "main", "logo.png")
    assert (found.owners_file, found.rules, [(p.name, p.lines, p.commits) for p in found.people]) == ("", [], [("Ada", 0, 1)])

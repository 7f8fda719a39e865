"""What the `code` server's tool on patches does, blocking: arguments in, result out."""

from __future__ import annotations

from sahur_core.code.git.patch import patched
from sahur_core.errors import PatchRefused
from sahur_mcp.servers import code_arguments as asked
from sahur_mcp.servers import code_schemas as schemas
from sahur_mcp.servers.code_opened import Opened, changed_parts


def check_patch(opened: Opened, arguments: asked.CheckPatchArguments) -> schemas.CheckPatchResult:
    """That a diff does not apply is an answer, not an error: its author can mend it."""
    repository = opened.repository
    commit = repository.resolve(arguments.commit)
    try:
        with patched(repository, commit, arguments.diff) as found:
            files = changed_parts(found.files)
            return schemas.CheckPatchResult(repository=opened.id, commit=commit, applies=True, diff=found.diff, files=files)
    except PatchRefused as refused:
        return schemas.CheckPatchResult(repository=opened.id, commit=commit, applies=False, problem=str(refused))

"""Every error that SAHUR raises on purpose.

* SahurError                      code, message for a person, next step, and whether trying again helps
  + InputError                    what was sent cannot be used; says how to mend it (HTTP 400)
    - ReportError                 an empty, binary or enormous report
    - RepositoryRefused           a repository address or path that policy does not allow
    - PatchRefused                a diff that does not apply, or touches what no patch may touch
  + NotSignedIn                   nobody known is asking, or no longer (HTTP 401)
  + NotPermitted                  signed in, but not allowed to (HTTP 403)
  + NotFound                      does not exist, or not for this team (HTTP 404)
  + Conflict                      somebody else was first, or the state has moved on (HTTP 409)
  + TooManyRequests               asked too often; the same works a little later (HTTP 429)
  + RepositoryError               the repository cannot be read
    - RepositoryMissing           does not exist or cannot be cloned
    - RepositoryEmpty             has no commit
    - RevisionMissing             the commit or branch is not in it
    - RepositoryTimeout           a read took too long and was stopped
    - GitFailed                   git ended with an error that has no better name
    - IndexNotReady               its index is still being built; try again soon
  + ModelError                    the language model gave no usable answer
    - ModelMisconfigured          unknown model or wrong key: no retry helps
    - ModelUnavailable            rate limit, time-out, server error: a retry may help
    - ModelAnswerInvalid          answered, but not in a form that can be used
  + ToolError                     a tool call did not work
    - ToolDenied                  policy or a missing grant refused it
    - GatewayUnavailable          the gateway did not answer
    - UpstreamUnavailable         an MCP server behind the gateway did not answer
  + SlackNotConnected             no (valid) token for this Slack workspace
  + StorageError                  the database took nothing (HTTP 503)
    - DatabaseUnavailable         it does not answer
    - StorageFull                 its disk is full
  + SealBroken                    a stored secret that no key of this system opens
  + CallInterrupted               a person wants a message used now: one model call is given up, the attempt goes on
  + AttemptInterrupted            control flow of the run engine, not a fault
    - RunStopped                  a person asked the run to stop
    - AttemptFenced               another attempt owns the run now
    - ShuttingDown                the worker hands its runs over
    - DeadlineExceeded            the stage used up its wall time
  + EmbeddedError                 the embedded system could not be started or stopped; says what to do

Each edge translates once: `sahur.api.errors` to problem details, `sahur.websockets` to error frames,
`sahur.batch.engine.stage` to the run's last event, `sahur_mcp.proxy` to results that say what to do.
"""

from __future__ import annotations


class SahurError(Exception):
    """Base of the tree. `message` is safe to show to the person who asked."""

    code = "error"
    retryable = False

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()


class InputError(SahurError):
    """What was sent cannot be used. `field` names the part at fault, empty where there is none."""

    code = "invalid_input"

    def __init__(self, message: str, *, next_step: str = "", field: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.field = field


class ReportError(InputError):
    code = "invalid_report"


class RepositoryRefused(InputError):
    code = "repository_refused"


class PatchRefused(InputError):
    code = "patch_refused"


class NotSignedIn(SahurError):
    code = "not_authenticated"


class NotPermitted(SahurError):
    code = "not_permitted"


class NotFound(SahurError):
    code = "not_found"


class Conflict(SahurError):
    code = "conflict"


class TooManyRequests(SahurError):
    code = "throttled"
    retryable = True


class RepositoryError(SahurError):
    code = "repository_error"


class RepositoryMissing(RepositoryError):
    code = "repository_missing"


class RepositoryEmpty(RepositoryError):
    code = "repository_empty"


class RevisionMissing(RepositoryError):
    code = "revision_missing"


class RepositoryTimeout(RepositoryError):
    code = "repository_timeout"


class GitFailed(RepositoryError):
    """`stderr` is git's own words: untrusted, for matching and the log, not for people."""

    code = "git_failed"

    def __init__(self, message: str, *, stderr: str, returncode: int) -> None:
        super().__init__(message, next_step="Prepare the repository again; the indexer's log says more.")
        self.stderr = stderr
        self.returncode = returncode


class IndexNotReady(RepositoryError):
    code = "index_not_ready"
    retryable = True


class ModelError(SahurError):
    code = "model_error"


class ModelMisconfigured(ModelError):
    code = "model_misconfigured"


class ModelUnavailable(ModelError):
    code = "model_unavailable"
    retryable = True


class ModelAnswerInvalid(ModelError):
    code = "model_answer_invalid"


class ModelRefused(ModelError):
    code = "model_refused"


class ContextTooLong(ModelError):
    """`share` is the part of the conversation that would have fitted, where the server says so; 0 if it does not."""

    code = "context_too_long"

    def __init__(self, message: str, *, next_step: str = "", share: float = 0.0) -> None:
        super().__init__(message, next_step=next_step)
        self.share = share


class ToolError(SahurError):
    code = "tool_error"


class ToolDenied(ToolError):
    code = "tool_denied"


class GatewayUnavailable(ToolError):
    code = "gateway_unavailable"
    retryable = True


class UpstreamUnavailable(ToolError):
    code = "upstream_unavailable"
    retryable = True


class SlackNotConnected(SahurError):
    code = "slack_not_connected"


class StorageError(SahurError):
    code = "storage_error"
    retryable = True


class DatabaseUnavailable(StorageError):
    code = "database_unavailable"


class StorageFull(StorageError):
    code = "storage_full"


class SealBroken(SahurError):
    code = "seal_broken"


class CallInterrupted(SahurError):
    """Raised where a model call was waited for; never shown to a person. `asked_by` wrote the message."""

    code = "call_interrupted"

    def __init__(self, asked_by: str) -> None:
        super().__init__(f"{asked_by} wants a message used now.")
        self.asked_by = asked_by


class AttemptInterrupted(SahurError):
    """Raised inside a running attempt to unwind it; never shown to a person."""

    code = "interrupted"


class RunStopped(AttemptInterrupted):
    code = "run_stopped"


class AttemptFenced(AttemptInterrupted):
    code = "attempt_fenced"


class ShuttingDown(AttemptInterrupted):
    code = "shutting_down"


class DeadlineExceeded(AttemptInterrupted):
    code = "deadline_exceeded"


class EmbeddedError(SahurError):
    code = "embedded_error"

"""Errors as problem details (RFC 9457), translated once, here.

Every answer above 399 of this door is `application/problem+json` with `type, title, status, code, detail, next_step`,
`field` where one part of the input is at fault, `errors` where several are, and `trace_id` to find it in the logs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from sahur.issues.storage import STORAGE_FAILURES, storage_error
from sahur_core import errors
from sahur_core.trace import current_trace_id

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"

# The first match along the class's ancestors holds, so a new error has the status of its parent.
STATUS_OF: dict[type[errors.SahurError], HTTPStatus] = {
    errors.InputError: HTTPStatus.BAD_REQUEST,
    errors.NotPermitted: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.NotSignedIn: HTTPStatus.UNAUTHORIZED,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.RepositoryError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.IndexNotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ModelError: HTTPStatus.BAD_GATEWAY,
    errors.ModelUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ToolError: HTTPStatus.BAD_GATEWAY,
    errors.ToolDenied: HTTPStatus.FORBIDDEN,
    errors.GatewayUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SahurError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

# What a person can do about DRF's own errors, by their code.
NEXT_STEP = {
    "authentication_failed": "Sign in, or send a live API token: Authorization: Bearer sahur_…",
    "method_not_allowed": "The API's description at /api/schema/ lists what this address takes.",
    "not_acceptable": "Ask for application/json.",
    "not_authenticated": "Sign in, or send an API token: Authorization: Bearer sahur_…",
    "not_found": "Check the address; addresses of the API end with a slash.",
    "parse_error": "Send one JSON object in UTF-8.",
    "permission_denied": "Ask an admin.",
    "throttled": "Wait as long as the header Retry-After says.",
    "unsupported_media_type": "Send JSON with Content-Type: application/json.",
}


class Problem(exceptions.APIException):
    """A problem of this door itself, such as a wrong password, with all that its answer says."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, *, next_step: str = "") -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.code = code
        self.next_step = next_step


def body_of(status: int, code: str, detail: str, *, next_step: str = "", field: str = "", **more: Any) -> dict[str, Any]:
    """The members of one problem."""
    problem: dict[str, Any] = {
        "type": f"urn:sahur:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
        "next_step": next_step,
        "trace_id": current_trace_id(),
        **more,
    }
    if field:
        problem["field"] = field
    return problem


def too_large(limit: int) -> Problem:
    """For a body of more than `limit` bytes."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"The body is larger than {limit // 1024 // 1024} MiB.",
        next_step="Send the part that matters and say where the rest lies.",
    )


def body_of_problem(problem: Problem) -> dict[str, Any]:
    """Its members."""
    return body_of(problem.status_code, problem.code, str(problem.detail), next_step=problem.next_step)


def problem_response(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: every error becomes a problem; what nobody expected is logged and told without details."""
    headers: dict[str, str] = {}
    if isinstance(error, errors.SahurError):
        body = body_of_error(error)
        if error.retryable:
            headers["Retry-After"] = "5"
    elif isinstance(error, exceptions.ValidationError):
        body = _from_validation(error)
    elif isinstance(error, Problem):
        body = body_of_problem(error)
    elif isinstance(error, exceptions.APIException | Http404 | PermissionDenied):
        body, headers = _from_framework(error)
    elif isinstance(error, STORAGE_FAILURES):
        logger.warning("PostgreSQL took nothing: %s", error)
        headers["Retry-After"] = "5"
        body = body_of_error(storage_error(error))
    else:
        logger.error("Unexpected error in %s", context.get("view"), exc_info=error)
        body = unexpected()
    if body["status"] == HTTPStatus.INTERNAL_SERVER_ERROR and isinstance(error, errors.SahurError):
        logger.error("Error without a status of its own in %s", context.get("view"), exc_info=error)
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def unexpected() -> dict[str, Any]:
    """The problem of a fault of ours; the trace id is the only clue that leaves the house."""
    return body_of(
        500,
        "unexpected",
        "Something went wrong inside SAHUR.",
        next_step=f"Try again; if it stays, tell an admin the trace id {current_trace_id() or 'of the server log'}.",
    )


def body_of_error(error: errors.SahurError) -> dict[str, Any]:
    """The members of the problem that an error of ours is."""
    status = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    field = error.field if isinstance(error, errors.InputError) else ""
    return body_of(status, error.code, error.message, next_step=error.next_step, field=field)


def _from_validation(error: exceptions.ValidationError) -> dict[str, Any]:
    found = list(_flatten(error.detail))
    field, detail = found[0]
    return body_of(
        400,
        "invalid_input",
        f"{field}: {detail}" if field else detail,
        next_step="Mend this part and send it again.",
        field=field,
        errors=[{"field": name, "detail": text} for name, text in found],
    )


def _from_framework(error: exceptions.APIException | Http404 | PermissionDenied) -> tuple[dict[str, Any], dict[str, str]]:
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    headers: dict[str, str] = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    code = error.get_codes()
    code = code if isinstance(code, str) else error.default_code
    detail = str(error.default_detail if isinstance(error.detail, dict | list) else error.detail)
    next_step = NEXT_STEP.get(code, NEXT_STEP.get(error.default_code, ""))
    return body_of(error.status_code, code, detail, next_step=next_step), headers


def _flatten(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each message of DRF's nested errors with the path of its field: `receipts.0.tool`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}".strip(".")
            yield from _flatten(inner, here)
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            yield from _flatten(inner, path if isinstance(inner, str) else f"{path}.{position}".strip("."))
    else:
        yield path, str(detail)


def plain_problem(body: dict[str, Any]) -> HttpResponse:
    """A problem outside of DRF's views."""
    return JsonResponse(body, status=body["status"], content_type=CONTENT_TYPE)


def _wants_problem(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/internal/"))


def _short_page(status: int, text: str) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`settings.CSRF_FAILURE_VIEW`."""
    body = body_of(403, "csrf_failed", f"The request was not taken for one of our page's: {reason}", next_step=CSRF_NEXT_STEP)
    return plain_problem(body) if _wants_problem(request) else _short_page(403, f"{body['detail']} {body['next_step']}")


CSRF_NEXT_STEP = "Read csrf_token from /api/auth/me/ and send it as the header X-CSRFToken, from an origin this server trusts."


def lockout_response(request: HttpRequest, _response: HttpResponse | None, _credentials: dict[str, Any] | None) -> HttpResponse:
    """`settings.AXES_LOCKOUT_CALLABLE`: too many wrong passwords for this name from this address."""
    body = body_of(
        429,
        "locked_out",
        "There were too many wrong passwords for this user name from this address.",
        next_step="Wait 15 minutes, or ask an admin for a one-time password.",
    )
    response = plain_problem(body) if _wants_problem(request) else _short_page(429, f"{body['detail']} {body['next_step']}")
    response["Retry-After"] = "900"
    return response


def page_not_found(request: HttpRequest, exception: Exception | None = None, **_parts: str) -> HttpResponse:
    """`handler404`, and the answer to unknown addresses of the API."""
    if _wants_problem(request):
        return plain_problem(body_of(404, "not_found", "There is nothing at this address.", next_step=NEXT_STEP["not_found"]))
    return _short_page(404, "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`; Django has logged the error."""
    body = unexpected()
    return plain_problem(body) if _wants_problem(request) else _short_page(500, f"{body['detail']} {body['next_step']}")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler400`: a forbidden host name, or a request that Django finds malformed."""
    body = body_of(400, "bad_request", "The request is malformed or names a host that this server does not serve.")
    return plain_problem(body) if _wants_problem(request) else _short_page(400, str(body["detail"]))

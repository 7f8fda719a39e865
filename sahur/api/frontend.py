"""Serves the exported frontend from memory of its file list: one look-up, so nothing outside of the export is reachable.

The export has one shell for all issues, `issues/_/`; the page reads the key from its own address.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import Redirect, StaticFile

from sahur.api import content_security

ISSUE_PAGE = re.compile(r"^/issues/(?!new/)(?P<key>[A-Za-z0-9-]+)/(?P<rest>.*)$")

ISSUE_WITHOUT_SLASH = re.compile(r"^/issues/[A-Za-z0-9-]+$")

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>SAHUR: page not built</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}</style></head>
<body><h1>The page is not built yet</h1>
<p>SAHUR runs, but the exported frontend is missing. Run <code>make build</code> in its folder and start it again.</p>
<p>Until then there are the <a href="/admin/">admin</a>, the <a href="/api/schema/">API</a> and
<code>python manage.py report</code>.</p></body></html>
"""

GONE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>SAHUR: not found</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}</style></head>
<body><h1>There is no such page</h1><p><a href="/">To the list of issues</a></p></body></html>
"""


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise has no types
    """Django's static files and the export. Each HTML file has the policy that allows its own inline scripts."""

    def __init__(self, get_response: Any) -> None:
        self.socket_origins = content_security.socket_origins(settings.TRUSTED_ORIGINS)
        super().__init__(get_response)
        self.allow_all_origins = False
        self.index_file = "index.html"
        self.add_headers_function = self.add_page_headers
        self.add_files(str(settings.FRONTEND_DIR))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = self.look_up(request.path_info)
        if isinstance(found, Redirect) and not request.path.endswith("/"):
            return _with_slash(request)
        if found is not None:
            return self.serve(found, request)
        response: HttpResponseBase = self.get_response(request)
        return response

    def look_up(self, path: str) -> StaticFile | None:
        """The file at this address; any key of an issue stands for the export's `_`."""
        match = ISSUE_PAGE.match(path)
        path = f"/issues/_/{match['rest']}" if match else path
        found: StaticFile | None = self.find_file(path) if self.autorefresh else self.files.get(path)
        return found

    def add_files(self, root: str, prefix: str | None = None) -> None:
        # A folder that is not there yet (no `make build`, no `collectstatic`) is told by the pages, not by a warning.
        if Path(root).is_dir():
            super().add_files(root, prefix)

    def immutable_file_test(self, path: str, url: str) -> bool:
        return url.startswith("/_next/static/") or bool(super().immutable_file_test(path, url))

    def add_page_headers(self, headers: Headers, path: str, _url: str) -> None:
        if path.endswith(".html"):
            # A page names the hashed files of its build, so it must be asked for again after each build.
            headers["Cache-Control"] = "no-cache"
            scripts = content_security.inline_script_hashes(Path(path).read_text(encoding="utf-8"))
            headers[content_security.HEADER] = content_security.policy(scripts=scripts, connect=self.socket_origins)

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """The whole file at once: under ASGI an iterated file costs a change of thread for each block."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response


def _with_slash(request: HttpRequest) -> HttpResponse:
    """To the page's own address, with what it was asked: the page reads that, as `?team=SAH`."""
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    return HttpResponseRedirect(f"{request.path}/{query}")


def missing_page(request: HttpRequest, **_parts: str) -> HttpResponse:
    """What no file answered: the address needs a slash, does not exist, or the export was never built."""
    if not (settings.FRONTEND_DIR / "index.html").is_file():
        return HttpResponse(NOT_BUILT, status=503, headers={"Cache-Control": "no-store"})
    if ISSUE_WITHOUT_SLASH.match(request.path):
        return _with_slash(request)
    page = settings.FRONTEND_DIR / "404.html"
    html = page.read_text(encoding="utf-8") if page.is_file() else GONE
    response = HttpResponse(html, status=404)
    scripts = content_security.inline_script_hashes(html)
    response[content_security.HEADER] = content_security.policy(scripts=scripts)
    return response

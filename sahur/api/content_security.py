"""The Content-Security-Policy of each page. No inline script runs unless its hash is in the page's own policy.

A static export cannot carry nonces (they must differ per answer), so the inline scripts that Next.js writes into each
HTML file are hashed when the server starts: https://www.w3.org/TR/CSP3/#external-hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html.parser import HTMLParser

HEADER = "Content-Security-Policy"


class _InlineScripts(HTMLParser):
    """Collects the text of `<script>` elements without `src`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and not any(name == "src" for name, _ in attrs)
        if self._inside:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def inline_script_hashes(html: str) -> list[str]:
    """The source expression `sha256-…` of each different inline script, in the order of the page."""
    parser = _InlineScripts()
    # Browsers hash what remains after the newlines of the file were normalized.
    parser.feed(html.replace("\r\n", "\n"))
    parser.close()
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in parser.found if script)
    return list(dict.fromkeys(f"'sha256-{each}'" for each in hashes))


def socket_origins(origins: Iterable[str]) -> list[str]:
    """The WebSocket origin of each HTTP origin. Older Safari does not count `ws:` to `'self'`."""
    return [origin.replace("http", "ws", 1) for origin in origins if origin.startswith(("http://", "https://"))]


def policy(*, scripts: Iterable[str] = (), connect: Iterable[str] = (), frame_ancestors: str = "'none'") -> str:
    """A policy for our own pages. Inline styles stay allowed: positioned overlays and virtual lists need them."""
    directives = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *scripts]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": " ".join(["'self'", *connect]),
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": frame_ancestors,
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())

"""Hashes of inline scripts, as browsers compute them."""

import base64
import hashlib

from sahur.api.content_security import inline_script_hashes, policy, socket_origins


def expected(script):
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_each_inline_script_is_hashed_once():
    page = "<script>a()</script><script src=x.js></script><SCRIPT type=module>b('&amp;<p>')</SCRIPT><script>a()</script>"
    assert inline_script_hashes(page) == [expected("a()"), expected("b('&amp;<p>')")]


def test_newlines_are_hashed_as_browsers_see_them():
    assert inline_script_hashes("<script>a()\r\nb()</script>") == [expected("a()\nb()")]


def test_page_without_scripts_allows_none():
    assert inline_script_hashes("<p>no script</p><script></script>") == []
    assert "script-src 'self';" in policy()


def test_sockets_have_their_own_scheme():
    assert socket_origins(["https://sahur.example", "http://127.0.0.1:8000", "null"]) == [
        "wss://sahur.example",
        "ws://127.0.0.1:8000",
    ]

"""Files of Slack as text of a report: logs, snippets, JSON; of everything else only its link.

A file wants the bot's token (https://docs.slack.dev/reference/objects/file-object, `url_private`), which must go to Slack
alone: what a message names as an address is asked only where it is one of Slack's own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
from charset_normalizer import from_bytes
from django.conf import settings

from sahur.batch.effects import DeliveryError
from sahur.slack.delivery.calls import Connection, call
from sahur.slack.reading import File, files_of

SLACK_HOST = "slack.com"
MAX_FILES = 10
"""So many are read; further ones are links."""
MAX_BYTES = 2_000_000
"""So much of a file is read, from its beginning."""
MAX_FILE_CHARS = 30_000
"""So much of it is kept: a third from its beginning, the rest from its end, where logs say what happened last."""
FILE_SECONDS = 8.0
ALL_SECONDS = 20.0
TEXT_TYPES = ("text/", "application/json", "application/xml", "application/x-yaml", "application/x-sh", "application/sql")
TEXT_KINDS = frozenset({"text", "log", "json", "csv", "tsv", "yaml", "xml", "markdown", "post", "diff", "patch", "toml", "ini"})
TEXT_ENDINGS = (
    ".log",
    ".txt",
    ".json",
    ".jsonl",
    ".ndjson",
    ".yml",
    ".yaml",
    ".out",
    ".err",
    ".trace",
    ".patch",
    ".diff",
    ".conf",
)
OTHER_TYPES = ("image/", "video/", "audio/", "application/pdf", "application/zip", "text/rtf")


@dataclass(frozen=True)
class Unread:
    """Why a file is only a link."""

    reason: str


def told_files(connection: Connection, files: list[File]) -> str:
    """The files as text of a report: what could be read, and links of the rest. Raises nothing for a file that cannot be."""
    until = time.monotonic() + ALL_SECONDS
    parts = []
    left = MAX_FILES
    for file in list({file.id: file for file in files}.values()):
        known = file if file.is_known else _info(connection, file)
        if isinstance(known, Unread) or not is_text(known):
            parts.append(_link(file if isinstance(known, Unread) else known, known if isinstance(known, Unread) else None))
            continue
        is_late = left <= 0 or time.monotonic() >= until
        content = Unread("there were too many files") if is_late else _read(connection, known)
        left -= 1
        parts.append(
            _link(known, content) if isinstance(content, Unread) else f"File {known.name}:\n{content}\n(End of {known.name})"
        )
    return "\n\n".join(parts)


def is_text(file: File) -> bool:
    """Whether people would read it as text. A picture is not, whatever its name says."""
    if file.mime_type.startswith(OTHER_TYPES):
        return False
    return file.mime_type.startswith(TEXT_TYPES) or file.kind in TEXT_KINDS or file.name.lower().endswith(TEXT_ENDINGS)


def is_slacks(address: str) -> bool:
    """Whether this address may have the token: one of Slack's own hosts over https, or the host of the API we were told."""
    try:
        asked, api = urlsplit(address), urlsplit(settings.SLACK_API_URL)
        host, is_usual = asked.hostname or "", (api.hostname or "") == SLACK_HOST
        if not is_usual:
            return (asked.scheme, asked.netloc) == (api.scheme, api.netloc)
        is_own = host == SLACK_HOST or host.endswith(f".{SLACK_HOST}")
        return asked.scheme == "https" and is_own and asked.port in (None, 443) and "@" not in asked.netloc
    except ValueError:
        return False


def _info(connection: Connection, file: File) -> File | Unread:
    """What Slack says of a file that was shared from another company's workspace."""
    try:
        answer = call(connection, "files.info", http_verb="GET", params={"file": file.id})
    except DeliveryError as error:
        return Unread(error.message)
    found = files_of({"files": [answer.get("file") or {}]})
    return found[0] if found else Unread("Slack says nothing of it")


def _read(connection: Connection, file: File) -> str | Unread:
    if not is_slacks(file.address):
        return Unread("it is not kept by Slack")
    headers = {"Authorization": f"Bearer {connection.client.token}"}
    data = bytearray()
    until = time.monotonic() + FILE_SECONDS
    try:
        with (
            httpx2.Client(timeout=FILE_SECONDS, follow_redirects=False, trust_env=False) as http,
            http.stream("GET", file.address, headers=headers) as answer,
        ):
            refusal = _refusal(answer, file)
            if refusal is not None:
                return refusal
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) >= MAX_BYTES or time.monotonic() >= until:
                    break
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return Unread(f"Slack did not hand it out: {type(error).__name__}")
    return _as_text(bytes(data[:MAX_BYTES]), is_cut=len(data) >= MAX_BYTES or time.monotonic() >= until)


def _refusal(answer: httpx2.Response, file: File) -> Unread | None:
    """Without the scope `files:read` Slack answers with its sign-in page, or sends there."""
    if answer.status_code != 200:
        return Unread(f"Slack answered with status {answer.status_code}")
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    if is_page and "html" not in (file.kind + file.mime_type):
        return Unread("Slack asked to sign in; the file is gone, or the app lacks the scope files:read")
    return None


def _as_text(data: bytes, *, is_cut: bool) -> str | Unread:
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Unread("it is no text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(data).best()
        text = str(best) if best is not None else data.decode("utf-8", errors="replace")
    text = text.replace("\r\n", "\n").replace("\x00", "\ufffd")
    if len(text) > MAX_FILE_CHARS:
        begin = MAX_FILE_CHARS // 3
        left_out = len(text) - MAX_FILE_CHARS
        text = f"{text[:begin]}\n[… {left_out:,} characters left out]\n{text[begin - MAX_FILE_CHARS :]}"
    return text.strip("\n") + ("\n[… the file goes on]" if is_cut else "")


def _link(file: File, unread: Unread | None) -> str:
    reason = f" (not read: {unread.reason})" if unread else ""
    return f"Attached in Slack: {file.name}{f': {file.link}' if file.link else ''}{reason}"

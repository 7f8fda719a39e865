"""A message of Slack as text: what its author wrote, what an app shows, what was forwarded; and the files that hang on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sahur.slack.block_text import text_of_blocks
from sahur.slack.markup import to_plain
from sahur_core.tools.storable import storable

Json = dict[str, Any]
MAX_FILES = 20
MAX_ATTACHMENTS = 20
STOP_WORDS = frozenset({"stop", "cancel", "abort"})


@dataclass(frozen=True)
class File:
    """A file as a message names it. `address` wants the bot's token, `link` is what people open."""

    id: str
    name: str
    kind: str
    """Slack's `filetype`, such as `python` or `text`."""
    mime_type: str
    size: int
    address: str
    link: str
    is_known: bool
    """False for a file of another company's, of which Slack tells only the id (`check_file_info`)."""

    def as_data(self) -> Json:
        return asdict(self)


def text_of(message: Json, *, without_users: frozenset[str] = frozenset()) -> str:
    """All text of a message. Of a person's, the blocks only repeat `text`; an app may say everything in either."""
    own = to_plain(_string(message, "text"), without_users=without_users)
    parts = [own]
    if not own or is_of_app(message):
        blocks = text_of_blocks(message.get("blocks"))
        # Often one is a short form of the other.
        parts = [blocks] if own and own in blocks else [own, blocks]
    parts += [_attached(each) for each in _objects(message, "attachments")[:MAX_ATTACHMENTS]]
    return str(storable("\n".join(dict.fromkeys(part.strip() for part in parts if part.strip()))))


def is_of_app(message: Json) -> bool:
    return bool(message.get("bot_id") or message.get("subtype") == "bot_message")


def app_of(message: Json) -> str:
    """The id of the app that said it, empty for a person."""
    profile = message.get("bot_profile")
    return _string(message, "app_id") or (_string(profile, "app_id") if isinstance(profile, dict) else "")


def author_of(message: Json) -> str:
    """Who said it: a person's id, an app's name."""
    profile = message.get("bot_profile")
    app = _string(profile, "name") if isinstance(profile, dict) else ""
    return _string(message, "user") if not is_of_app(message) else app or _string(message, "username") or "an app"


def files_of(message: Json) -> list[File]:
    """The files of a message and of what it forwards."""
    found = [_file(each) for each in _all_files(message) if _string(each, "id") and each.get("mode") != "tombstone"]
    return list({file.id: file for file in found}.values())[:MAX_FILES]


def as_word(words: str, files: Iterable[File]) -> str:
    """What was said as a word to a run: files are named by their address, since they are not fetched."""
    return "\n".join([words, *(f"Attached in Slack: {file.name}: {file.link}" for file in files)]).strip()


def is_stop(words: str) -> bool:
    """Whether this is all that somebody says to a run that shall stop."""
    return words.strip(" .!").casefold() in STOP_WORDS


def file_from(data: Json) -> File:
    """A file that `File.as_data` has stored."""
    return File(**data)


def _all_files(message: Json) -> Iterator[Json]:
    yield from _objects(message, "files")
    for attached in _objects(message, "attachments")[:MAX_ATTACHMENTS]:
        yield from _objects(attached, "files")
        for inner in _inner_messages(attached):
            yield from _objects(inner, "files")


def _file(data: Json) -> File:
    size = data.get("size")
    return File(
        id=_string(data, "id"),
        name=_string(data, "name") or _string(data, "title") or "file",
        kind=_string(data, "filetype"),
        mime_type=_string(data, "mimetype"),
        size=size if isinstance(size, int) else 0,
        address=_string(data, "url_private_download") or _string(data, "url_private"),
        link=_string(data, "permalink"),
        is_known=data.get("file_access") != "check_file_info" and data.get("mode") != "file_access",
    )


def _attached(attachment: Json) -> str:
    """An app's attachment, or a message that somebody forwarded (`is_share`, with its blocks in `message_blocks`)."""
    address = _string(attachment, "title_link") or _string(attachment, "from_url") or _string(attachment, "original_url")
    said = to_plain(_string(attachment, "text"))
    blocks = text_of_blocks(attachment.get("blocks")) or "\n".join(
        text_of_blocks(inner.get("blocks")) for inner in _inner_messages(attachment)
    )
    lines = [to_plain(_string(attachment, "pretext")), to_plain(_string(attachment, "title")), address]
    lines += [said] if said and blocks in said else [said, blocks] if said not in blocks else [blocks]
    lines += [_field(each) for each in _objects(attachment, "fields")]
    if not any((said, blocks)):
        lines.append(to_plain(_string(attachment, "fallback")))
    lines.append(_string(attachment, "image_url"))
    text = "\n".join(dict.fromkeys(line for line in lines if line))
    author = _string(attachment, "author_name") or _string(attachment, "author_id")
    return f"Forwarded, said by {author}:\n{text}" if _is_forwarded(attachment) and text else text


def _is_forwarded(attachment: Json) -> bool:
    return bool(attachment.get("is_share") or attachment.get("is_msg_unfurl"))


def _field(field: Json) -> str:
    title, value = to_plain(_string(field, "title")), to_plain(_string(field, "value"))
    return f"{title}: {value}" if title and value else title or value


def _inner_messages(attachment: Json) -> list[Json]:
    return [each["message"] for each in _objects(attachment, "message_blocks") if isinstance(each.get("message"), dict)]


def _string(data: Json, name: str) -> str:
    value = data.get(name)
    return str(storable(value)) if isinstance(value, str) else ""


def _objects(data: Json, name: str) -> list[Json]:
    value = data.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

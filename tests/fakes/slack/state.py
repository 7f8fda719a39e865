"""What one Slack holds: workspaces with their tokens, channels with their messages, people, files, views and the app.

Ids are unique over all workspaces, as Slack's are. The workspace `T0FAKE` with the channel `C0GENERAL` and the person
`U0RITA` is there from the beginning; a test adds what else it needs.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.slack.acting import Acting
    from tests.fakes.slack.deliveries import Deliveries
    from tests.fakes.slack.socket_mode import SocketMode

TOKEN = "xoxb-fake"
APP_TOKEN = "xapp-fake"
SECRET = "signing-secret-only-for-tests"
CLIENT_ID, CLIENT_SECRET = "100.200", "client-secret-only-for-tests"
BOT = {"user_id": "U0SAHUR", "bot_id": "B0SAHUR", "app_id": "A0SAHUR", "team_id": "T0FAKE"}
TRIGGER_SECONDS = 3.0

Arguments = dict[str, Any]


class RefusedError(Exception):
    """An answer `{"ok": false, "error": …}`, with what else Slack says of it."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.more = more


@dataclass
class Script:
    """What happens to the next call of a method. With `after_work` the work is done first, then the answer is lost."""

    error: str = ""
    status: int = 200
    retry_after: int = 0
    delay: float = 0.0
    after_work: bool = False


@dataclass
class Call:
    method: str
    arguments: Arguments
    authorization: str = ""


@dataclass
class Token:
    """An access token of a workspace. `scopes` None: all that there are."""

    value: str
    workspace: str
    scopes: set[str] | None = None
    expires_at: float | None = None
    is_revoked: bool = False


@dataclass
class Workspace:
    id: str
    name: str = "Fake"
    bot_user_id: str = BOT["user_id"]
    bot_id: str = BOT["bot_id"]
    enterprise_id: str | None = None

    @property
    def domain(self) -> str:
        return f"https://{self.name.lower()}.slack.com/"


@dataclass
class Channel:
    """What Slack says of a channel. `members` holds the people and, if it was invited, the bot."""

    id: str
    name: str
    workspace: str = BOT["team_id"]
    kind: str = "channel"
    """`channel`, `group` (private), `im` or `mpim`."""
    members: set[str] = field(default_factory=set)
    is_ext_shared: bool = False

    @property
    def is_private(self) -> bool:
        return self.kind != "channel"

    def described(self, *, is_archived: bool) -> Arguments:
        """As `conversations.info` shows it: https://docs.slack.dev/reference/objects/conversation-object."""
        kinds = {f"is_{kind}": self.kind == kind for kind in ("channel", "group", "im", "mpim")}
        if self.kind == "im":
            return {"id": self.id, **kinds, "is_archived": is_archived, "user": next(iter(self.members), "")}
        return {
            "id": self.id,
            "name": self.name,
            **kinds,
            "is_archived": is_archived,
            "is_private": self.is_private,
            "is_ext_shared": self.is_ext_shared,
            "context_team_id": self.workspace,
        }


@dataclass
class Person:
    id: str
    name: str
    workspace: str = BOT["team_id"]
    email: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    """A guest of some channels; with `is_ultra_restricted` of one."""
    is_ultra_restricted: bool = False
    is_deleted: bool = False

    def described(self, *, with_email: bool) -> Arguments:
        """As `users.info` shows it: https://docs.slack.dev/reference/objects/user-object."""
        profile = {"display_name": self.name, "real_name": self.name}
        if with_email and self.email:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": self.workspace,
            "name": self.name.split()[0].lower(),
            "real_name": self.name,
            "deleted": self.is_deleted,
            "is_bot": self.is_bot,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "profile": profile,
        }


@dataclass
class File:
    """A file that somebody uploaded. Its content is handed out to whoever has a token of the workspace with `files:read`."""

    id: str
    name: str
    content: bytes
    mimetype: str = "text/plain"
    workspace: str = BOT["team_id"]


@dataclass
class View:
    id: str
    workspace: str
    body: Arguments
    user: str
    is_open: bool = True
    hash: str = ""


@dataclass
class Trigger:
    """What a person's act allows once, for three seconds: to open a view."""

    id: str
    workspace: str
    user: str
    given_at: float
    is_used: bool = False


@dataclass
class Slack:
    """Everything. `channels` maps an id to its messages, oldest first; `places` says what each channel is."""

    channels: dict[str, list[Arguments]] = field(default_factory=dict)
    places: dict[str, Channel] = field(default_factory=dict)
    users: dict[str, Person] = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    statuses: dict[tuple[str, str], str] = field(default_factory=dict)
    """What `assistant.threads.setStatus` said last, by channel and thread."""
    prompts: dict[str, Arguments] = field(default_factory=dict)
    """The suggested prompts, by channel."""
    ephemeral: list[Arguments] = field(default_factory=list)
    """What only one person saw, in a channel or as the answer to a command."""
    archived: set[str] = field(default_factory=set)
    codes: dict[str, Arguments] = field(default_factory=dict)
    """What an OAuth code stands for, until it is used."""
    refresh_tokens: dict[str, Token] = field(default_factory=dict)
    rotates: bool = False
    """Whether tokens that are given out from now on expire and are refreshed."""
    token_seconds: float = 43_200
    calls: list[Call] = field(default_factory=list)
    scripts: dict[str, deque[Script]] = field(default_factory=lambda: defaultdict(deque))
    has_limits: bool = False
    """Whether the rate limits of the tiers hold; a test switches them on."""
    minute_seconds: float = 60.0
    """How long Slack's minute is for its rate limits."""
    origin: str = ""
    """Where this Slack is served: `http://127.0.0.1:…`."""
    socket_url: str = ""
    """Where Socket Mode is served by somebody else."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    _last_ts: float = 0.0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _token: str = TOKEN

    def __post_init__(self) -> None:
        from tests.fakes.slack.acting import Acting
        from tests.fakes.slack.deliveries import Deliveries
        from tests.fakes.slack.limits import Limits
        from tests.fakes.slack.socket_mode import SocketMode

        self.deliveries: Deliveries = Deliveries(self)
        self.acting: Acting = Acting(self)
        self.limits = Limits(self)
        self.socket: SocketMode = SocketMode(self)
        self.workspaces[BOT["team_id"]] = Workspace(BOT["team_id"])
        self.tokens[TOKEN] = Token(TOKEN, BOT["team_id"])
        self.users["U0RITA"] = Person("U0RITA", "Rita Responder", email="rita@example.com")
        self.users[BOT["user_id"]] = Person(BOT["user_id"], "SAHUR", is_bot=True)
        self.add_channel("C0GENERAL", "general", members={"U0RITA", BOT["user_id"]})
        self.add_channel("D0DIRECT", "direct", kind="im", members={"U0RITA"})

    # --- the workspaces ---

    def add_workspace(self, workspace: str, name: str, *, token: str = "", scopes: set[str] | None = None) -> Workspace:
        """One more workspace, with the app in it if a token is given."""
        number = len(self.workspaces)
        found = self.workspaces.setdefault(workspace, Workspace(workspace, name, f"U0SAHUR{number}", f"B0SAHUR{number}"))
        self.users.setdefault(found.bot_user_id, Person(found.bot_user_id, "SAHUR", workspace, is_bot=True))
        if token:
            self.tokens[token] = Token(token, workspace, scopes)
        return found

    def add_channel(
        self, channel: str, name: str, *, kind: str = "channel", members: set[str] | None = None, workspace: str = BOT["team_id"]
    ) -> Channel:
        """One more channel. Without `members` the bot is in it, and nobody else."""
        bot = self.workspaces[workspace].bot_user_id
        found = Channel(channel, name, workspace, kind, {bot} if members is None else set(members))
        self.places[channel], self.channels[channel] = found, []
        return found

    def add_person(self, user: str, name: str, **more: Any) -> Person:
        self.users[user] = Person(user, name, **more)
        return self.users[user]

    def add_file(self, name: str, content: bytes, *, mimetype: str = "text/plain", workspace: str = BOT["team_id"]) -> File:
        file = File(self.new_id("F"), name, content, mimetype, workspace)
        self.files[file.id] = file
        return file

    def revoke(self, workspace: str = BOT["team_id"]) -> None:
        """The app's tokens there are worth nothing from now on. `acting.uninstall` also tells the app."""
        with self.lock:
            for token in [*self.tokens.values(), *self.refresh_tokens.values()]:
                token.is_revoked = token.is_revoked or token.workspace == workspace

    @property
    def token(self) -> str:
        """The token of the first workspace; given another value, the old one is wrong."""
        return self._token

    @token.setter
    def token(self, value: str) -> None:
        found = self.tokens.pop(self._token)
        self._token = found.value = value
        self.tokens[value] = found

    # --- what tests script and look at ---

    def script(self, method: str, *scripts: Script) -> None:
        """Say how the next calls of a method go; later ones work."""
        self.scripts[method].extend(scripts)

    def calls_of(self, method: str) -> list[Arguments]:
        return [call.arguments for call in list(self.calls) if call.method == method]

    def messages(self, channel: str, thread: str = "") -> list[Arguments]:
        """What stands in a channel, or in one of its threads without the first message."""
        with self.lock:
            return [each for each in self.channels[channel] if not thread or each.get("thread_ts") == thread]

    def posts(self, channel: str, thread: str = "", workspace: str = BOT["team_id"]) -> list[Arguments]:
        """What the app said there."""
        bot = self.workspaces[workspace].bot_id
        return [each for each in self.messages(channel, thread) if each.get("bot_id") == bot]

    def message(self, channel: str, ts: str) -> Arguments:
        """Raises `RefusedError` if it is not there."""
        with self.lock:
            for each in self.channels[channel]:
                if each["ts"] == ts:
                    return each
        raise RefusedError("message_not_found")

    # --- what happens in it ---

    def say(self, channel: str, text: str, *, user: str = "U0RITA", thread_ts: str = "", **more: Any) -> str:
        """A person's message, of which nobody tells the app (`acting` does); its ts."""
        return str(
            self.add(channel, {"user": user, "text": text, **({"thread_ts": thread_ts} if thread_ts else {}), **more})["ts"]
        )

    def add(self, channel: str, message: Arguments) -> Arguments:
        with self.lock:
            self._last_ts = max(self._last_ts + 0.000001, time.time())
            stored = {"type": "message", **message, "ts": f"{self._last_ts:.6f}"}
            self.channels[channel].append(stored)
            return stored

    def new_id(self, prefix: str) -> str:
        with self.lock:
            return f"{prefix}{next(self._numbers):09}"

    def new_trigger(self, workspace: str, user: str) -> str:
        """The id that comes with an act of a person, and lets the app open a view for them."""
        trigger = Trigger(f"{self.new_id('')}.{workspace}", workspace, user, time.monotonic())
        self.triggers[trigger.id] = trigger
        return trigger.id

    def perform(self, method: str, arguments: Arguments, token: Token | None = None) -> Arguments:
        """What a call of the Web API answers. Without a token it is the first workspace's app that calls."""
        from tests.fakes.slack.methods import perform

        return perform(self, method, arguments, token or self.tokens[self._token])

"""Message Service, as far as tasks need it: sent messages are kept for inspection."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from localcloud.fnf.documents import Document, compact


def as_text(value: object) -> object:
    """An object as JSON text, which services accept in its place; other values unchanged."""
    return compact(value).decode() if isinstance(value, dict) else value


class MessageParameters(BaseModel):
    """The ``serviceParams`` of a task that publishes to a topic or sends to a queue.

    Delay and priority of a queue's message are left out: there are no receivers here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    body: Annotated[str, BeforeValidator(as_text)] = Field(alias="MessageBody", min_length=1)
    tag: str = Field(default="", alias="MessageTag")


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        destination: ``topics/NAME`` or ``queues/NAME``.
        body: text; JSON where a task's input was the body.
        sent_at: cloud time.
    """

    id: str
    destination: str
    body: str
    tag: str
    sent_at: float


class Messages:
    """The topics and queues of one account. They are created by the first message.

    Args:
        now: cloud time in seconds.
        changed: called with the number of every message.

    Attributes:
        all: every message since the cloud's start, the oldest first.
    """

    def __init__(
        self, now: Callable[[], float], changed: Callable[[int], None] = lambda _: None
    ) -> None:
        self._now = now
        self._changed = changed
        self.all: list[Message] = []

    def send(
        self, kind: Literal["topics", "queues"], name: str, given: MessageParameters
    ) -> Document:
        """Keep a message; return what the service answers (that a flow sees it is assumed)."""
        message = Message(
            id=secrets.token_hex(16).upper(),
            destination=f"{kind}/{name}",
            body=given.body,
            tag=given.tag,
            sent_at=self._now(),
        )
        self._changed(len(self.all))
        self.all.append(message)
        digest = hashlib.md5(given.body.encode(), usedforsecurity=False).hexdigest().upper()
        return {"MessageId": message.id, "MessageBodyMD5": digest}

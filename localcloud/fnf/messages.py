"""Message Service as tasks need it: sent messages are kept for inspection."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from localcloud.fnf.documents import Document, compact


def as_text(value: object) -> object:
    """Return an object as JSON text, which services also accept; other values unchanged."""
    return compact(value).decode() if isinstance(value, dict) else value


class MessageParameters(BaseModel):
    """The ``serviceParams`` of a task that publishes to a topic or sends to a queue.

    A queue message's delay and priority are not supported: there are no consumers here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    body: Annotated[str, BeforeValidator(as_text)] = Field(alias="MessageBody", min_length=1)
    tag: str = Field(default="", alias="MessageTag")


@dataclass(frozen=True)
class Message:
    """A message.

    Attributes:
        destination: ``topics/NAME`` or ``queues/NAME``.
        body: text; JSON if a task's input was the body.
        sent_at: cloud time.
    """

    id: str
    destination: str
    body: str
    tag: str
    sent_at: float


class Messages:
    """The topics and queues of an account, which are created by their first message.

    Args:
        now: cloud time in seconds.
        changed: called with the number of every new message.

    Attributes:
        all: every message since the cloud started, oldest first.
    """

    def __init__(
        self, now: Callable[[], float], changed: Callable[[int], None] = lambda _: None
    ) -> None:
        self._now = now
        self._changed = changed
        self.all: list[Message] = []

    def send(
        self, kind: Literal["topics", "queues"], name: str, parameters: MessageParameters
    ) -> Document:
        """Store a message; return the service's response (assumed to be visible to the flow)."""
        message = Message(
            id=secrets.token_hex(16).upper(),
            destination=f"{kind}/{name}",
            body=parameters.body,
            tag=parameters.tag,
            sent_at=self._now(),
        )
        self._changed(len(self.all))
        self.all.append(message)
        digest = hashlib.md5(parameters.body.encode(), usedforsecurity=False).hexdigest().upper()
        return {"MessageId": message.id, "MessageBodyMD5": digest}

"""Recipients of notifications at the end of a run, as configured in an environment.

There are no fields for secrets: a webhook's URL and the signing secret are passed in Terraform
variables, whose names are derived from the target's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Final

from pydantic import Field, model_validator

from infra.model.config_model import ConfigModel
from infra.model.field_types import Endpoint, MnsName, TargetName, fault
from thaw.notification_targets import (
    ENDINGS,
    SECRET_URL_KINDS,
    Ending,
    Kind,
    secret_variable,
    url_variable,
)

MAX_TARGETS: Final = 5  # each may take one of the function's ten minutes


class Webhook(ConfigModel):
    """An HTTP endpoint that accepts JSON.

    Attributes:
        signed: whether messages are signed with a secret (HMAC-SHA256).
    """

    signed: bool = False


class DingTalk(ConfigModel):
    """A custom robot in a DingTalk group.

    Attributes:
        signed: whether the robot's security setting is a signature; if not, it must be the keyword
            ``oss-restore``.
    """

    signed: bool = True


class Mns(ConfigModel):
    """A Message Service topic or queue, in the environment's account and region.

    Attributes:
        topic: name of the topic; either topic or queue is set.
        queue: name of the queue.
        endpoint: endpoint of Message Service, if not the region's public one.
    """

    topic: MnsName | None = None
    queue: MnsName | None = None
    endpoint: Endpoint | None = None

    @model_validator(mode="after")
    def _require_one(self) -> Mns:
        if (self.topic is None) == (self.queue is None):
            raise fault("exactly one of topic and queue is required")
        return self

    @property
    def path(self) -> str:
        """The path that messages are sent to."""
        return f"/queues/{self.queue}/messages" if self.queue else f"/topics/{self.topic}/messages"

    @property
    def action(self) -> str:
        """The permission to send to it (docs: authorization of Message Service)."""
        return "mns:SendMessage" if self.queue else "mns:PublishMessage"


class NotificationTargetConfig(ConfigModel):
    """A recipient of notifications: exactly one of webhook, dingtalk and mns.

    Attributes:
        name: name in logs, and part of the names of its Terraform variables.
        when: the endings of runs to notify it of.
        webhook: an HTTP endpoint that accepts JSON.
        dingtalk: a custom robot in a DingTalk group.
        mns: a Message Service topic or queue.
    """

    name: TargetName
    when: Annotated[tuple[Ending, ...], Field(strict=False)] = ENDINGS
    webhook: Webhook | None = None
    dingtalk: DingTalk | None = None
    mns: Mns | None = None

    @model_validator(mode="after")
    def _require_one(self) -> NotificationTargetConfig:
        targets = [kind for kind in (self.webhook, self.dingtalk, self.mns) if kind is not None]
        if len(targets) != 1:
            raise fault("exactly one of webhook, dingtalk and mns is required")
        if not self.when:
            raise fault(f"name at least one of {', '.join(ENDINGS)}", "when")
        return self

    @property
    def kind(self) -> Kind:
        """The target's kind, as the function calls it."""
        if self.mns is not None:
            return "mns-queue" if self.mns.queue else "mns-topic"
        return "dingtalk" if self.dingtalk is not None else "webhook"

    @property
    def signed(self) -> bool:
        """Whether messages to it are signed with a secret."""
        by = self.webhook or self.dingtalk
        return by is not None and by.signed

    @property
    def variables(self) -> Iterator[str]:
        """Yield the names of the function's variables that hold secrets."""
        if self.kind in SECRET_URL_KINDS:
            yield url_variable(self.name)
        if self.signed:
            yield secret_variable(self.name)


def secrets(targets: Iterable[NotificationTargetConfig]) -> Mapping[str, str]:
    """Return the names of the Terraform variables with secrets, each with a description."""
    return {
        variable.lower(): f"{variable} of notifyRun"
        for target in targets
        for variable in target.variables
    }


def mns_url(mns: Mns, account: str, region: str) -> str:
    """Return the URL that messages are sent to (docs: endpoints of Message Service)."""
    return (mns.endpoint or f"https://{account}.mns.{region}.aliyuncs.com") + mns.path

"""The receivers of notifications at the end of a run, as configured in an environment.

There is no field for a secret: a webhook's URL and the secret that messages are signed with are
Terraform variables of their own, whose names follow from the target's.
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

MAX_TARGETS: Final = 5  # each may take a minute of the function's ten


class Webhook(ConfigModel):
    """An HTTP endpoint that takes JSON.

    Attributes:
        signed: whether messages carry a signature (HMAC-SHA256) by a secret.
    """

    signed: bool = False


class DingTalk(ConfigModel):
    """A custom robot of a DingTalk group.

    Attributes:
        signed: whether the robot's security setting is a signature; else it has to be the keyword
            ``oss-restore``.
    """

    signed: bool = True


class Mns(ConfigModel):
    """A topic or a queue of Message Service, in the environment's account and region.

    Attributes:
        topic: its name; there is a topic or a queue.
        queue: its name.
        endpoint: of Message Service, where it is not the region's public one.
    """

    topic: MnsName | None = None
    queue: MnsName | None = None
    endpoint: Endpoint | None = None

    @model_validator(mode="after")
    def _one(self) -> Mns:
        if (self.topic is None) == (self.queue is None):
            raise fault("exactly one of topic and queue is needed")
        return self

    @property
    def path(self) -> str:
        """The path that messages are posted to."""
        return f"/queues/{self.queue}/messages" if self.queue else f"/topics/{self.topic}/messages"

    @property
    def action(self) -> str:
        """The permission that it needs (docs: authorization of Message Service)."""
        return "mns:SendMessage" if self.queue else "mns:PublishMessage"


class NotificationTargetConfig(ConfigModel):
    """A receiver of notifications: exactly one of webhook, dingtalk and mns.

    Attributes:
        name: for logs, and part of the names of its Terraform variables.
        when: the endings that it is notified of.
        webhook: an HTTP endpoint that takes JSON.
        dingtalk: a custom robot of a DingTalk group.
        mns: a topic or a queue of Message Service.
    """

    name: TargetName
    when: Annotated[tuple[Ending, ...], Field(strict=False)] = ENDINGS
    webhook: Webhook | None = None
    dingtalk: DingTalk | None = None
    mns: Mns | None = None

    @model_validator(mode="after")
    def _one(self) -> NotificationTargetConfig:
        given = [one for one in (self.webhook, self.dingtalk, self.mns) if one is not None]
        if len(given) != 1:
            raise fault("exactly one of webhook, dingtalk and mns is needed")
        if not self.when:
            raise fault(f"name at least one of {', '.join(ENDINGS)}", "when")
        return self

    @property
    def kind(self) -> Kind:
        """The kind's name in the function."""
        if self.mns is not None:
            return "mns-queue" if self.mns.queue else "mns-topic"
        return "dingtalk" if self.dingtalk is not None else "webhook"

    @property
    def signed(self) -> bool:
        """Whether its messages are signed with a secret."""
        by = self.webhook or self.dingtalk
        return by is not None and by.signed

    @property
    def variables(self) -> Iterator[str]:
        """Names of the function's variables that hold secrets."""
        if self.kind in SECRET_URL_KINDS:
            yield url_variable(self.name)
        if self.signed:
            yield secret_variable(self.name)


def secrets(targets: Iterable[NotificationTargetConfig]) -> Mapping[str, str]:
    """Names of the variables with its secrets, each with a description."""
    return {
        variable.lower(): f"{variable} of notifyRun"
        for target in targets
        for variable in target.variables
    }


def mns_url(mns: Mns, account: str, region: str) -> str:
    """The URL that messages are posted to (docs: endpoints of Message Service)."""
    return (mns.endpoint or f"https://{account}.mns.{region}.aliyuncs.com") + mns.path

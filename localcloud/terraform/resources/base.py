"""What a resource is to the provider."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from localcloud.terraform.session import Session
from localcloud.terraform.values import Object


class Arguments(BaseModel):
    """The arguments of a resource that matter to the local cloud, typed.

    Others are kept in Terraform's state and have no effect here.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)


A = TypeVar("A", bound=Arguments)


class ResourceHandler(ABC, Generic[A]):
    """Makes, looks at, changes and removes one type of resource.

    Attributes:
        arguments: the model of its arguments.
        volatile: computed attributes that every update changes.
    """

    arguments: type[A]
    volatile: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    async def create(self, session: Session, wanted: A) -> str:
        """Makes it and returns its id."""

    @abstractmethod
    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
        """Its attributes as they are now, by name; None where it is gone.

        Args:
            session: who looks.
            id_: its id.
            known: Terraform's state of it; empty on import.
        """

    async def update(self, session: Session, id_: str, before: A, wanted: A) -> None:
        """Changes it to what is wanted. Nothing to do where all that counts forces a new one."""

    @abstractmethod
    async def delete(self, session: Session, id_: str, before: A) -> None:
        """Removes it."""

    def warnings(self, planned: Object) -> Iterable[str]:
        """What to know of it although it has been made or changed, by its attributes."""
        return ()


class DataSourceHandler(ABC):
    """Looks something up."""

    @abstractmethod
    async def read(self, session: Session, config: Object) -> Object:
        """Its attributes by name, ``id`` included."""


def iso_time(seconds: float) -> str:
    """A moment as the services write it: UTC, in whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def generated_name(prefix: str) -> str:
    """A name for what was not given one, as the SDK makes them: 26 more characters."""
    return prefix + secrets.token_hex(13)

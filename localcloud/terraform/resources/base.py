"""The provider's interface to its resources."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar, Generic

from localcloud.terraform.arguments import A
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object


class ResourceHandler(ABC, Generic[A]):
    """Create, read, update and delete for one type of resource.

    Attributes:
        arguments: the model of its arguments.
        volatile: computed attributes that every update changes.
    """

    arguments: type[A]
    volatile: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    async def create(self, session: Session, wanted: A) -> str:
        """Create the resource and return its id."""

    @abstractmethod
    async def read(self, session: Session, id_: str, known: Object) -> Object | None:
        """The resource's current attributes, by name; None if it is gone.

        Args:
            session: who looks.
            id_: its id.
            known: Terraform's state of it; empty on import.
        """

    async def update(self, session: Session, id_: str, before: A, wanted: A) -> None:
        """Update the resource. Does nothing if every relevant change forces a new one."""

    @abstractmethod
    async def delete(self, session: Session, id_: str, before: A) -> None:
        """Remove it."""

    def warnings(self, planned: Object) -> Iterable[str]:
        """Warnings about a resource that was created or updated, from its attributes."""
        return ()


class DataSourceHandler(ABC):
    """Looks something up."""

    @abstractmethod
    async def read(self, session: Session, config: Object) -> Object:
        """The attributes by name, including ``id``."""


def iso_time(seconds: float) -> str:
    """A timestamp as the services write it: UTC, in whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def generated_name(prefix: str) -> str:
    """A generated name, in the SDK's format: 26 characters after the prefix."""
    return prefix + secrets.token_hex(13)

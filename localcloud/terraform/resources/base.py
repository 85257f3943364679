"""The interface between the provider and its resources."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Generic

from localcloud.terraform.arguments import A
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object


class ResourceHandler(ABC, Generic[A]):
    """Create, read, update and delete for one type of resource.

    Attributes:
        arguments: model of its arguments.
        volatile: computed attributes that change on every update.
    """

    arguments: type[A]
    volatile: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    async def create(self, session: Session, planned: A) -> str:
        """Create the resource and return its id."""

    @abstractmethod
    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        """Return the resource's current attributes, by name; None if it no longer exists.

        Args:
            session: the session of the caller.
            id_: the resource's id.
            state: the resource's Terraform state; empty on import.
        """

    async def update(self, session: Session, id_: str, prior: A, planned: A) -> None:
        """Update the resource; by default do nothing, since every change forces a new resource."""

    @abstractmethod
    async def delete(self, session: Session, id_: str, prior: A) -> None:
        """Delete the resource."""

    def warnings(self, planned: Object) -> Iterable[str]:
        """Return warnings about a created or updated resource, from its attributes."""
        return ()


class DataSourceHandler(ABC):
    """A data source."""

    @abstractmethod
    async def read(self, session: Session, config: Object) -> Object:
        """Return the attributes by name, including ``id``."""


def generated_name(prefix: str) -> str:
    """Generate a name in the SDK's format, with 26 characters after the prefix."""
    return prefix + secrets.token_hex(13)

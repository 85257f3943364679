"""The actions after the thaw that the deployment permits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from thaw.after_thaw import PERMISSIONS_VARIABLE, STANDARD, CopyTo
from thaw.errors import InvalidDeployment, InvalidInput
from thaw.run_input import Run


@dataclass(frozen=True)
class Destination:
    """A bucket that copies may go to.

    Attributes:
        prefixes: the only permitted prefixes of copies; empty for the whole bucket.
        storage_class: storage class of the copies, unless a run sets one.
        account: the account that owns the bucket; empty for the deployment's own.
        versions: whether older versions may be copied there, too.
    """

    name: str
    prefixes: tuple[str, ...] = ()
    storage_class: str = STANDARD
    account: str = ""
    versions: bool = False


@dataclass(frozen=True)
class CopyPermissions:
    """The actions that the environment permits.

    Attributes:
        promote: buckets whose objects may be promoted.
        destinations: buckets that objects may be copied to.
        remove_archived: buckets where archived versions may be removed after a promotion.
    """

    promote: frozenset[str] = frozenset()
    destinations: tuple[Destination, ...] = ()
    remove_archived: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> CopyPermissions:
        """Parse ``{promote, removeArchived, destinations}``, which names buckets.

        Raises:
            InvalidDeployment: the text is anything else.
        """
        try:
            data: Mapping[str, Any] = json.loads(text)
            return cls(
                frozenset(data.get("promote", ())),
                tuple(
                    Destination(
                        entry["name"],
                        tuple(entry["prefixes"]),
                        entry["storageClass"],
                        entry.get("account", ""),
                        bool(entry.get("versions")),
                    )
                    for entry in data.get("destinations", ())
                ),
                frozenset(data.get("removeArchived", ())),
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidDeployment(
                f"the function's environment variable {PERMISSIONS_VARIABLE} is wrong: {error!r}"
            ) from error

    def check(self, run: Run) -> Run:
        """Return the run with the storage class of its copies.

        Raises:
            InvalidInput: the environment does not permit the run's action; names what to add.
        """
        after = run.then
        if after is None:
            return run
        if not isinstance(after, CopyTo):
            if run.bucket_name not in self.promote:
                raise InvalidInput(
                    f"then: this environment does not allow promoting objects in {run.bucket_name}:"
                    " add promote: true to the bucket in the environment file, and deploy it"
                )
            if after.remove_archived and run.bucket_name not in self.remove_archived:
                raise InvalidInput(
                    "then: this environment does not allow removing archived versions from"
                    f" {run.bucket_name}: add remove_archived: true to the bucket in the"
                    " environment file, and deploy it"
                )
            return run
        destination = self.destination_of(after)
        if destination is not None:
            if run.copies_versions and not destination.versions:
                raise InvalidInput(
                    f"then: this environment does not allow copying versions to {destination.name}:"
                    " add versions: true to its entry in destinations, and deploy it"
                )
            storage_class = after.storage_class or destination.storage_class
            return replace(run, then=replace(after, storage_class=storage_class))
        entry = f"{{name: {after.bucket_name}, prefixes: [{json.dumps(after.prefix)}]}}"
        raise InvalidInput(
            f"then: this environment does not allow copying objects to {after.bucket_name}/"
            f"{after.prefix}: add {entry} to destinations in the environment file, and deploy it"
        )

    def destination_of(self, after: CopyTo) -> Destination | None:
        """Return the destination of copies; None if the environment does not allow it."""
        for destination in self.destinations:
            prefixes = destination.prefixes or ("",)
            is_inside = any(after.prefix.startswith(prefix) for prefix in prefixes)
            if destination.name == after.bucket_name and is_inside:
                return destination
        return None

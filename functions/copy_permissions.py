"""What the deployment allows a run to do after the thaw, and what a bucket has against it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from functions.copy_store import CopyStore
from thaw.after_thaw import PERMISSIONS_VARIABLE, STANDARD, CopyTo
from thaw.errors import AccessDenied, InvalidDeployment, InvalidInput
from thaw.run_input import Run

_OTHER_REGION: Final = "must be addressed using the specified endpoint"


@dataclass(frozen=True)
class Destination:
    """A bucket that copies may go to.

    Attributes:
        prefixes: the only places there; empty for all of it.
        storage_class: of copies, where a run does not say.
    """

    name: str
    prefixes: tuple[str, ...] = ()
    storage_class: str = STANDARD


@dataclass(frozen=True)
class CopyPermissions:
    """What the environment names.

    Attributes:
        promote: buckets whose objects may be promoted.
    """

    promote: frozenset[str] = frozenset()
    destinations: tuple[Destination, ...] = ()

    @classmethod
    def parse(cls, text: str) -> CopyPermissions:
        """Reads ``{promote: [bucket], destinations: [{name, prefixes, storageClass}]}``.

        Raises:
            InvalidDeployment: it is something else.
        """
        try:
            data: Mapping[str, Any] = json.loads(text)
            return cls(
                frozenset(data.get("promote", ())),
                tuple(
                    Destination(one["name"], tuple(one["prefixes"]), one["storageClass"])
                    for one in data.get("destinations", ())
                ),
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidDeployment(
                f"the function's environment variable {PERMISSIONS_VARIABLE} is wrong: {error!r}"
            ) from error

    def settled(self, run: Run) -> Run:
        """The run, with the class of its copies.

        Raises:
            InvalidInput: the environment does not allow what it asks for; says what to add.
        """
        after = run.then
        if after is None:
            return run
        if not isinstance(after, CopyTo):
            if run.bucket_name not in self.promote:
                raise InvalidInput(
                    f"then: this environment does not let objects in {run.bucket_name} be promoted:"
                    " add promote: true to the bucket in the environment file, and deploy it"
                )
            return run
        named = [one for one in self.destinations if one.name == after.bucket_name]
        for one in named:
            if any(after.prefix.startswith(prefix) for prefix in one.prefixes or ("",)):
                storage_class = after.storage_class or one.storage_class
                return replace(run, then=replace(after, storage_class=storage_class))
        entry = f"{{name: {after.bucket_name}, prefixes: [{json.dumps(after.prefix)}]}}"
        raise InvalidInput(
            f"then: this environment does not let objects be copied to {after.bucket_name}/"
            f"{after.prefix}: add {entry} to destinations in the environment file, and deploy it"
        )


def check_target(target: CopyStore, run: Run) -> None:
    """Asks the bucket that is written to, before anything is sent.

    Raises:
        InvalidInput: it lies in another region, or under a retention policy.
        RunError: as :func:`thaw.oss_errors.call`.
    """
    _check_region(target, run)
    if days := target.retention_days():
        raise InvalidInput(
            f"then: {target.name} has a retention policy of {days} days, under which no object can"
            " be changed or replaced: copy to a bucket without one"
        )


def _check_region(target: CopyStore, run: Run) -> None:
    after = run.then
    if not isinstance(after, CopyTo):
        return
    try:
        target.list_after(after.prefix, "", max_keys=1)
    except AccessDenied as error:
        if _OTHER_REGION not in str(error):
            raise
        raise InvalidInput(
            f"then: {after.bucket_name} is not in the region of {run.bucket_name}, and OSS copies"
            " within a region only: copy to a bucket there, and let cross-region replication take"
            " its objects from it to where they are wanted"
        ) from error

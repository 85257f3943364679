"""Make the copiers of a run's objects, and open the buckets for its copies."""

from __future__ import annotations

from functions.copy_store import CopyStore
from functions.invocation import Invocation
from functions.object_copies import ObjectCopier
from functions.part_copies import PartCopier
from functions.target_store import TargetStore
from functions.unfinished_uploads import UnfinishedUploads
from thaw.after_thaw import CopyTo
from thaw.errors import InvalidInput
from thaw.ledger_reading import READERS
from thaw.run_input import Run


def target_store(invocation: Invocation, run: Run) -> TargetStore:
    """Open the bucket for the run's copies; its own bucket if objects are promoted."""
    return target_store_at(invocation, run.endpoint, _target_of(run))


def target_store_at(invocation: Invocation, endpoint: str, name: str) -> TargetStore:
    """Open a bucket that copies may go to."""
    return TargetStore(invocation.bucket(endpoint, name, connections=1), invocation.retry)


def object_copier(invocation: Invocation, run: Run) -> ObjectCopier:
    """Make the copier of the run's objects.

    Raises:
        InvalidInput: the run copies no objects.
    """
    if run.then is None:
        raise InvalidInput("then: this run copies nothing, and must not call copyObjects")
    source = _copy_store(invocation, run, run.bucket_name)
    target = _copy_store(invocation, run, _target_of(run))
    return ObjectCopier(source, target, run.then, run.copies_versions)


def part_copier(invocation: Invocation, run: Run, copier: ObjectCopier) -> PartCopier:
    """Make the copier of the run's large objects."""
    prefix, bucket = invocation.settings.report_prefix, copier.target.name
    uploads = UnfinishedUploads(invocation.ledger(run), prefix, bucket)
    return PartCopier(copier, uploads, run.workers)


def _copy_store(invocation: Invocation, run: Run, name: str) -> CopyStore:
    connections = max(run.workers, READERS)
    bucket = invocation.bucket(run.endpoint, name, connections=connections)
    return CopyStore(bucket, invocation.retry)


def _target_of(run: Run) -> str:
    return run.then.bucket_name if isinstance(run.then, CopyTo) else run.bucket_name

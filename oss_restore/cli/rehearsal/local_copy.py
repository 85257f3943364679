"""The user's own environment in a local cloud: its buckets, and a file to deploy."""

from __future__ import annotations

from pathlib import Path

from oss_restore.cli.rehearsal.buckets import RehearsalBuckets
from oss_restore.cli.rehearsal.subject import RehearsalSubject
from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.target import read_endpoints


def create_copy(subject: RehearsalSubject, endpoints_file: Path, workdir: Path, count: int) -> Path:
    """Create and fill the buckets unless they exist, write the file, and return its folder.

    Args:
        subject: the environment.
        endpoints_file: endpoints file of the cloud.
        workdir: folder for the environment's file and Terraform's state.
        count: number of objects per bucket.
    """
    endpoints = read_endpoints(endpoints_file)
    control = ControlClient(endpoints)
    workdir.mkdir(parents=True, exist_ok=True)
    if "buckets" not in control.resources():  # a cloud with a saved state has them
        RehearsalBuckets(endpoints, control, count).make(subject)
        (workdir / "terraform.tfstate").unlink(missing_ok=True)  # left by another cloud
        for bucket in subject.buckets:
            if bucket.region:
                control.move_bucket(bucket.name, bucket.region)
    return subject.write_files(workdir.resolve(), endpoints)

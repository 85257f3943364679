"""An environment of one's own in a local cloud that goes on: its buckets, and a file to deploy."""

from __future__ import annotations

from pathlib import Path

from oss_restore.cli.rehearsal.buckets import RehearsalBuckets
from oss_restore.cli.rehearsal.subject import RehearsalSubject
from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.target import read_endpoints


def furnish(subject: RehearsalSubject, endpoints_file: Path, workdir: Path, count: int) -> Path:
    """Make and fill the buckets unless they are there, and write the file; return its folder.

    Args:
        subject: the environment.
        endpoints_file: of the cloud.
        workdir: for the environment's file, and Terraform's state.
        count: how many objects go into each bucket.
    """
    endpoints = read_endpoints(endpoints_file)
    control = ControlClient(endpoints)
    workdir.mkdir(parents=True, exist_ok=True)
    if "buckets" not in control.resources():  # a cloud that was here before has kept them
        RehearsalBuckets(endpoints, control, count).make(subject)
        (workdir / "terraform.tfstate").unlink(missing_ok=True)  # of another cloud
        for bucket in subject.buckets:
            if bucket.region:
                control.move_bucket(bucket.name, bucket.region)
    return subject.write_files(workdir.resolve(), endpoints)

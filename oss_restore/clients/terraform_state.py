"""The outputs in an environment's Terraform state."""

from __future__ import annotations

from pathlib import Path

from infra.environment_files import Environment
from infra.model.names import Names
from infra.model.terraform_access import OssState
from oss_restore.clients.outputs import Outputs, is_empty_state, parse_outputs
from oss_restore.clients.target import Target
from oss_restore.installation import checkout


def find_outputs(environment: Environment, target: Target) -> Outputs | None:
    """Find the outputs; return None if there is no readable state, or nothing is deployed.

    Args:
        environment: environment of the state.
        target: endpoints and credentials, for a state in OSS.

    Raises:
        OperatorError: the state is damaged, or OSS cannot be reached.
    """
    backend = environment.backend
    if backend.oss is not None:
        name, text = _in_oss(environment, backend.oss, target)
    else:
        assert backend.local is not None  # the model requires one of the two
        path = (checkout() or Path.cwd()) / backend.local.path
        name, text = str(path), path.read_bytes() if path.is_file() else None
    if text is None or is_empty_state(text):
        return None
    return parse_outputs(text, name)


def _in_oss(environment: Environment, state: OssState, target: Target) -> tuple[str, bytes | None]:
    import oss2  # noqa: PLC0415 - slow, and not needed for a state in a file

    from oss_restore.clients.storage import (  # noqa: PLC0415 - it imports oss2
        open_bucket,
        storage_errors,
    )

    key = f"{Names(environment).state_prefix}/{state.key}"
    elsewhere = state.region and state.region != target.region and not target.control
    endpoint = f"https://oss-{state.region}.aliyuncs.com" if elsewhere else ""
    bucket = open_bucket(
        target, state.bucket, endpoint=state.endpoint or endpoint, region=state.region
    )
    text: bytes | None
    with storage_errors("oss:GetObject", state.bucket, key):
        try:
            text = bucket.get_object(key).read()
        except (oss2.exceptions.NotFound, oss2.exceptions.AccessDenied):
            text = None  # without this permission, the names in the environment file are used
    return f"oss://{state.bucket}/{key}", text

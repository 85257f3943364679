"""The runs' ledgers, as an operator's machine reaches them."""

from __future__ import annotations

from typing import Final

import oss2
from pydantic import TypeAdapter

from functions.contract import STOP_MARK, run_folder
from oss_restore.deployment import Deployment
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.target import Target

_SUMMARY: Final = TypeAdapter(dict[str, object])


def mark_stopped(target: Target, deployment: Deployment, run: str, reason: str) -> None:
    """Makes every further function call of a run end.

    Args:
        target: where to call, and as whom.
        deployment: whose run.
        run: its name.
        reason: what the calls say.

    Raises:
        OperatorError: OSS refused to write the mark, or could not be reached.
    """
    key = f"{run_folder(deployment.report_prefix, run)}{STOP_MARK}"
    try:
        _bucket(target, deployment).put_object(key, reason.encode())
    except oss2.exceptions.OssError as error:
        hint = "allow oss:PutObject on it to whoever stops runs"
        raise _refused("write", deployment, key, error, hint) from error


def read_summary(target: Target, deployment: Deployment, run: str) -> dict[str, object] | None:
    """A run's summary, as its ledger has it; None where there is none.

    Raises:
        OperatorError: OSS refused to read it, could not be reached, or has no JSON object there.
    """
    key = f"{run_folder(deployment.report_prefix, run)}summary.json"
    try:
        text = _bucket(target, deployment).get_object(key).read()
    except (oss2.exceptions.NoSuchKey, oss2.exceptions.NoSuchBucket):
        return None
    except oss2.exceptions.OssError as error:
        hint = "allow oss:GetObject on it to whoever reads reports"
        raise _refused("read", deployment, key, error, hint) from error
    return _SUMMARY.validate_json(text)


def _bucket(target: Target, deployment: Deployment) -> oss2.Bucket:
    auth = oss2.StsAuth(
        target.access_key_id,
        target.access_key_secret,
        target.security_token,
        auth_version=oss2.AUTH_VERSION_4,
    )
    return oss2.Bucket(auth, target.oss, deployment.report_bucket, region=target.region)


def _refused(
    verb: str, deployment: Deployment, key: str, error: oss2.exceptions.OssError, hint: str
) -> OperatorError:
    told = error.message or error.body
    return OperatorError(
        f"cannot {verb} oss://{deployment.report_bucket}/{key}: {error.code} {told}",
        hint=hint,
        status=ExitStatus.CLOUD,
    )

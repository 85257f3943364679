"""The runs' ledgers, as an operator's machine reaches them."""

from __future__ import annotations

import oss2

from functions.contract import STOP_MARK, run_folder
from oss_restore.deployment import Deployment
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.target import Target


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
    auth = oss2.StsAuth(
        target.access_key_id,
        target.access_key_secret,
        target.security_token,
        auth_version=oss2.AUTH_VERSION_4,
    )
    bucket = oss2.Bucket(auth, target.oss, deployment.report_bucket, region=target.region)
    try:
        bucket.put_object(key, reason.encode())
    except oss2.exceptions.OssError as error:
        told = error.message or error.body
        raise OperatorError(
            f"cannot write oss://{deployment.report_bucket}/{key}: {error.code} {told}",
            hint="allow oss:PutObject on it to whoever stops runs",
            status=ExitStatus.CLOUD,
        ) from error

"""The checks of ``doctor``, ordered so that each helps to interpret the following ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Final

import oss2
import requests

from infra.blueprint.flows import render_flows
from infra.model.names import FLOWS
from infra.version import VERSION
from oss_restore.checks.check_result import CheckResult, fail, ok, warn
from oss_restore.checks.copy_checks import check_copies
from oss_restore.checks.identity import identity_of
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.storage import open_bucket, region_of, storage_errors, wrong_region
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import N_, ngettext
from oss_restore.language import gettext as _

_FAR_OFF_SECONDS: Final = 900  # OSS refuses requests (docs RequestTimeTooSkewed)
_OFF_SECONDS: Final = 60
_RESPONSE_SECONDS: Final = 5


Check = Callable[[DeploymentContext], Iterator[CheckResult]]


def examine(context: DeploymentContext) -> Iterator[CheckResult]:
    """Run every check, and yield each result as soon as it is known."""
    for name, check in _CHECKS:
        try:
            for result in check(context):
                yield replace(result, check=_(name))
        except OperatorError as error:
            refused = error.status is ExitStatus.REFUSED
            yield replace(fail(str(error), error.hint, refused=refused), check=_(name))
            if check in _NEEDED:
                return


def _credentials(context: DeploymentContext) -> Iterator[CheckResult]:
    source = context.target.credentials.keys().found_in
    caller = identity_of(context.target)
    wanted = context.deployment.account_id
    if wanted and caller.account_id != wanted:
        yield fail(
            _("{arn} belongs to account {account}, but the deployment is in {wanted}").format(
                arn=caller.arn, account=caller.account_id, wanted=wanted
            ),
            _("use credentials of account {wanted}: another profile, or another role").format(
                wanted=wanted
            ),
            refused=True,
        )
    else:
        yield ok(
            _("{arn}, with keys from {place}").format(arn=caller.arn, place=source),
        )


def _deployment(context: DeploymentContext) -> Iterator[CheckResult]:
    deployment = context.deployment
    if deployment.outputs is not None:
        yield ok(_("{flow}, from its outputs").format(flow=deployment.main_flow))
        return
    message = (
        _("{flow}, from the names in the environment file: no outputs could be read")
        if deployment.environment is not None
        else _("{flow}, from its name alone: some checks need more")
    )
    yield warn(
        message.format(flow=deployment.main_flow),
        _("deploy it, or pass its outputs with --outputs"),
    )


def _version(context: DeploymentContext) -> Iterator[CheckResult]:
    outputs = context.deployment.outputs
    deployed = outputs.version if outputs is not None else ""
    if not deployed:
        yield ok(
            _("this is {here}; the deployed version is unknown").format(here=VERSION),
        )
    elif deployed == VERSION:
        yield ok(_("{version}, both here and deployed").format(version=VERSION))
    else:
        message = _("version {deployed} is deployed, but this is {here}").format(
            deployed=deployed, here=VERSION
        )
        to_do = _("deploy again, or install version {deployed}").format(deployed=deployed)
        yield warn(message, to_do)


def _endpoints(context: DeploymentContext) -> Iterator[CheckResult]:
    target = context.target
    endpoints = {"Serverless Workflow": target.fnf, "OSS": target.oss}
    if context.deployment.account_id:
        endpoints["Function Compute"] = target.fc
    silent = []
    for service, endpoint in endpoints.items():
        try:
            _request("GET", endpoint)  # any response is sufficient
        except requests.RequestException as error:
            silent.append(service)
            yield fail(
                _("{service} cannot be reached: {reason}").format(service=service, reason=error),
                _("check the network and the proxy; the endpoint is {endpoint}").format(
                    endpoint=endpoint
                ),
                refused=True,
            )
    if not silent:
        yield ok(
            _("{services} can be reached").format(services=", ".join(endpoints)),
        )


def _runs(context: DeploymentContext) -> Iterator[CheckResult]:
    """Check whether other runs use the account's quotas, and whether runs may be listed."""
    newest = next(context.workflow.executions(context.deployment.main_flow), [])
    running = [execution.name for execution in newest if not execution.ended]
    if running:
        message = ngettext(
            "{count:,} run is in progress, {run}: it uses part of the account's quotas",
            "{count:,} runs are in progress, such as {run}: they use part of the account's quotas",
            len(running),
        ).format(count=len(running), run=running[0])
        yield warn(message, _("expect the next run to take longer than planned"))
    else:
        yield ok(
            _("no run is in progress: the account's quotas are all free for the next one"),
        )


def _flows(context: DeploymentContext) -> Iterator[CheckResult]:
    environment = context.deployment.environment
    if environment is None:
        to_do = _("name the environment, so that its flows can be rendered")
        yield warn(_("cannot be compared without an environment"), to_do)
        return
    drifted = False
    for flow in render_flows(environment):
        try:
            deployed = context.workflow.definition(flow.name)
        except OperatorError as error:
            message = _("cannot be compared: {reason}").format(reason=error)
            yield warn(
                message,
                error.hint or _("grant fnf:DescribeFlow to the identity in use"),
            )
            return
        if deployed.strip() != flow.text.strip():
            drifted = True
            message = _(
                "{flow} differs from what this version renders for the environment file"
            ).format(flow=flow.name)
            yield fail(message, _("deploy again, and find out who changed it"))
    if not drifted:
        yield ok(
            ngettext(
                "{count} flow is identical to what this version renders",
                "{count} flows are identical to what this version renders",
                len(FLOWS),
            ).format(count=len(FLOWS)),
        )


def _buckets(context: DeploymentContext) -> Iterator[CheckResult]:
    environment = context.deployment.environment
    if environment is None:
        to_do = _("name the environment, so that its flows can be rendered")
        yield warn(_("the buckets that the functions may access are unknown"), to_do)
        return
    for bucket in environment.buckets:
        prefix = bucket.prefixes[0] if bucket.prefixes else ""
        yield _bucket(context, bucket.name, prefix)


def _reports(context: DeploymentContext) -> Iterator[CheckResult]:
    deployment = context.deployment
    if not deployment.report_bucket:
        to_do = _("name the environment, so that its flows can be rendered")
        yield warn(_("unknown"), to_do)
        return
    result = _bucket(context, deployment.report_bucket, deployment.report_prefix)
    if result.state == "ok" and _keeps_versions(context, deployment.report_bucket):
        refused = _("{bucket} keeps versions, so records of runs could be replaced in it").format(
            bucket=deployment.report_bucket
        )
        hint = _("name a bucket that never kept versions as report.bucket, and deploy")
        result = fail(refused, hint)
    yield result


def _copies(context: DeploymentContext) -> Iterator[CheckResult]:
    return check_copies(context.target, context.deployment)


def _keeps_versions(context: DeploymentContext, name: str) -> bool:
    """Return whether a bucket keeps or kept versions; False if the caller lacks the permission."""
    try:
        return bool(open_bucket(context.target, name).get_bucket_info().versioning_status)
    except oss2.exceptions.AccessDenied:
        return False


def _bucket(context: DeploymentContext, name: str, prefix: str) -> CheckResult:
    """Check that a bucket is in the right region and may be listed."""
    bucket, region = open_bucket(context.target, name), context.target.region_of(name)
    try:
        actual = region_of(bucket)
        if actual and actual != region:
            return fail(*wrong_region(name, region, actual))
        with storage_errors("oss:ListObjects", name):
            bucket.list_objects(prefix, max_keys=1)
    except OperatorError as error:
        return fail(str(error), error.hint, refused=True)
    if actual:
        return ok(_("{bucket} can be listed").format(bucket=name))
    message = _("{bucket} can be listed; cannot tell whether it is in {region}").format(
        bucket=name, region=region
    )
    return warn(message, _("grant oss:GetBucketInfo to the identity in use"))


def _request(method: str, endpoint: str) -> requests.Response:
    return requests.request(method, endpoint, timeout=_RESPONSE_SECONDS, allow_redirects=False)


def _clock(context: DeploymentContext) -> Iterator[CheckResult]:
    """Compare this machine's clock with the Date header of an OSS response."""
    if context.target.control:
        yield ok(_("the local cloud has its own clock"))
        return
    try:
        response = _request("HEAD", context.target.oss)
        oss_time = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (requests.RequestException, KeyError, ValueError):
        return  # another check reports the endpoints
    yield clock_finding(time.time() - oss_time)


def clock_finding(seconds: float) -> CheckResult:
    """Make the result for a clock that is ``seconds`` ahead of the clock of OSS."""
    message = _("{seconds:.0f} s off the clock of OSS").format(seconds=abs(seconds))
    if abs(seconds) < _OFF_SECONDS:
        return ok(message)
    to_do = _(
        "set the clock of this machine: OSS refuses requests that are more than 15 minutes off"
    )
    return fail(message, to_do) if abs(seconds) >= _FAR_OFF_SECONDS else warn(message, to_do)


_CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    (N_("credentials"), _credentials),
    (N_("deployment"), _deployment),
    (N_("version"), _version),
    (N_("endpoints"), _endpoints),
    (N_("quotas"), _runs),
    (N_("flows"), _flows),
    (N_("bucket"), _buckets),
    (N_("report bucket"), _reports),
    (N_("copies"), _copies),
    (N_("clock"), _clock),
)
# If one of these fails, nothing else can be checked.
_NEEDED: Final = frozenset({_credentials, _deployment})

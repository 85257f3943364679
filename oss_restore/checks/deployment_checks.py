"""What the doctor looks at, in an order in which each helps to understand the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
import oss2

from infra.blueprint.flows import render_flows
from infra.model.names import FLOWS
from infra.version import VERSION
from oss_restore.checks.finding import CheckResult, State
from oss_restore.checks.identity import identity_of
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.storage import open_bucket, storage_errors
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import Message
from oss_restore.messages import doctor as said
from oss_restore.messages.planning import DEPLOY_THERE, ELSEWHERE

_FAR_OFF_SECONDS: Final = 900  # OSS refuses it (docs RequestTimeTooSkewed)
_OFF_SECONDS: Final = 60
_ANSWER_SECONDS: Final = 5

Check = Callable[[DeploymentContext], Iterator[CheckResult]]


def examine(context: DeploymentContext) -> Iterator[CheckResult]:
    """Looks at everything; each finding is told as soon as it is there."""
    for name, check in _CHECKS:
        try:
            yield from check(context)
        except OperatorError as error:
            refused = error.status is ExitStatus.REFUSED
            yield CheckResult(name(), "fail", str(error), error.hint, refused=refused)
            if check in _NEEDED:
                return


def _credentials(context: DeploymentContext) -> Iterator[CheckResult]:
    place = context.target.credentials.keys().found_in
    caller = identity_of(context.target)
    wanted = context.deployment.account_id
    if wanted and caller.account_id != wanted:
        yield CheckResult(
            said.CREDENTIALS(),
            "fail",
            said.OTHER_ACCOUNT(arn=caller.arn, account=caller.account_id, wanted=wanted),
            said.USE_OTHER_KEYS(wanted=wanted),
            refused=True,
        )
    else:
        yield CheckResult(said.CREDENTIALS(), "ok", said.YOU_ARE(arn=caller.arn, place=place))


def _deployment(context: DeploymentContext) -> Iterator[CheckResult]:
    deployment = context.deployment
    if deployment.outputs is not None:
        yield CheckResult(said.DEPLOYMENT(), "ok", said.BY_OUTPUTS(flow=deployment.main_flow))
        return
    by = said.BY_NAMES if deployment.environment is not None else said.BY_FLOW
    found = by(flow=deployment.main_flow)
    yield CheckResult(said.DEPLOYMENT(), "warn", found, said.DEPLOY_OR_HAND_OVER())


def _version(context: DeploymentContext) -> Iterator[CheckResult]:
    here = VERSION
    outputs = context.deployment.outputs
    deployed = outputs.version if outputs is not None else ""
    if not deployed:
        yield CheckResult(said.VERSION(), "ok", said.VERSION_UNTOLD(here=here))
    elif deployed == here:
        yield CheckResult(said.VERSION(), "ok", said.SAME_VERSION(version=here))
    else:
        found = said.OTHER_VERSION(deployed=deployed, here=here)
        to_do = said.SAME_VERSION_TO_DO(deployed=deployed)
        yield CheckResult(said.VERSION(), "warn", found, to_do)


def _endpoints(context: DeploymentContext) -> Iterator[CheckResult]:
    target = context.target
    endpoints = {"Serverless Workflow": target.fnf, "OSS": target.oss}
    if context.deployment.account_id:
        endpoints["Function Compute"] = target.fc
    silent = []
    for service, endpoint in endpoints.items():
        try:
            httpx.get(endpoint, timeout=_ANSWER_SECONDS)  # an answer of any kind will do
        except httpx.HTTPError as error:
            silent.append(service)
            yield CheckResult(
                said.ENDPOINTS(),
                "fail",
                said.NO_ANSWER(service=service, reason=error),
                said.CHECK_NETWORK(endpoint=endpoint),
                refused=True,
            )
    if not silent:
        yield CheckResult(said.ENDPOINTS(), "ok", said.ANSWERS(services=", ".join(endpoints)))


def _runs(context: DeploymentContext) -> Iterator[CheckResult]:
    """Whether the account's quotas are being used; also tells whether runs may be listed."""
    newest = next(context.workflow.executions(context.deployment.main_flow), [])
    running = [execution.name for execution in newest if not execution.ended]
    if running:
        found = said.OTHERS_RUN(count=len(running), run=running[0])
        yield CheckResult(said.RUNS(), "warn", found, said.THEY_TAKE_LONGER())
    else:
        yield CheckResult(said.RUNS(), "ok", said.NOTHING_RUNS())


def _flows(context: DeploymentContext) -> Iterator[CheckResult]:
    environment = context.deployment.environment
    if environment is None:
        to_do = said.NAME_THE_ENVIRONMENT()
        yield CheckResult(said.FLOWS(), "warn", said.NO_FILE_TO_COMPARE(), to_do)
        return
    drifted = False
    for flow in render_flows(environment):
        try:
            deployed = context.workflow.definition(flow.name)
        except OperatorError as error:
            found = said.CANNOT_READ_FLOWS(reason=error)
            yield CheckResult(said.FLOWS(), "warn", found, error.hint or said.ALLOW_DESCRIBE())
            return
        if deployed.strip() != flow.text.strip():
            drifted = True
            found = said.DRIFTED(flow=flow.name)
            yield CheckResult(said.FLOWS(), "fail", found, said.DEPLOY_AGAIN())
    if not drifted:
        yield CheckResult(said.FLOWS(), "ok", said.AS_RENDERED(count=len(FLOWS)))


def _buckets(context: DeploymentContext) -> Iterator[CheckResult]:
    environment = context.deployment.environment
    if environment is None:
        to_do = said.NAME_THE_ENVIRONMENT()
        yield CheckResult(said.BUCKET(), "warn", said.NO_BUCKETS_KNOWN(), to_do)
        return
    for bucket in environment.buckets:
        prefix = bucket.prefixes[0] if bucket.prefixes else ""
        yield _bucket(context, said.BUCKET(), bucket.name, prefix)


def _reports(context: DeploymentContext) -> Iterator[CheckResult]:
    deployment = context.deployment
    if not deployment.report_bucket:
        to_do = said.NAME_THE_ENVIRONMENT()
        yield CheckResult(said.REPORT_BUCKET(), "warn", said.NO_REPORT_BUCKET(), to_do)
        return
    yield _bucket(context, said.REPORT_BUCKET(), deployment.report_bucket, deployment.report_prefix)


def _bucket(context: DeploymentContext, check: str, name: str, prefix: str) -> CheckResult:
    """Whether a bucket is where it should be, and may be listed."""
    bucket, region = open_bucket(context.target, name), context.target.region
    place = region
    try:
        with storage_errors("oss:GetBucketInfo", name):
            try:
                place = bucket.get_bucket_info().location.removeprefix("oss-")
            except oss2.exceptions.AccessDenied as error:
                place = error.details.get("Endpoint", "")
        if place and place != region:
            found = ELSEWHERE(bucket=name, region=region, place=place)
            return CheckResult(check, "fail", found, DEPLOY_THERE())
        with storage_errors("oss:ListObjects", name):
            bucket.list_objects(prefix, max_keys=1)
    except OperatorError as error:
        return CheckResult(check, "fail", str(error), error.hint, refused=True)
    if not place:
        found = said.CANNOT_TELL_REGION(bucket=name, region=region)
        return CheckResult(check, "warn", found, said.ALLOW_INFO())
    return CheckResult(check, "ok", said.CAN_BE_LISTED(bucket=name))


def _clock(context: DeploymentContext) -> Iterator[CheckResult]:
    """Compares the clocks by an answer of OSS's, of whatever kind."""
    if context.target.control:
        yield CheckResult(said.CLOCK(), "ok", said.OWN_CLOCK())
        return
    try:
        answer = httpx.head(context.target.oss, timeout=_ANSWER_SECONDS)
        there = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (httpx.HTTPError, KeyError, ValueError):
        return  # the endpoints are told of above
    yield clock_finding(time.time() - there)


def clock_finding(seconds: float) -> CheckResult:
    """What to say of a clock that is so far ahead of OSS's."""
    found = said.IN_STEP(seconds=abs(seconds))
    if abs(seconds) < _OFF_SECONDS:
        return CheckResult(said.CLOCK(), "ok", found)
    state: State = "fail" if abs(seconds) >= _FAR_OFF_SECONDS else "warn"
    return CheckResult(said.CLOCK(), state, found, said.SET_THE_CLOCK())


_CHECKS: Final[tuple[tuple[Message, Check], ...]] = (
    (said.CREDENTIALS, _credentials),
    (said.DEPLOYMENT, _deployment),
    (said.VERSION, _version),
    (said.ENDPOINTS, _endpoints),
    (said.RUNS, _runs),
    (said.FLOWS, _flows),
    (said.BUCKET, _buckets),
    (said.REPORT_BUCKET, _reports),
    (said.CLOCK, _clock),
)
# Without these nothing else can be looked at.
_NEEDED: Final = frozenset({_credentials, _deployment})

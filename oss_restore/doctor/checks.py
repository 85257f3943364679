"""What the doctor looks at, in an order in which each helps to understand the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
import oss2

from infra.flows import render_flows
from infra.names import FLOWS
from infra.version import VERSION
from oss_restore.doctor.finding import Finding, State
from oss_restore.doctor.identity import identity_of
from oss_restore.door import Door
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import Message
from oss_restore.messages import doctor as said
from oss_restore.messages.planning import DEPLOY_THERE, ELSEWHERE
from oss_restore.storage import open_bucket, storage_errors

_FAR_OFF_SECONDS: Final = 900  # OSS refuses it (docs RequestTimeTooSkewed)
_OFF_SECONDS: Final = 60
_ANSWER_SECONDS: Final = 5

Check = Callable[[Door], Iterator[Finding]]


def examine(door: Door) -> Iterator[Finding]:
    """Looks at everything; each finding is told as soon as it is there."""
    for name, check in _CHECKS:
        try:
            yield from check(door)
        except OperatorError as error:
            refused = error.status is ExitStatus.REFUSED
            yield Finding(name(), "fail", str(error), error.hint, refused=refused)
            if check in _NEEDED:
                return


def _credentials(door: Door) -> Iterator[Finding]:
    place = door.target.credentials.keys().found_in
    caller = identity_of(door.target)
    wanted = door.deployment.account_id
    if wanted and caller.account_id != wanted:
        yield Finding(
            said.CREDENTIALS(),
            "fail",
            said.OTHER_ACCOUNT(arn=caller.arn, account=caller.account_id, wanted=wanted),
            said.USE_OTHER_KEYS(wanted=wanted),
            refused=True,
        )
    else:
        yield Finding(said.CREDENTIALS(), "ok", said.YOU_ARE(arn=caller.arn, place=place))


def _deployment(door: Door) -> Iterator[Finding]:
    deployment = door.deployment
    if deployment.outputs is not None:
        yield Finding(said.DEPLOYMENT(), "ok", said.BY_OUTPUTS(flow=deployment.main_flow))
        return
    by = said.BY_NAMES if deployment.environment is not None else said.BY_FLOW
    found = by(flow=deployment.main_flow)
    yield Finding(said.DEPLOYMENT(), "warn", found, said.DEPLOY_OR_HAND_OVER())


def _version(door: Door) -> Iterator[Finding]:
    here = VERSION
    outputs = door.deployment.outputs
    deployed = outputs.version if outputs is not None else ""
    if not deployed:
        yield Finding(said.VERSION(), "ok", said.VERSION_UNTOLD(here=here))
    elif deployed == here:
        yield Finding(said.VERSION(), "ok", said.SAME_VERSION(version=here))
    else:
        found = said.OTHER_VERSION(deployed=deployed, here=here)
        to_do = said.SAME_VERSION_TO_DO(deployed=deployed)
        yield Finding(said.VERSION(), "warn", found, to_do)


def _endpoints(door: Door) -> Iterator[Finding]:
    target = door.target
    endpoints = {"Serverless Workflow": target.fnf, "OSS": target.oss}
    if door.deployment.account_id:
        endpoints["Function Compute"] = target.fc
    silent = []
    for service, endpoint in endpoints.items():
        try:
            httpx.get(endpoint, timeout=_ANSWER_SECONDS)  # an answer of any kind will do
        except httpx.HTTPError as error:
            silent.append(service)
            yield Finding(
                said.ENDPOINTS(),
                "fail",
                said.NO_ANSWER(service=service, reason=error),
                said.CHECK_NETWORK(endpoint=endpoint),
                refused=True,
            )
    if not silent:
        yield Finding(said.ENDPOINTS(), "ok", said.ANSWERS(services=", ".join(endpoints)))


def _runs(door: Door) -> Iterator[Finding]:
    """Whether the account's quotas are being used; also tells whether runs may be listed."""
    newest = next(door.workflow.executions(door.deployment.main_flow), [])
    running = [execution.name for execution in newest if not execution.ended]
    if running:
        found = said.OTHERS_RUN(count=len(running), run=running[0])
        yield Finding(said.RUNS(), "warn", found, said.THEY_TAKE_LONGER())
    else:
        yield Finding(said.RUNS(), "ok", said.NOTHING_RUNS())


def _flows(door: Door) -> Iterator[Finding]:
    environment = door.deployment.environment
    if environment is None:
        to_do = said.NAME_THE_ENVIRONMENT()
        yield Finding(said.FLOWS(), "warn", said.NO_FILE_TO_COMPARE(), to_do)
        return
    drifted = False
    for flow in render_flows(environment):
        try:
            deployed = door.workflow.definition(flow.name)
        except OperatorError as error:
            found = said.CANNOT_READ_FLOWS(reason=error)
            yield Finding(said.FLOWS(), "warn", found, error.hint or said.ALLOW_DESCRIBE())
            return
        if deployed.strip() != flow.text.strip():
            drifted = True
            found = said.DRIFTED(flow=flow.name)
            yield Finding(said.FLOWS(), "fail", found, said.DEPLOY_AGAIN())
    if not drifted:
        yield Finding(said.FLOWS(), "ok", said.AS_RENDERED(count=len(FLOWS)))


def _buckets(door: Door) -> Iterator[Finding]:
    environment = door.deployment.environment
    if environment is None:
        to_do = said.NAME_THE_ENVIRONMENT()
        yield Finding(said.BUCKET(), "warn", said.NO_BUCKETS_KNOWN(), to_do)
        return
    for bucket in environment.buckets:
        prefix = bucket.prefixes[0] if bucket.prefixes else ""
        yield _bucket(door, said.BUCKET(), bucket.name, prefix)


def _reports(door: Door) -> Iterator[Finding]:
    deployment = door.deployment
    if not deployment.report_bucket:
        to_do = said.NAME_THE_ENVIRONMENT()
        yield Finding(said.REPORT_BUCKET(), "warn", said.NO_REPORT_BUCKET(), to_do)
        return
    yield _bucket(door, said.REPORT_BUCKET(), deployment.report_bucket, deployment.report_prefix)


def _bucket(door: Door, check: str, name: str, prefix: str) -> Finding:
    """Whether a bucket is where it should be, and may be listed."""
    bucket, region = open_bucket(door.target, name), door.target.region
    place = region
    try:
        with storage_errors("oss:GetBucketInfo", name):
            try:
                place = bucket.get_bucket_info().location.removeprefix("oss-")
            except oss2.exceptions.AccessDenied as error:
                place = error.details.get("Endpoint", "")
        if place and place != region:
            found = ELSEWHERE(bucket=name, region=region, place=place)
            return Finding(check, "fail", found, DEPLOY_THERE())
        with storage_errors("oss:ListObjects", name):
            bucket.list_objects(prefix, max_keys=1)
    except OperatorError as error:
        return Finding(check, "fail", str(error), error.hint, refused=True)
    if not place:
        found = said.CANNOT_TELL_REGION(bucket=name, region=region)
        return Finding(check, "warn", found, said.ALLOW_INFO())
    return Finding(check, "ok", said.CAN_BE_LISTED(bucket=name))


def _clock(door: Door) -> Iterator[Finding]:
    """Compares the clocks by an answer of OSS's, of whatever kind."""
    if door.target.control:
        yield Finding(said.CLOCK(), "ok", said.OWN_CLOCK())
        return
    try:
        answer = httpx.head(door.target.oss, timeout=_ANSWER_SECONDS)
        there = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (httpx.HTTPError, KeyError, ValueError):
        return  # the endpoints are told of above
    yield clock_finding(time.time() - there)


def clock_finding(seconds: float) -> Finding:
    """What to say of a clock that is so far ahead of OSS's."""
    found = said.IN_STEP(seconds=abs(seconds))
    if abs(seconds) < _OFF_SECONDS:
        return Finding(said.CLOCK(), "ok", found)
    state: State = "fail" if abs(seconds) >= _FAR_OFF_SECONDS else "warn"
    return Finding(said.CLOCK(), state, found, said.SET_THE_CLOCK())


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

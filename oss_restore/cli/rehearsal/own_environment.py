"""A rehearsal of the user's own environment, according to its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.environment_files import Environment
from infra.model.environment import BucketConfig, DestinationConfig
from infra.model.notification_targets import NotificationTargetConfig
from oss_restore.cli.rehearsal.notification_receiver import NotificationReceiver
from oss_restore.cli.rehearsal.subject import RehearsalSubject, RehearsedBucket, RehearsedRun
from oss_restore.clients.target import LocalEndpoints
from oss_restore.language import gettext as _
from thaw.limits import MAX_SHARDS
from thaw.notification_targets import secret_variable, url_variable

_LONGEST_KEY = 1023


def own_subject(environment: Environment) -> RehearsalSubject:
    """Describe the rehearsal of an environment with its own account, region and names.

    Args:
        environment: the environment for Alibaba Cloud.
    """
    receiver = NotificationReceiver(
        {
            target.mns.path if target.mns else f"/{target.name}": target.name
            for target in environment.notify
        }
    )
    named = {bucket.name for bucket in environment.buckets}
    others = {place.name for place in (*environment.manifests, *environment.destinations)}
    if not environment.report.create and environment.report.bucket:
        others.add(environment.report.bucket)

    def write_files(workdir: Path, _endpoints: LocalEndpoints) -> Path:
        return write_copy(environment, workdir, receiver.url)

    return RehearsalSubject(
        environment.name,
        tuple(_runs(environment)),
        write_files,
        cloud_arguments=(
            "--account",
            environment.account,
            "--region",
            environment.region,
            "--offline",
        ),
        other_buckets=tuple(sorted(others - named)),
        variables=dict(_variables(environment.notify, receiver.url)),
        runtime=environment.runtime,
        offline=True,
        receiver=receiver,
        not_rehearsed=tuple(_not_rehearsed(environment)),
    )


def write_copy(environment: Environment, workdir: Path, receiver: str) -> Path:
    """Write the environment's file for a local cloud, and return its folder.

    It differs in Terraform's state, and in settings that would call other machines.
    """
    document = environment.model_dump(mode="json", exclude_unset=True)
    document["backend"] = {"local": {"path": str(workdir / "terraform.tfstate")}}
    provider: dict[str, Any] = document.get("provider", {})
    for role in ("assume_role", "assume_role_with_oidc"):
        provider.pop(role, None)
    for target in document.get("notify", ()):
        if target.get("mns"):
            target["mns"]["endpoint"] = receiver
    folder = workdir / "environments"
    folder.mkdir(exist_ok=True)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    (folder / f"{environment.name}.yaml").write_text(text, encoding="utf-8")
    return folder


def _not_rehearsed(environment: Environment) -> Iterator[str]:
    """Describe the parts of an environment that a local cloud does not support."""
    if (state := environment.backend.oss) is not None:
        yield _("Terraform's state in {bucket}").format(bucket=f"oss://{state.bucket}")
    if (last := environment.provider.last_role) is not None:
        yield _("the role that Terraform assumes, {role}").format(role=last[1].role_arn)


def _runs(environment: Environment) -> Iterator[RehearsedRun]:
    for written in environment.buckets:
        config = written.model_copy(update={"prefixes": _places(written.prefixes)})
        here = config.region in {None, environment.region}
        others = (place for place in environment.destinations if place.name != config.name)
        destinations = tuple(others) if here else ()
        bucket = _bucket(config, destinations, region="" if here else config.region or "")
        suffix = "-internal" if here else ""
        given: dict[str, Any] = {
            "endpoint": f"https://oss-{config.region or environment.region}{suffix}.aliyuncs.com",
            "waitFor": "run",
        }
        if config.prefixes:
            given["prefixes"] = list(config.prefixes)
        yield RehearsedRun(bucket, given)
        for destination in destinations:
            prefix = _copy_prefix(config, destination)
            copy = {"bucketName": destination.name, "prefix": prefix}
            then = {**given, "then": {"copy": copy}}
            yield RehearsedRun(bucket, then, "copy", (destination.name, prefix))
        if config.promote:
            yield RehearsedRun(bucket, {**given, "then": {"promote": {}}}, "promote")


def _bucket(
    config: BucketConfig, destinations: tuple[DestinationConfig, ...], *, region: str
) -> RehearsedBucket:
    prefixes = [_copy_prefix(config, destination) for destination in destinations]
    longest = max((len(prefix.encode()) for prefix in prefixes), default=0)
    return RehearsedBucket(
        config.name,
        prefixes=config.prefixes,
        region=region,
        versions=config.versions,
        longest_key=_LONGEST_KEY - longest,
    )


def _places(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    """Return as many prefixes as a run may list, none of them below another."""
    places: list[str] = []
    for prefix in sorted(prefixes):
        if not (places and prefix.startswith(places[-1])):
            places.append(prefix)
    return tuple(places[:MAX_SHARDS])


def _copy_prefix(source: BucketConfig, destination: DestinationConfig) -> str:
    """Return the prefix of copies: in the first allowed place, separate for each source bucket."""
    return f"{destination.prefixes[0] if destination.prefixes else ''}{source.name}/"


def _variables(
    targets: tuple[NotificationTargetConfig, ...], receiver: str
) -> Iterator[tuple[str, str]]:
    """Yield Terraform's variables with the secrets of notifications."""
    values: Mapping[str, str]
    for target in targets:
        values = {
            url_variable(target.name): f"{receiver}/{target.name}",
            secret_variable(target.name): "rehearsed",
        }
        for name in target.variables:
            yield f"TF_VAR_{name.lower()}", values[name]

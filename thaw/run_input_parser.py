"""Validate a run's input before anything is sent.

Numbers are JSON numbers: 100 and 100.0, never "100". Null counts as absent. No value is silently
reduced: a tier or a number of days that one of the classes does not support is refused, since a
reduced one would lead to an unexpected bill or expiry.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from thaw.after_thaw import CopyTo, parse_after_thaw
from thaw.chosen_settings import Allowance, settle
from thaw.errors import InvalidInput
from thaw.json_reader import Reader, parse_moment
from thaw.limits import (
    MAX_GROUP_SIZE,
    MAX_KEYS,
    MAX_SHARDS,
    MAX_WAIT_SECONDS,
    RUN_BYTES,
    json_bytes,
)
from thaw.run_input import (
    AUTO_SHARDS,
    CHOSEN,
    MANIFEST_FORMATS,
    ONE_SHARD,
    VERSIONS,
    WAIT_FOR,
    ManifestFormat,
    ManifestInput,
    Run,
    RunInput,
)
from thaw.storage_classes import ARCHIVE, ARCHIVE_CLASSES, MAX_DAYS, TIERS, has_slower_tier

MAX_BYTES = 2**63 - 1
PACED_PAGE_SECONDS = 300  # the longest time over which the requests of a page may be spread

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_IP_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
# Public, internal, accelerated, dual-stack and accelerator endpoints (docs: regions and endpoints).
_OSS_HOST = re.compile(
    r"(oss-[a-z0-9-]+|[a-z0-9-]+\.oss|[a-z0-9-]+-internal\.oss-data-acc)\.aliyuncs\.com"
)
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ALL_TIERS = tuple(dict.fromkeys(tier for tiers in TIERS.values() for tier in tiers))


def parse_run_input(
    data: object, *, foreach_limit: int, allowance: Allowance | None = None
) -> RunInput:
    """Parse the input of a run, and complete it with defaults and chosen settings.

    The number of listers is chosen later if it depends on the bucket.

    Args:
        data: the execution's input, parsed from JSON.
        foreach_limit: groups that the environment's flow runs in parallel.
        allowance: the run's share of the quotas; by default, that of a new account.

    Raises:
        InvalidInput: naming every invalid field.
    """
    allowance = allowance or Allowance(groups=foreach_limit)
    return _parse(data, foreach_limit, lambda run: settle(run, allowance))


def start_run(run_input: RunInput, run_id: str) -> Run:
    """Make a run of its input and its id.

    Raises:
        InvalidInput: the id cannot be a part of the ledger's keys.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise InvalidInput(
            f"the execution's name {run_id!r} must be 1 to 128 letters, digits, _ or -"
        )
    return Run(**vars(run_input), run_id=run_id)


def parse_run(data: object, *, foreach_limit: int) -> Run:
    """Parse a run as a flow carries it.

    Raises:
        InvalidInput: the data is not a run that prepareRun returned.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("runId"), str):
        raise InvalidInput("run must be the object that prepareRun returned, with its runId")
    run_input = {name: value for name, value in data.items() if name != "runId"}
    return start_run(_parse(run_input, foreach_limit, lambda run: run), data["runId"])


def parse_recorded_run(document: bytes, *, foreach_limit: int) -> Run:
    """Parse ``input.json`` of a run's ledger, without the names of chosen settings.

    Raises:
        InvalidInput: the document is not an input that prepareRun recorded.
    """
    data = json.loads(document)
    return parse_run(
        {name: value for name, value in data.items() if name != "chosen"},
        foreach_limit=foreach_limit,
    )


def _parse(data: object, foreach_limit: int, settled: Callable[[RunInput], RunInput]) -> RunInput:
    reader = Reader(data, "the run's input")
    run = settled(_read(reader))
    _check(run, reader, foreach_limit)
    reader.finish()
    _check_size(run)
    return run


def _read(reader: Reader) -> RunInput:
    return RunInput(
        endpoint=_endpoint(reader),
        bucket_name=reader.bucket_name("bucketName"),
        prefix=reader.text("prefix", RunInput.prefix),
        prefixes=reader.texts("prefixes", RunInput.prefixes),
        shards=_shards(reader),
        marker=reader.text("marker", RunInput.marker),
        manifest=reader.nested("manifest", _manifest),
        versions=reader.choice("versions", RunInput.versions, VERSIONS),
        max_keys=reader.integer("maxKeys", RunInput.max_keys, 1, MAX_KEYS),
        group_size=reader.integer("groupSize", RunInput.group_size, 1, MAX_GROUP_SIZE),
        workers=reader.integer("workers", RunInput.workers, 1, 100),
        poll_interval=reader.integer("pollInterval", RunInput.poll_interval, 1, MAX_WAIT_SECONDS),
        wait_for=reader.choice("waitFor", RunInput.wait_for, WAIT_FOR),
        storage_classes=reader.choices("storageClasses", RunInput.storage_classes, ARCHIVE_CLASSES),
        days=reader.integer("days", RunInput.days, 1, max(MAX_DAYS.values())),
        tier=reader.choice("tier", RunInput.tier, _ALL_TIERS),
        until=reader.text("until", RunInput.until),
        include=reader.texts("include", RunInput.include),
        exclude=reader.texts("exclude", RunInput.exclude),
        min_size=reader.integer("minSize", RunInput.min_size, 0, MAX_BYTES),
        max_size=reader.integer("maxSize", RunInput.max_size, 0, MAX_BYTES),
        modified_before=reader.moment("modifiedBefore"),
        modified_after=reader.moment("modifiedAfter"),
        extend_readable=reader.flag("extendReadable", default=RunInput.extend_readable),
        upgrade_tier=reader.flag("upgradeTier", default=RunInput.upgrade_tier),
        objects_per_second=reader.positive("objectsPerSecond", RunInput.objects_per_second),
        dry_run=reader.flag("dryRun", default=RunInput.dry_run),
        then=reader.nested("then", parse_after_thaw),
        chosen=frozenset(name for name in CHOSEN if reader.value(name) in (None, AUTO_SHARDS)),
    )


def _shards(reader: Reader) -> str:
    """Read ``auto`` or a number, which flows and command lines may give as text."""
    value = reader.value("shards")
    if value is None:
        return RunInput.shards
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    number = int(text) if text.isdecimal() and text.isascii() else 0
    if text != AUTO_SHARDS and not 1 <= number <= MAX_SHARDS:
        reader.fault("shards", f"must be auto or a number from 1 to {MAX_SHARDS}, not {text[:60]}")
        return RunInput.shards
    return text


def _endpoint(reader: Reader) -> str:
    text = reader.required("endpoint")
    if not reader.is_valid("endpoint"):
        return text
    host = _host(text)
    if host is None:
        reader.fault("endpoint", f"must be a host such as oss-cn-hangzhou.aliyuncs.com: {text!r}")
    elif not (_is_address(host) or _OSS_HOST.fullmatch(host)):
        reader.fault("endpoint", _why_not(text, host))
    return text


def _host(text: str) -> str | None:
    """Return the host of an endpoint; None if the text is not an endpoint."""
    try:
        url = urlsplit(text if "://" in text else "https://" + text)
        port_is_sound = url.port != 0
    except ValueError:
        return None
    host = url.hostname or ""
    is_endpoint = (
        port_is_sound
        and url.scheme in ("http", "https")
        and _HOST.fullmatch(host) is not None
        and url.username is None
        and not (url.path.strip("/") or url.query or url.fragment)
    )
    return host if is_endpoint else None


def _is_address(host: str) -> bool:
    """Return whether oss2 puts the bucket's name into the path, as the local cloud needs it."""
    return host == "localhost" or _IP_ADDRESS.fullmatch(host) is not None


def _why_not(text: str, host: str) -> str:
    """Explain why calls to a host would fail, and which endpoint to use instead."""
    match = _OSS_HOST.search(host)
    if match and host.endswith(match[0]):
        kind = "is that of the S3 protocol" if host.startswith("s3.") else "holds a bucket's name"
        return f"{kind}: use {match[0]} in place of {text!r}"
    return (
        f"must be an endpoint of OSS, such as oss-cn-hangzhou.aliyuncs.com: {text!r} is none; for a"
        " bucket with a domain of its own, use the endpoint of its region"
    )


def _manifest(value: object) -> ManifestInput:
    reader = Reader(value, "it")
    bucket, key = reader.bucket_name("bucket", optional=True), reader.required("key")
    by_key: ManifestFormat = "inventory" if key.endswith(".json") else "csv"
    format_ = reader.choice("format", by_key, MANIFEST_FORMATS)
    reader.finish()
    return ManifestInput(bucket=bucket, key=key, format=format_)


def _check(run: RunInput, reader: Reader, foreach_limit: int) -> None:
    """Record conflicts between fields."""
    groups = math.ceil(run.max_keys / run.group_size)
    if reader.is_valid("maxKeys", "groupSize") and groups > foreach_limit:
        reader.fault(
            "maxKeys",
            f"of {run.max_keys} in groups of {run.group_size} makes {groups} groups a page, more"
            f" than the {foreach_limit} that this environment runs at once: lower maxKeys or raise"
            " groupSize",
        )
    if reader.is_valid("days", "tier", "storageClasses"):
        _check_classes(run, reader)
    if run.upgrade_tier and reader.is_valid("tier", "storageClasses", "upgradeTier"):
        _check_upgrade(run, reader)
    if run.prefixes and reader.is_valid("prefixes"):
        _check_prefixes(run, reader, foreach_limit)
    for name in ("marker", "until"):
        if getattr(run, name).startswith("/"):
            reader.fault(name, "starts with a slash, as no key does")
    if run.until and run.marker >= run.until and reader.is_valid("until", "marker"):
        reader.fault("until", "must come after marker, or there is nothing to list")
    _check_manifest(run, reader)
    _check_then(run, reader)
    _check_filters(run, reader)
    if run.objects_per_second is not None and reader.is_valid("objectsPerSecond", "maxKeys"):
        seconds = run.max_keys / run.objects_per_second
        if seconds > PACED_PAGE_SECONDS:
            reader.fault(
                "objectsPerSecond",
                f"of {run.objects_per_second:g} stretches a page of {run.max_keys} over"
                f" {seconds:.0f} s, longer than {PACED_PAGE_SECONDS} s: lower maxKeys",
            )


def _check_manifest(run: RunInput, reader: Reader) -> None:
    if run.manifest is None:
        return
    for name in ("marker", "until", "prefixes"):
        if getattr(run, name) != getattr(RunInput, name):
            reader.fault(name, "applies to a listing, not to a manifest")
    if run.shards != ONE_SHARD:
        reader.fault("shards", "applies to a listing, not to a manifest")


def _check_then(run: RunInput, reader: Reader) -> None:
    if run.then is None:
        return
    if run.wait_for == "none":
        reader.fault("then", "is about what is readable: waitFor none does not wait for that")
    if run.versions == "all" and not run.copies_versions:
        reader.fault(
            "then",
            "promotes current versions only, since an older one that is promoted becomes the"
            " current one: leave versions out",
        )
    if run.copies_versions and run.manifest is not None:
        reader.fault(
            "then",
            "copies the versions of an object in order, which a manifest does not keep: name a"
            " prefix instead; a run over what was copied before copies only what is missing",
        )
    if isinstance(run.then, CopyTo) and run.then.bucket_name == run.bucket_name:
        reader.fault("then", "copies to the bucket itself: name another, or promote")
    if len(run.prefixes) > MAX_SHARDS:
        reader.fault("then", f"goes with {MAX_SHARDS} prefixes at most")


def _check_filters(run: RunInput, reader: Reader) -> None:
    if run.min_size is not None and run.max_size is not None and run.min_size > run.max_size:
        reader.fault("minSize", f"of {run.min_size} is more than maxSize, {run.max_size}")
    if (
        run.modified_after is not None
        and run.modified_before is not None
        and parse_moment(run.modified_after) >= parse_moment(run.modified_before)
    ):
        reader.fault("modifiedAfter", "must be earlier than modifiedBefore")


def _check_prefixes(run: RunInput, reader: Reader, foreach_limit: int) -> None:
    if run.prefix:
        reader.fault("prefix", "cannot be combined with prefixes: give one of them")
    if run.shards != ONE_SHARD:
        reader.fault(
            "shards",
            "cannot be combined with prefixes, each of which has its own lister: give one of them",
        )
    if len(run.prefixes) > foreach_limit:
        reader.fault("prefixes", f"are {len(run.prefixes)}, more than {foreach_limit}")
    ordered = sorted(run.prefixes)
    for outer, inner in itertools.pairwise(ordered):
        if inner.startswith(outer):
            reader.fault("prefixes", f"overlap: {inner!r} is inside {outer!r}")


def _check_classes(run: RunInput, reader: Reader) -> None:
    for storage_class in run.storage_classes:
        if run.days is not None and run.days > MAX_DAYS[storage_class]:
            reader.fault(
                "days",
                f"of {run.days} is more than the {MAX_DAYS[storage_class]} that {storage_class}"
                " objects can stay readable: lower it, or leave the class out of storageClasses",
            )
        if run.tier and storage_class != ARCHIVE and run.tier not in TIERS[storage_class]:
            reader.fault(
                "tier",
                f"{run.tier} is not a tier of {storage_class} ({', '.join(TIERS[storage_class])}):"
                " choose another, or leave the class out of storageClasses",
            )
    if run.tier and run.storage_classes == (ARCHIVE,):
        reader.fault("tier", "does not apply to Archive objects, which have no tiers: leave it out")


def _check_upgrade(run: RunInput, reader: Reader) -> None:
    if run.tier is None:
        reader.fault("upgradeTier", "needs a tier to raise thaws to: name one")
    elif not any(has_slower_tier(name, run.tier) for name in run.storage_classes):
        reader.fault(
            "upgradeTier",
            f"has no effect: no class in storageClasses has a tier slower than {run.tier}",
        )


def _check_size(run: RunInput) -> None:
    data = run.to_json()
    size = json_bytes(data)
    if size > RUN_BYTES:
        longest = sorted(data, key=lambda name: json_bytes(data[name]), reverse=True)[:2]
        raise InvalidInput(
            f"the run's input is wrong: it takes {size} bytes in the flow's steps, more than the"
            f" {RUN_BYTES} they have room for: shorten {longest[0]} or {longest[1]}"
        )

"""A run's input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, Final, Literal

from thaw.after_thaw import AfterThaw, CopyTo, Promotion
from thaw.json_reader import camel_case
from thaw.storage_classes import ARCHIVE, ARCHIVE_CLASSES, DEFAULT_TIER

WaitFor = Literal["page", "run", "none"]
WAIT_FOR: Final[tuple[WaitFor, ...]] = ("page", "run", "none")

Versions = Literal["current", "all"]
VERSIONS: Final[tuple[Versions, ...]] = ("current", "all")

ManifestFormat = Literal["csv", "inventory"]
MANIFEST_FORMATS: Final[tuple[ManifestFormat, ...]] = ("csv", "inventory")


AUTO_SHARDS: Final = "auto"
ONE_SHARD: Final = "1"


def _means(meaning: str) -> Mapping[str, object]:
    return {"meaning": meaning}


def _chosen(meaning: str) -> Mapping[str, object]:
    """Return metadata of a setting that is chosen if not given, see :mod:`thaw.chosen_settings`."""
    return {"meaning": meaning, "chosen": True}


@dataclass(frozen=True, kw_only=True)
class ManifestInput:
    """The location of a run's manifest.

    Attributes:
        bucket: the bucket with the manifest; empty for the report bucket.
        key: the key of the CSV, or of the ``manifest.json`` of an OSS inventory.
        format: which of the two it is.
    """

    bucket: str
    key: str
    format: ManifestFormat

    @property
    def is_inventory(self) -> bool:
        """Whether the manifest lists further files."""
        return self.format == "inventory"


@dataclass(frozen=True, kw_only=True)
class RunInput:
    """The input of a run. In JSON, names are in camelCase and tuples are lists.

    Defaults and meanings are defined here only; documentation and command line read them from
    :func:`dataclasses.fields` (``default`` and ``metadata["meaning"]``).
    """

    endpoint: str = field(metadata=_means("OSS endpoint, such as oss-cn-hangzhou.aliyuncs.com"))
    bucket_name: str = field(metadata=_means("the bucket whose objects are thawed"))
    prefix: str = field(default="", metadata=_means("only keys that start with it"))
    prefixes: tuple[str, ...] = field(
        default=(),
        metadata=_means("several prefixes in place of one, each with its own lister"),
    )
    shards: str = field(
        default=AUTO_SHARDS,
        metadata=_chosen("listers that divide the keys among them, up to 32"),
    )
    marker: str = field(default="", metadata=_means("listing starts after this key"))
    manifest: ManifestInput | None = field(
        default=None,
        metadata=_means(
            "a list of the objects to thaw, in place of listing the bucket: {bucket, key, format};"
            " bucket defaults to the report bucket, format (csv or inventory) follows from the key"
        ),
    )
    versions: Versions = field(
        default="current",
        metadata=_means("current: current versions only; all: older versions, too"),
    )
    max_keys: int = field(default=20_000, metadata=_chosen("archived objects per page, 1 to 20000"))
    group_size: int = field(default=1000, metadata=_chosen("objects per restore task, 1 to 1000"))
    workers: int = field(default=16, metadata=_chosen("threads inside one restore task, 1 to 100"))
    poll_interval: int = field(default=10, metadata=_means("seconds between status checks"))
    wait_for: WaitFor = field(
        default="run",
        metadata=_means(
            "page: wait for each page before the next; run: submit everything, then wait once;"
            " none: end after submitting"
        ),
    )
    storage_classes: tuple[str, ...] = field(
        default=ARCHIVE_CLASSES, metadata=_means("which classes to thaw")
    )
    days: int | None = field(
        default=None,
        metadata=_means(
            "days for which the objects stay readable; by default 1, and more for classes that thaw"
            " sooner than the run's slowest, so that all are readable at its end"
        ),
    )
    tier: str | None = field(
        default=None,
        metadata=_means("Expedited, Standard or Bulk; by default the class's own default"),
    )
    until: str = field(default="", metadata=_means("listing ends after this key"))
    include: tuple[str, ...] = field(
        default=(), metadata=_means("globs: only keys that match one of them")
    )
    exclude: tuple[str, ...] = field(
        default=(), metadata=_means("globs: no keys that match any of them")
    )
    min_size: int | None = field(default=None, metadata=_means("the smallest size, in bytes"))
    max_size: int | None = field(default=None, metadata=_means("the largest size, in bytes"))
    modified_before: str | None = field(
        default=None, metadata=_means("only objects modified before this moment (ISO 8601)")
    )
    modified_after: str | None = field(
        default=None, metadata=_means("only objects modified at this moment or later (ISO 8601)")
    )
    extend_readable: bool = field(
        default=False, metadata=_means("also request objects that are already readable; this costs")
    )
    upgrade_tier: bool = field(
        default=False,
        metadata=_means(
            "also request objects that are thawing at a slower tier than the run's; this costs"
        ),
    )
    objects_per_second: float | None = field(
        default=None, metadata=_chosen("maximum number of RestoreObject requests per second")
    )
    dry_run: bool = field(default=False, metadata=_means("list and classify, send nothing"))
    then: AfterThaw | None = field(
        default=None,
        metadata=_means(
            "what to do with each object once it is readable: {promote: {storageClass}} or"
            " {copy: {bucketName, prefix, storageClass}}"
        ),
    )
    # JSON names of settings that were not given; not a part of the input.
    chosen: frozenset[str] = field(default=frozenset(), compare=False)

    def tier_of(self, storage_class: str) -> str:
        """Return the tier at which a class is thawed; empty for Archive, which has none."""
        return "" if storage_class == ARCHIVE else self.tier or DEFAULT_TIER

    @property
    def copies_versions(self) -> bool:
        """Whether the run also copies older versions, those of each key in their order."""
        return self.versions == "all" and isinstance(self.then, CopyTo)

    def to_json(self) -> dict[str, object]:
        """Return every field of the input, under its JSON name."""
        values = ((f.name, getattr(self, f.name)) for f in fields(self) if f.name != "chosen")
        return {camel_case(name): _json_value(value) for name, value in values}

    def settings(self) -> dict[str, object]:
        """Return the settings of the run; ``chosen`` names those that were not given."""
        values = self.to_json()
        return {**{name: values[name] for name in CHOSEN}, "chosen": sorted(self.chosen)}


def input_fields() -> list[Field[Any]]:
    """Return the fields that an operator can give."""
    return [field_ for field_ in fields(RunInput) if "meaning" in field_.metadata]


CHOSEN: Final = tuple(camel_case(f.name) for f in input_fields() if f.metadata.get("chosen"))


def _json_value(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, (Promotion, CopyTo)):
        return value.to_json()
    return asdict(value) if isinstance(value, ManifestInput) else value


@dataclass(frozen=True, kw_only=True)
class Run(RunInput):
    """A run that has started: its complete input and its id, which names the root execution."""

    run_id: str

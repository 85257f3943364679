"""A store is filled in bulk."""

from __future__ import annotations

import tracemalloc

import pytest

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.oss import GeneratedObject
from localcloud.oss.store import ObjectStore
from localcloud.settings import Limits, Settings


@pytest.fixture
def store() -> ObjectStore:
    """A store with one bucket, whose quota for cold objects is small."""
    store = ObjectStore(Core(Settings(limits=Limits(cold_archive_restores_per_second=1))))
    store.create_bucket("frozen-assets", "1", "IA")
    return store


def keys(store: ObjectStore) -> list[str]:
    return [*store.get_bucket("frozen-assets").objects.keys_from("", inclusive=True)]


def test_a_bucket_is_seeded_with_tuples_or_seeds_on_top_of_what_it_holds(
    store: ObjectStore,
) -> None:
    assert store.seed("frozen-assets", [("b", 5, "Archive"), ("a", 0, "Standard")]) == 2
    assert (
        store.seed(
            "frozen-assets", iter([GeneratedObject("b", 7), GeneratedObject("c", target="b")])
        )
        == 2
    )
    assert keys(store) == ["a", "b", "c"]
    assert store.get_object("frozen-assets", "b").size == 7
    assert store.get_object("frozen-assets", "c").target == "b"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(("/c", 1, "Archive"), "InvalidObjectName"), (("c", 1, "Ice"), "InvalidArgument")],
)
def test_a_wrong_seed_leaves_the_bucket_as_it_was(
    store: ObjectStore, wrong: tuple[str, int, str], code: str
) -> None:
    for before in ([], ["a"]):
        store.seed("frozen-assets", [(key, 1, "Archive") for key in before])
        with pytest.raises(CloudError, match=code):
            store.seed("frozen-assets", [("b", 1, "Archive"), wrong])
        assert keys(store) == before


def test_a_million_objects_would_fit(store: ObjectStore) -> None:
    count = 20_000
    names = [f"archive/2024/{i:07}.tar.gz" for i in range(count)]
    tracemalloc.start()
    store.seed("frozen-assets", ((name, 1_000_000, "ColdArchive") for name in names))
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown / count < 300  # bytes in addition to the key

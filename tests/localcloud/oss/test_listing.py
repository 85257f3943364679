"""Listings: byte order, prefixes, delimiters and pages, against a plain model."""

from __future__ import annotations

from dataclasses import dataclass

import oss2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.oss import GeneratedObject
from localcloud.oss.listing import list_page
from localcloud.oss.model import ObjectIndex, StorageClass, StoredObject
from tests.localcloud.oss.running import RunningOss

# Neighbours at the boundaries of UTF-8's lengths, and the greatest character.
ALPHABET = "aAb/ \x01\x7f\x80é\uffff\U00010000\U0010ffff"
keys = st.text(ALPHABET, min_size=1, max_size=5)
prefixes = st.text(ALPHABET, max_size=2)
delimiters = st.sampled_from(["", "/", "a", "b/", "\U0010ffff"])


def model(objects: set[str], prefix: str, delimiter: str) -> list[str]:
    """Return a whole listing's keys and groups, each once, in the order of their bytes."""
    entries = set()
    for key in objects:
        if key.startswith(prefix):
            head, separator, _ = key[len(prefix) :].partition(delimiter or "\0")
            entries.add(prefix + head + separator)
    return sorted(entries, key=str.encode)


def index(objects: set[str]) -> ObjectIndex:
    filled = ObjectIndex()
    filled.update((key, StoredObject(0, StorageClass.STANDARD, 0)) for key in objects)
    return filled


@dataclass
class Listing:
    entries: list[str]
    pages: list[int]


def list_all(objects: ObjectIndex, prefix: str, delimiter: str, max_keys: int) -> Listing:
    listing, after = Listing([], []), ""
    while True:
        page = list_page(
            objects, prefix=prefix, delimiter=delimiter, after=after, max_keys=max_keys
        )
        entries = sorted([*page.prefixes, *(key for key, _ in page.objects)], key=str.encode)
        assert not entries or page.last == entries[-1]
        listing.entries += entries
        listing.pages.append(len(entries))
        after = page.last
        if not page.truncated:
            return listing


@given(st.sets(keys, max_size=30), prefixes, delimiters, st.integers(1, 7))
def test_pages_list_every_entry_once_and_in_order(
    objects: set[str], prefix: str, delimiter: str, max_keys: int
) -> None:
    listing = list_all(index(objects), prefix, delimiter, max_keys)
    assert listing.entries == model(objects, prefix, delimiter)
    assert all(count == max_keys for count in listing.pages[:-1])
    assert listing.pages[-1] <= max_keys


@given(st.sets(keys, max_size=30), prefixes, keys)
def test_a_listing_starts_after_its_marker(objects: set[str], prefix: str, after: str) -> None:
    page = list_page(index(objects), prefix=prefix, after=after, max_keys=1000)
    assert [key for key, _ in page.objects] == [
        key for key in model(objects, prefix, "") if key.encode() > after.encode()
    ]


def test_a_page_that_ends_with_the_last_entry_is_the_last() -> None:
    page = list_page(index({"a", "b"}), max_keys=2)
    assert (len(page), page.truncated) == (2, False)


def seed(oss: RunningOss, *objects: str) -> None:
    oss.do(lambda: oss.storage.seed("frozen-assets", [GeneratedObject(key, 5) for key in objects]))


def test_both_versions_of_the_listing_give_the_sdk_the_same_objects(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    objects = {"a", "dir/", "dir/x", "dir/y/z", "é/1", "中/文", "z"}
    seed(oss, *objects)
    for delimiter in ("", "/"):
        for prefix in ("", "dir/"):
            expected = model(objects, prefix, delimiter)
            for iterator in (oss2.ObjectIterator, oss2.ObjectIteratorV2):
                found = iterator(bucket, prefix=prefix, delimiter=delimiter, max_keys=2)
                assert [entry.key for entry in found] == expected


def test_a_page_has_at_most_the_requested_number_of_keys(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    seed(oss, *(f"{i:04}" for i in range(1001)))
    assert len(bucket.list_objects().object_list) == 100
    page = bucket.list_objects_v2(max_keys=1000)
    assert len(page.object_list) == 1000
    rest = bucket.list_objects_v2(max_keys=1000, continuation_token=page.next_continuation_token)
    assert [entry.key for entry in rest.object_list] == ["1000"]


@pytest.mark.parametrize("max_keys", [0, 1001, -1])
def test_a_page_size_out_of_range_is_refused(bucket: oss2.Bucket, max_keys: int) -> None:
    for call in (bucket.list_objects, bucket.list_objects_v2):
        with pytest.raises(oss2.exceptions.InvalidArgument):
            call(max_keys=max_keys)


def test_tokens_are_safe_in_urls_and_wrong_ones_are_refused(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    seed(oss, "a?b+c%20/é\U0010ffff", "b")
    token = bucket.list_objects_v2(max_keys=1).next_continuation_token
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    for wrong in ("err-token", "%%%", "_____w"):
        with pytest.raises(oss2.exceptions.InvalidArgument):
            bucket.list_objects_v2(continuation_token=wrong)


def test_owners_are_listed_on_request(oss: RunningOss, bucket: oss2.Bucket) -> None:
    seed(oss, "key")
    [plain] = bucket.list_objects_v2().object_list
    [owned] = bucket.list_objects_v2(fetch_owner=True).object_list
    [old] = bucket.list_objects().object_list
    assert plain.owner is None
    assert owned.owner.id == old.owner.id == oss.core.settings.account_id


def test_lists_start_after_a_key(oss: RunningOss, bucket: oss2.Bucket) -> None:
    seed(oss, "a", "b", "c")
    after_a = [entry.key for entry in bucket.list_objects_v2(start_after="a").object_list]
    assert after_a == [entry.key for entry in bucket.list_objects(marker="a").object_list]
    assert after_a == ["b", "c"]


def test_entries_have_class_size_type_and_etag(oss: RunningOss, bucket: oss2.Bucket) -> None:
    bucket.put_object("data", b"data", headers={"x-oss-storage-class": "IA"})
    bucket.put_symlink("data", "link")
    data, link = bucket.list_objects().object_list
    assert (data.storage_class, data.size, data.type) == ("IA", 4, "Normal")
    assert data.etag == "8D777F385D3DFEC8815D20F7496026DC"
    assert data.last_modified == bucket.head_object("data").last_modified
    assert link.type == "Symlink"


def test_another_encoding_is_refused(bucket: oss2.Bucket) -> None:
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.list_objects_v2(encoding_type="base64")

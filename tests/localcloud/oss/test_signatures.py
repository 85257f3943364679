"""Signatures of the official SDK are accepted, and anything else is refused."""

from __future__ import annotations

import oss2
import pytest

from tests.localcloud.oss.running import RunningOss

VERSIONS = ("v1", "v2", "v4")
AWKWARD_KEYS = (
    "plain.txt",
    "with blanks and a trailing one ",
    "unicode/中文-ß-🧊",
    "%41 + & = ? # % %2F",
    "?leading",
    "control\x01\x07characters",
    "new\nline",
    "quotes'\"`",
    "back\\slash",
    "a//b",
    "a/../b",
    "./x",
    "folder/",
    "ünï" * 204 + "1234567"[:3],
)


@pytest.mark.parametrize("version", VERSIONS)
def test_awkward_keys_survive_the_round_trip(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    client = oss.bucket(bucket.bucket_name, version=version)
    for key in AWKWARD_KEYS:
        client.put_object(key, key.encode())
        assert client.get_object(key).read() == key.encode()
        assert client.head_object(key).content_length == len(key.encode())
    assert [entry.key for entry in oss2.ObjectIterator(client)] == sorted(AWKWARD_KEYS)
    assert [entry.key for entry in oss2.ObjectIteratorV2(client, max_keys=3)] == sorted(
        AWKWARD_KEYS
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_awkward_keys_are_deleted_in_bulk(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    client = oss.bucket(bucket.bucket_name, version=version)
    keys = [key for key in AWKWARD_KEYS if "\x01" not in key]  # which XML cannot hold
    for key in keys:
        client.put_object(key, b"")
    assert client.batch_delete_objects(keys).deleted_keys == keys
    assert list(oss2.ObjectIterator(client)) == []

"""Manifests of every format, split into chunks in the ledger."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.scene import BUCKET, REPORTS, Scene, make_run
from thaw.errors import InvalidInput, StorageUnavailable
from thaw.manifest.chunks import Chunks
from thaw.manifest.files import ManifestFiles, find_files, read_lines
from thaw.manifest.rows import Row
from thaw.retry import RetryPolicy
from thaw.run_input import ManifestInput

CSV = ManifestInput(bucket="", key="m.csv", format="csv")
INVENTORY = ManifestInput(bucket="", key="inv/manifest.json", format="inventory")


def put(scene: Scene, key: str, body: bytes) -> None:
    scene.store(REPORTS).put(key, body)


def rows(*keys: str) -> bytes:
    return "".join(f"{BUCKET},{key}\n" for key in keys).encode()


def inventory(*files: str, **changes: object) -> bytes:
    manifest = {
        "creationTimestamp": "1642994594",
        "destinationBucket": REPORTS,
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size, StorageClass",
        "files": [{"MD5checksum": "F7", "key": key, "size": 2046} for key in files],
        "sourceBucket": BUCKET,
        "version": "2019-09-01",
        **changes,
    }
    return json.dumps(manifest).encode()


def start(scene: Scene, manifest: ManifestInput) -> Chunks:
    chunks = Chunks(scene.ledger(), make_run())
    chunks.start(find_files(scene.store(REPORTS), manifest))
    return chunks


def all_rows(scene: Scene, chunks: Chunks) -> list[str]:
    """Return the keys of all files and chunks, splitting files that are not split yet."""

    def read() -> Iterator[Row]:
        files = chunks.files()
        for file in range(len(files.keys)):
            index = chunks.index(file) or chunks.split(file, scene.store(REPORTS), files)
            for chunk, count in enumerate(index.rows):
                found = chunks.rows(file, chunk)
                assert len(found) == count
                yield from found

    return [row.key for row in read()]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_csv_is_read_plain_or_compressed(scene: Scene, pack: object) -> None:
    assert callable(pack)
    put(scene, "m.csv", pack(rows("a%2F1", "b", "a%0Ab")))
    assert all_rows(scene, start(scene, CSV)) == ["a/1", "b", "a\nb"]


def test_an_inventory_is_read_file_by_file(scene: Scene) -> None:
    put(scene, "inv/manifest.json", inventory("inv/data/1.csv.gz", "inv/data/2.csv.gz"))
    for number, key in enumerate("ab", 1):
        packed = gzip.compress(f'"{BUCKET}","{key}","10","Archive"\n'.encode())
        put(scene, f"inv/data/{number}.csv.gz", packed)
    chunks = start(scene, INVENTORY)
    assert all_rows(scene, chunks) == ["a", "b"]
    assert chunks.index(1) == Chunks(scene.ledger(), make_run()).index(1)


def test_a_long_file_is_cut_into_chunks_of_limited_length(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thaw.manifest.chunks.CHUNK_ROWS", 100)
    keys = [f"{n:06d}" for n in range(1050)]
    put(scene, "m.csv", gzip.compress(rows(*keys)))
    chunks = start(scene, CSV)
    assert all_rows(scene, chunks) == keys
    index = chunks.index(0)
    assert index is not None
    assert index.rows == [100] * 10 + [50]


def test_long_keys_make_shorter_chunks(scene: Scene) -> None:
    keys = [f"{n:04d}" + "k" * 1000 for n in range(3000)]
    put(scene, "m.csv", rows(*keys))
    chunks = start(scene, CSV)
    assert all_rows(scene, chunks) == keys
    index = chunks.index(0)
    assert index is not None
    assert len(index.rows) == 3


def test_wrong_and_repeated_rows_are_recorded_and_counted(scene: Scene) -> None:
    put(scene, "m.csv", b"Bucket,Key\n" + rows("a", "b", "a") + b"other,c\n")
    chunks = start(scene, CSV)
    assert all_rows(scene, chunks) == ["a", "b"]
    index = chunks.index(0)
    assert index is not None
    assert (index.wrong.all, index.wrong.wrong) == (3, 1)
    noted = [json.loads(line) for line in scene.report("manifest/000000-wrong.jsonl").splitlines()]
    assert [(line["row"], line["problem"]) for line in noted] == [
        (1, "is a header"),
        (0, "is a duplicate"),
        (5, f"is of another bucket than {BUCKET}"),
    ]


def test_splitting_again_changes_nothing(scene: Scene) -> None:
    put(scene, "m.csv", rows("a", "b"))
    chunks = start(scene, CSV)
    first = chunks.split(0, scene.store(REPORTS), chunks.files())
    assert chunks.split(0, scene.store(REPORTS), chunks.files()) == first
    assert all_rows(scene, chunks) == ["a", "b"]


@pytest.mark.parametrize("kind", ["error", "reset"])
def test_reading_a_manifest_is_retried_after_a_temporary_failure(scene: Scene, kind: str) -> None:
    put(scene, "m.csv", rows("a"))
    chunks = start(scene, CSV)
    scene.fault(operation="GetObject", target="*/m.csv", kind=kind, times=2)
    assert all_rows(scene, chunks) == ["a"]
    scene.fault(operation="GetObject", target="*/m.csv")
    with pytest.raises(StorageUnavailable, match="oss:GetObject"):
        chunks.split(0, scene.store(REPORTS), chunks.files())


@pytest.mark.parametrize("manifest", [CSV, INVENTORY])
def test_a_missing_manifest_is_named(scene: Scene, manifest: ManifestInput) -> None:
    with pytest.raises(InvalidInput, match=f"no manifest oss://{REPORTS}/{manifest.key}"):
        start(scene, manifest)


def test_a_missing_data_file_is_named(scene: Scene) -> None:
    put(scene, "inv/manifest.json", inventory("inv/data/1.csv.gz"))
    chunks = start(scene, INVENTORY)
    with pytest.raises(InvalidInput, match=r"inv/data/1\.csv\.gz does not exist"):
        all_rows(scene, chunks)


@pytest.mark.parametrize(
    "body",
    [
        b"Bucket,Key",
        b"[]",
        b"{}",
        inventory(fileFormat="ORC"),
        inventory(fileSchema="Key, Size"),
        inventory(files=[{}]),
        inventory(files=7),
    ],
)
def test_a_json_file_that_is_not_an_inventory_is_refused(scene: Scene, body: bytes) -> None:
    put(scene, "inv/manifest.json", body)
    with pytest.raises(InvalidInput, match=r"is not the manifest\.json of an OSS inventory"):
        start(scene, INVENTORY)


@pytest.mark.parametrize("cut", [20, 40])
def test_a_damaged_file_is_refused(scene: Scene, cut: int) -> None:
    body = bytearray(gzip.compress(rows(*(f"{n * 7919:06d}" for n in range(50)))))
    put(scene, "m.csv", bytes(body[:cut]))
    chunks = start(scene, CSV)
    with pytest.raises(InvalidInput, match=r"'m\.csv' is damaged"):
        all_rows(scene, chunks)
    body[30] ^= 0xFF
    put(scene, "m.csv", bytes(body))
    with pytest.raises(InvalidInput, match=r"'m\.csv' is damaged"):
        all_rows(scene, chunks)


def test_a_file_that_cannot_be_read_within_one_call_is_refused(scene: Scene) -> None:
    put(scene, "m.csv", rows("a"))
    chunks = start(scene, CSV)
    late = RetryPolicy(deadline=1, monotonic=lambda: 2.0, sleep=lambda _: None)
    with pytest.raises(InvalidInput, match="more rows than one call can read"):
        chunks.split(
            0, scene.store(REPORTS, retry=late), ManifestFiles(("m.csv",), ("Bucket", "Key"))
        )


@given(
    st.lists(st.text(alphabet='ab"\r\n,\u2028é', max_size=8), max_size=6),
    st.integers(1, 7),
    st.integers(1, 3),
    st.booleans(),
)
def test_lines_are_read_whole_however_the_data_is_split(
    texts: list[str], size: int, members: int, packed: bool
) -> None:
    text = "\n".join(texts)
    data = text.encode()
    if packed:
        step = len(data) // members + 1
        parts = [data[n : n + step] for n in range(0, len(data), step)] or [b""]
        data = b"".join(map(gzip.compress, parts))
    pieces = [data[n : n + size] for n in range(0, len(data), size)]
    lines = list(read_lines(pieces))
    assert "".join(lines) == text
    assert all(line.endswith("\n") and "\n" not in line[:-1] for line in lines[:-1])

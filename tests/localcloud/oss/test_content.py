"""Data of any composition is read, sliced and checked like bytes, without taking memory."""

from __future__ import annotations

import tracemalloc

import oss2
from hypothesis import given
from hypothesis import strategies as st

from localcloud.oss.checksums import combine, crc64, repeat
from localcloud.oss.content import Content, GeneratedContent, Literal, chunks, join

PIECES = st.one_of(
    st.binary(max_size=400).map(Literal),
    st.builds(GeneratedContent, st.integers(0, 2000), st.integers(0, 1000)),
)
CONTENTS = st.lists(PIECES, max_size=5).map(join)


def plain(content: Content) -> bytes:
    return content.read(0, content.size)


@given(CONTENTS, st.data())
def test_concatenated_data_is_sliced_and_read_like_bytes(
    content: Content, data: st.DataObject
) -> None:
    whole = plain(content)
    assert len(whole) == content.size
    start = data.draw(st.integers(0, content.size))
    end = data.draw(st.integers(start, content.size))
    assert content.read(start, end) == whole[start:end]
    assert plain(content.slice(start, end)) == whole[start:end]
    assert b"".join(chunks(content, start, end)) == whole[start:end]


@given(CONTENTS)
def test_the_crc_is_that_of_the_bytes(content: Content) -> None:
    official = oss2.utils.Crc64()
    official.update(plain(content))
    assert content.crc64() == official.crc


@given(st.binary(), st.binary(), st.integers(0, 20))
def test_crcs_are_combined_as_oss2_combines_them(first: bytes, second: bytes, times: int) -> None:
    both = combine(crc64(first), crc64(second), len(second))
    assert both == crc64(first + second)
    assert both == oss2.utils.Crc64().combine(crc64(first), crc64(second), len(second))
    assert repeat(crc64(first), len(first), times) == crc64(first * times)


def test_terabytes_are_sliced_concatenated_and_checked_without_memory() -> None:
    size, part = 5 * 1024**4, 5 * 1024**3 - 1
    tracemalloc.start()
    source = GeneratedContent(size)
    parts = [source.slice(start, min(start + part, size)) for start in range(0, size, part)]
    copy = join(parts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert copy == source
    assert peak < 1024**2
    crc = 0
    for piece in parts:
        crc = combine(crc, piece.crc64(), piece.size)
    assert crc == source.crc64()

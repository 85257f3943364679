"""Keys survive packing, and what was not packed is refused."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.groups import KeyGroup, PackedGroups, parse_group
from functions.packing import NotPacked, longest, pack, unpack
from thaw.errors import InvalidInput
from thaw.json_reader import Reader
from thaw.limits import json_bytes
from thaw.storage_classes import ARCHIVE

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
ROOM = 2_000


@given(st.lists(ANY_TEXT))
def test_what_was_packed_comes_out_again(keys: list[str]) -> None:
    assert unpack(pack(keys)) == keys


@given(st.lists(ANY_TEXT))
def test_a_packed_text_is_never_longer_than_foretold(keys: list[str]) -> None:
    # The frame of the format itself is counted with the empty list.
    assert len(pack(keys)) <= len(pack([])) + longest(sum(json_bytes(key) + 2 for key in keys)) + 8


def test_no_writer_of_json_lengthens_a_packed_text() -> None:
    assert set(pack(['<&>"\\\n', "\u2028"])) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
    )


@pytest.mark.parametrize(
    "text",
    [
        "keys",
        "%%%",
        base64.b64encode(b"keys").decode(),
        base64.b64encode(zlib.compress(b"keys")).decode(),
        base64.b64encode(zlib.compress(b'{"a":1}')).decode(),
        base64.b64encode(zlib.compress(b"[1]")).decode(),
    ],
)
def test_a_text_that_is_no_packed_list_is_refused(text: str) -> None:
    with pytest.raises(NotPacked):
        unpack(text)


def test_a_text_that_would_swell_beyond_any_page_is_refused() -> None:
    swelling = base64.b64encode(zlib.compress(b'["' + b"k" * 2**24 + b'"]')).decode()
    with pytest.raises(NotPacked):
        unpack(swelling)


def test_a_packed_group_travels_and_arrives() -> None:
    group = KeyGroup(ARCHIVE, ["a/1", "a/2"], packed=True)
    assert parse_group(Reader(group.to_json(), "files")) == group


def test_a_group_that_was_packed_wrongly_names_the_field() -> None:
    with pytest.raises(InvalidInput, match="packed is no packed list"):
        parse_group(Reader({"storageClass": ARCHIVE, "packed": "keys"}, "files"))


@given(st.lists(ANY_TEXT, unique=True), st.integers(5, 30))
def test_groups_never_take_more_than_was_foretold_when_each_key_was_taken_in(
    keys: list[str], size: int
) -> None:
    groups = PackedGroups(size=size, limit=100, room=ROOM)
    for key in keys:
        foretold = groups.bytes_with(ARCHIVE, key, to_send=True)
        assert foretold is not None
        if foretold > ROOM:
            break
        groups.add(ARCHIVE, key, to_send=True)
        assert json_bytes([group.to_json() for group in groups]) <= foretold

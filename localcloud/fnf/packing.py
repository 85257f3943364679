"""Packs histories: columns of numbers, and documents with each value stored once."""

from __future__ import annotations

import base64
import zlib
from array import array
from dataclasses import dataclass
from typing import Final, cast

from fdl.tree import Json
from localcloud.fnf.documents import Document

INTEGERS: Final = "I"  # type codes of the array module
DOUBLES: Final = "d"


def pack(column: array[int] | array[float] | bytearray) -> str:
    """Return a column as text."""
    return base64.b64encode(zlib.compress(bytes(column), 1)).decode()


def unpack(text: str) -> bytes:
    """Return a column's bytes."""
    return zlib.decompress(base64.b64decode(text))


@dataclass
class DocumentsState:
    """Documents as data.

    Attributes:
        shapes: the distinct lists of keys.
        values: the values, one entry per object in memory.
        documents: packed: for each document, the index of its shape, then those of its values.
    """

    shapes: list[list[str]]
    values: list[object]
    documents: str


class Documents:
    """Collects documents; the same object gets the same number."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, ...], int] = {}
        self._values: list[object] = []
        self._documents = array(INTEGERS)
        # By identity: the documents live as long as the history that contains them.
        self._number_of_document: dict[int, int] = {}
        self._number_of_value: dict[int, int] = {}

    def add(self, document: Document) -> int:
        """Add a document, and return its number."""
        number = self._number_of_document.get(id(document))
        if number is None:
            number = self._number_of_document[id(document)] = len(self._number_of_document)
            self._documents.append(self._shapes.setdefault(tuple(document), len(self._shapes)))
            self._documents.extend(map(self._number, document.values()))
        return number

    def dump(self) -> DocumentsState:
        """Return all documents as data."""
        shapes = [list(keys) for keys in self._shapes]
        return DocumentsState(shapes, self._values, pack(self._documents))

    def _number(self, value: Json) -> int:
        number = self._number_of_value.get(id(value))
        if number is None:
            number = self._number_of_value[id(value)] = len(self._values)
            self._values.append(value)
        return number


def load_documents(state: DocumentsState) -> list[Document]:
    """Return the documents, in the order of their numbers."""
    numbers = iter(array(INTEGERS, unpack(state.documents)))
    return [
        {key: cast("Json", state.values[next(numbers)]) for key in state.shapes[shape]}
        for shape in numbers
    ]

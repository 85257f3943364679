"""Histories as data: packed columns of numbers, and each document's values once."""

from __future__ import annotations

import base64
import zlib
from array import array
from dataclasses import dataclass
from typing import Final, cast

from fdl.tree import Json
from localcloud.fnf.documents import Document

INTEGERS: Final = "I"  # type codes of the module array
DOUBLES: Final = "d"


def pack(column: array[int] | array[float] | bytearray) -> str:
    """A column as text."""
    return base64.b64encode(zlib.compress(bytes(column), 1)).decode()


def unpack(text: str) -> bytes:
    """The column's bytes."""
    return zlib.decompress(base64.b64decode(text))


@dataclass
class DocumentsState:
    """Documents as data.

    Attributes:
        shapes: the lists of keys that occur.
        values: the values that occur; the same object in memory is one entry.
        documents: packed; of each document, the index of its shape, then those of its values.
    """

    shapes: list[list[str]]
    values: list[object]
    documents: str


class Documents:
    """Gathers documents; the same object gets the same number."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, ...], int] = {}
        self._values: list[object] = []
        self._documents = array(INTEGERS)
        # By identity: the documents are alive as long as the history that contains them.
        self._number_of_document: dict[int, int] = {}
        self._number_of_value: dict[int, int] = {}

    def add(self, document: Document) -> int:
        """The document's number."""
        number = self._number_of_document.get(id(document))
        if number is None:
            number = self._number_of_document[id(document)] = len(self._number_of_document)
            self._documents.append(self._shapes.setdefault(tuple(document), len(self._shapes)))
            self._documents.extend(map(self._number, document.values()))
        return number

    def dump(self) -> DocumentsState:
        """All of them as data."""
        shapes = [list(keys) for keys in self._shapes]
        return DocumentsState(shapes, self._values, pack(self._documents))

    def _number(self, value: Json) -> int:
        number = self._number_of_value.get(id(value))
        if number is None:
            number = self._number_of_value[id(value)] = len(self._values)
            self._values.append(value)
        return number


def load_documents(state: DocumentsState) -> list[Document]:
    """The documents, by their numbers."""
    numbers = iter(array(INTEGERS, unpack(state.documents)))
    return [
        {key: cast("Json", state.values[next(numbers)]) for key in state.shapes[shape]}
        for shape in numbers
    ]

"""Sentences whose texts are translated, and filled in then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Phrase:
    """A text to be translated, and what is filled in.

    Attributes:
        text: where ``count`` is not 1.
        one: where it is; empty where that makes no difference.
    """

    text: str
    one: str = ""
    values: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def chosen(self) -> str:
        """The text for the count."""
        return self.one if self.one and self.values.get("count") == 1 else self.text

    def __str__(self) -> str:
        return self.chosen.format(**self.values)

    def filled(self, **values: object) -> Phrase:
        """With these values."""
        return replace(self, values=values)

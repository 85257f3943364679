"""Sentences that are translated before their fields are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Phrase:
    """A sentence with fields.

    Attributes:
        text: the sentence; with a plural, its form for a count of 1.
        plural: its form for other counts; empty if the count makes no difference.
    """

    text: str
    plural: str = ""
    values: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        plural = self.plural and self.values.get("count") != 1
        return (self.plural if plural else self.text).format(**self.values)

    def filled(self, **values: object) -> Phrase:
        """Fill in the fields."""
        return replace(self, values=values)

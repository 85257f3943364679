"""Sentences that are translated before their fields are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Phrase:
    """A sentence with fields.

    Attributes:
        text: the sentence, or its singular form if there is a plural.
        plural: its plural form; empty if it does not depend on the field ``count``.
        values: the values of the fields.
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

"""The tasks that copy slices of pages, and their results, as the flow carries them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from thaw.errors import InvalidInput

# Done; more can be done at once; partly done, the rest is thawing; all is thawing.
Flag = Literal["d", "m", "p", "w"]
_RESULT: Final = re.compile(r"(\d+)([dmpw])(\d+)")


@dataclass(frozen=True)
class CopyResult:
    """The result of a task.

    Attributes:
        done: slices before the first unfinished one.
        recorded: objects for which an outcome was recorded.
    """

    done: int
    flag: Flag
    recorded: int

    def __str__(self) -> str:
        return f"{self.done}{self.flag}{self.recorded}"

    @classmethod
    def parse(cls, text: str) -> CopyResult:
        """Parse what :meth:`__str__` returned.

        Raises:
            InvalidInput: the text is anything else.
        """
        match = _RESULT.fullmatch(text)
        if match is None:
            raise InvalidInput(f"results must hold what copyObjects returned, not {text[:60]!r}")
        return cls(int(match[1]), cast("Flag", match[2]), int(match[3]))


@dataclass(frozen=True)
class CopyWork:
    """Consecutive slices of a page, for one task.

    Attributes:
        keeps: whether the task keeps them readable and copies nothing.
    """

    storage_class: str
    page: int
    slice: int
    slices: int
    keeps: bool = False

    def to_json(self) -> dict[str, object]:
        """Return it as the flow carries it."""
        return {
            "storageClass": self.storage_class,
            "page": self.page,
            "slice": self.slice,
            "slices": self.slices,
            **({"keeps": True} if self.keeps else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CopyWork:
        """Parse what :meth:`to_json` returned.

        Raises:
            InvalidInput: the data is anything else.
        """
        try:
            return cls(
                str(data["storageClass"]),
                int(data["page"]),
                int(data["slice"]),
                int(data["slices"]),
                keeps=bool(data.get("keeps", False)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"a task must be what planCopies returned: {error!r}") from error

"""The scope of a run: the listed objects that belong to it."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from thaw.json_reader import parse_moment
from thaw.run_input import RunInput

if TYPE_CHECKING:  # the command line counts without oss2
    from thaw.store import ListedObject


class Scope:
    """The objects of a run: those of its classes that pass its filters.

    Globs match the whole key, ``*`` and ``?`` also match slashes, and case matters. Sizes are
    inclusive; ``modifiedAfter`` is inclusive, ``modifiedBefore`` is not, so that ranges adjoin.
    """

    def __init__(self, run: RunInput) -> None:
        self._classes = frozenset(run.storage_classes)
        self._include = _globs(run.include)
        self._exclude = _globs(run.exclude)
        self._min_size = run.min_size
        self._max_size = run.max_size
        self._after = None if run.modified_after is None else parse_moment(run.modified_after)
        self._before = None if run.modified_before is None else parse_moment(run.modified_before)

    def __contains__(self, listed: ListedObject) -> bool:
        return (
            listed.storage_class in self._classes
            and (self._min_size is None or listed.size >= self._min_size)
            and (self._max_size is None or listed.size <= self._max_size)
            and (self._after is None or listed.last_modified >= self._after)
            and (self._before is None or listed.last_modified < self._before)
            and (self._include is None or self._include.match(listed.key) is not None)
            and (self._exclude is None or self._exclude.match(listed.key) is None)
        )


def _globs(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """Compile globs to one pattern, which matches to the end; None if there are none."""
    if not patterns:
        return None
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))

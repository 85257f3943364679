"""A survey of the objects in a manifest, looked up in the same way as by the functions."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from oss_restore.language import gettext as _
from oss_restore.planning.survey import Progress, Survey, Surveyor
from thaw.errors import InvalidInput
from thaw.lookup import FIRST_KEYS, find
from thaw.manifest.files import find_files, read_lines
from thaw.manifest.rows import Row, RowReader, WrongRow
from thaw.run_input import RunInput
from thaw.store import Store

_AT_ONCE: Final = 1000  # rows that are looked up together, as the functions do


def survey_manifest(store: Store, source: Store, run: RunInput, on_progress: Progress) -> Survey:
    """Count the objects in the rows of a manifest, with at most a thousand rows in memory.

    Duplicate rows count once if they are among the same thousand.

    Args:
        store: the run's bucket.
        source: the manifest's bucket.
        run: the run's input, with a manifest.
        on_progress: called after each thousand rows.

    Raises:
        InvalidInput: the manifest, or one of its files, is missing or damaged.
        RunError: as :func:`thaw.oss_errors.call`.
    """
    assert run.manifest is not None
    files = find_files(source, run.manifest)
    surveyor = Surveyor(run)
    for key in files.keys:
        reader = RowReader.of(run, files.schema)
        try:
            for rows in _batched(reader.read(read_lines(_pieces(source, key)))):
                _look_up(store, run, rows, surveyor)
                on_progress(surveyor.survey.scanned, key)
        except (zlib.error, EOFError) as error:
            raise InvalidInput(
                _("the manifest file {key} is damaged: {reason}").format(
                    key=repr(key), reason=error
                )
            ) from error
    return surveyor.survey


def _pieces(source: Store, key: str) -> Iterator[bytes]:
    pieces = source.stream(key, lambda pieces: pieces)
    if pieces is None:
        raise InvalidInput(
            _("the manifest file {place} does not exist").format(place=f"oss://{source.name}/{key}")
        )
    return pieces


def _batched(rows: Iterable[Row | WrongRow]) -> Iterator[list[Row | WrongRow]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _AT_ONCE)):
        yield batch


def _look_up(store: Store, run: RunInput, rows: list[Row | WrongRow], surveyor: Surveyor) -> None:
    named = {row for row in rows if isinstance(row, Row)}
    found = find(store, run.prefix, named, first=FIRST_KEYS).values()
    survey = surveyor.survey
    survey.wrong_rows += sum(isinstance(row, WrongRow) and not row.harmless for row in rows)
    survey.vanished += len(named) - len(found)
    for entry in found:
        surveyor.see(entry.listed, entry.now)

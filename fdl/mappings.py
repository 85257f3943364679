"""Data flow into and out of a step (docs 122493).

Values are shared, never copied: a JSON value is immutable once created.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from fdl.errors import EvaluationError, MissingKeyError
from fdl.paths import Path
from fdl.semantics import Semantics
from fdl.tree import Constant, FieldMapping
from fdl.values import Json

Object: TypeAlias = dict[str, Json]


def apply_mappings(
    mappings: Iterable[FieldMapping],
    *,
    input: Json,  # noqa: A002 - the language's own word, as in $input
    local: Json,
    context: Callable[[], Json],
    semantics: Semantics,
) -> Object:
    """Build an object from the values of ``$input``, ``$local`` and ``$context``.

    Only the mapped targets are in the result.

    Args:
        mappings: the mappings; the last one wins if several have the same target.
        input: the parent's for a step's input, the step's own for its output.
        local: likewise.
        context: returns the context of the execution and the step, which few mappings read.
        semantics: how to treat a missing key or source.

    Raises:
        MissingKeyError: a source names a missing key.
        EvaluationError: a source cannot be read, or is missing.
    """
    result: Object = {}
    for mapping in mappings:
        source = mapping.source
        if isinstance(source, Constant):
            result[mapping.target] = source.value
        elif source is None:
            if semantics.mapping_without_source == "error":
                raise EvaluationError(f"the mapping of {mapping.target!r} has no source")
            result[mapping.target] = None
        else:
            document = _choose(source, input, local, context)
            try:
                result[mapping.target] = source.read(document, semantics)
            except MissingKeyError:
                if semantics.missing_key_in_mapping != "omit" or source.root == "$context":
                    raise
    return result


def default_input(parent_input: Object, parent_local: Object) -> Object:
    """Return a step's input without mappings: the parent's input, overlaid with its local."""
    return {**parent_input, **parent_local}


def _choose(source: Path, step_input: Json, local: Json, context: Callable[[], Json]) -> Json:
    if source.root == "$local":
        return local
    return context() if source.root == "$context" else step_input

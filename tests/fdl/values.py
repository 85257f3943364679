"""Strategies for JSON values, with many that convert to one another."""

from __future__ import annotations

from hypothesis import strategies as st

from fdl.values import Json

CONVERTING = st.sampled_from(
    ["true", "false", "TRUE", "False", "", "0", "1", "007", "7", "1e3", "1000", "nan", "-Inf"]
)
SCALARS: st.SearchStrategy[Json] = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**60), max_value=2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | CONVERTING
    | st.text(max_size=8)
)
JSON: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)

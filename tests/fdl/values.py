"""Values to test with: many convert into each other, many look like parts of a flow."""

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

# How gval compares two values: left, right, whether they are equal.
EQUALITY: list[tuple[Json, Json, bool]] = [
    (True, "true", True),
    (False, "true", False),
    (False, "false", True),
    (True, "True", False),
    ("success", "success", True),
    ("running", "success", False),
    ("", "", True),
    ([], "", False),
    (None, "", False),
    (1, "1", True),
    ("007", "7", True),
    ("1e3", "1000", True),
    ("1", True, True),
    (2, True, True),
    (0, "false", True),
    (None, "false", True),
    (None, 0, True),
    ("nan", "nan", False),
]

FIELD_NAMES = (
    st.sampled_from(["version", "type", "steps", "name", "resourceArn", "action", "pattern", "end"])
    | st.sampled_from(["serviceParams", "retry", "catch", "errors", "goto", "target", "source"])
    | st.sampled_from(["inputMappings", "outputMappings", "choices", "condition", "default"])
    | st.sampled_from(["branches", "duration", "timestamp", "iterationMapping", "collection"])
    | st.sampled_from(["item", "index", "timeoutSeconds"])
)
FIELD_VALUES = (
    JSON
    | st.sampled_from(["task", "pass", "wait", "choice", "foreach", "parallel", "fail", "v1"])
    | st.sampled_from(["$.a", "$input.a", "a", 1, '$.a == "b"', "acs:fnf:::flow/f", "flow"])
)
FLOW_LIKE = st.recursive(
    FIELD_VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELD_NAMES, inner, max_size=5),
    max_leaves=25,
)

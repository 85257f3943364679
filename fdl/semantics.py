"""Open questions about the flow language: a switch for each, with the strictest value first.

Our own flows must work under every value of every switch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Semantics:
    """The answers to the language's open questions. The defaults are the safest.

    Attributes:
        missing_key_in_mapping: a mapping's source names a missing key.
        mapping_without_source: a mapping has no ``source``: an error, or the constant null.
        index_out_of_range: a list index beyond the end in a path; jsonpath 0.1.1 rejects it.
        missing_key_in_condition: makes the whole condition false, or reads as null.
        unevaluable_condition: for example an ordering of null: false, or an error.
        equality: gval's converting rule, or equal type and equal value.
        undocumented_operators: such as ``!``, ``+`` and ``=~`` in a condition.
        choice_without_default: no condition holds and there is no default.
        duplicate_step_names: the same name twice in one flow.
        version_v1beta1: flows with ``version: v1beta1``.
        unknown_field: a key that the language does not have.
        fc3_arn: a Function Compute 3.0 ARN in ``resourceArn``.
    """

    missing_key_in_mapping: Literal["error", "null", "omit"] = "error"
    mapping_without_source: Literal["error", "null"] = "error"
    index_out_of_range: Literal["error", "null"] = "error"
    missing_key_in_condition: Literal["not_true", "null"] = "not_true"
    unevaluable_condition: Literal["not_true", "error"] = "not_true"
    equality: Literal["gval", "strict"] = "gval"
    undocumented_operators: Literal["reject", "allow"] = "reject"
    choice_without_default: Literal["fall_through", "error"] = "fall_through"
    duplicate_step_names: Literal["error", "allow"] = "error"
    version_v1beta1: Literal["accept", "reject"] = "accept"
    unknown_field: Literal["error", "warn"] = "error"
    fc3_arn: Literal["accept", "reject"] = "accept"

"""Texts that an environment file may hold, each checked with a message of its own."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from infra.regions import REGIONS


def fault(message: str, field: str = "") -> PydanticCustomError:
    """A validation error that reads exactly as written.

    Args:
        message: what is wrong, and what would be right.
        field: dotted path to the field, from the section that is checked.
    """
    return PydanticCustomError("fault", "{message}", {"message": message, "field": field})


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` when something known is close, else an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _region(value: str) -> str:
    if value not in REGIONS:
        raise fault(f"unknown region {value!r}{suggestion(value, REGIONS)}")
    return value


def _matching(pattern: str, what: str) -> AfterValidator:
    """A check of a text; ``what`` says which texts are right."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise fault(f"{value!r} is no {what}")
        return value

    return AfterValidator(check)


def _prefix(value: str) -> str:
    if "*" in value or "?" in value:
        raise fault(f"{value!r} has a wildcard; a prefix is plain text, it ends up in a RAM policy")
    if value.startswith("/"):
        raise fault(f"{value!r} starts with '/'; keys in OSS do not")
    return value


def _account_id(value: object) -> object:
    """YAML reads an unquoted account id as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_HOST_LABEL = r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
_HOST_LABEL_RULE = "3 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends"

Region = Annotated[str, AfterValidator(_region)]
BucketName = Annotated[str, _matching(_HOST_LABEL, f"bucket name: {_HOST_LABEL_RULE}")]
LogProjectName = Annotated[str, _matching(_HOST_LABEL, f"log project name: {_HOST_LABEL_RULE}")]
Prefix = Annotated[str, AfterValidator(_prefix)]
AccountId = Annotated[
    str,
    BeforeValidator(_account_id),
    _matching(r"[1-9][0-9]{15}", "account id: 16 digits, the id of the main account"),
]
Endpoint = Annotated[
    str,
    _matching(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?", "endpoint: http(s)://HOST[:PORT], no path"),
]
EnvironmentName = Annotated[
    str,
    _matching(
        r"[a-z]([a-z0-9-]{0,29}[a-z0-9])?",
        "name: up to 31 of a-z, 0-9 and '-', with a letter in front and no '-' at the end",
    ),
]
NamePart = Annotated[
    str,
    _matching(
        r"[A-Za-z]([A-Za-z0-9-]{0,29}[A-Za-z0-9])?",
        "part of a name: up to 31 of A-Z, a-z, 0-9 and '-', with a letter in front and no '-' at "
        "the end",
    ),
]
RoleArn = Annotated[
    str, _matching(r"acs:ram::[0-9]+:role/.+", "role's ARN: acs:ram::ACCOUNT:role/NAME")
]

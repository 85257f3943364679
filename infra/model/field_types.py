"""The string types of an environment file, each with its own validation message."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from infra.model.regions import REGIONS


def fault(message: str, field: str = "") -> PydanticCustomError:
    """Make a validation error with exactly this message.

    Args:
        message: what is wrong, and how to fix it.
        field: dotted path to the field, relative to the section being validated.
    """
    return PydanticCustomError("fault", "{message}", {"message": message, "field": field})


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` if a known word is close, else an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _region(value: str) -> str:
    if value not in REGIONS:
        raise fault(f"unknown region {value!r}{suggestion(value, REGIONS)}")
    return value


@dataclass(frozen=True)
class _Matching:
    """A pattern check that is also in the JSON Schema; ``what`` describes valid strings."""

    pattern: str
    what: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^({self.pattern})$"}

    def _checked(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            raise fault(f"{value!r} is not a valid {self.what}")
        return value


def _prefix(value: str) -> str:
    if "*" in value or "?" in value:
        raise fault(
            f"{value!r} has a wildcard; a prefix is plain text, since it is used in a RAM policy"
        )
    if value.startswith("/"):
        raise fault(f"{value!r} starts with '/'; keys in OSS do not")
    return value


def _trusted_host(value: str) -> str:
    """Refuse hosts that are not Alibaba Cloud's, since a plan sends keys and tokens to them.

    A pull request may change an environment file, and is planned before anyone reviews it. Other
    hosts are allowed by a variable where the plan runs, which an environment file cannot set.
    """
    host = urlsplit(value if "://" in value else f"//{value}").hostname or ""
    own = os.environ.get("OSS_RESTORE_TRUSTED_HOSTS", "").split(",")
    if host not in _LOOPBACK and not host.endswith(".aliyuncs.com") and host not in own:
        raise fault(
            f"{value!r} is not an Alibaba Cloud host, and keys would be sent to it; if it is "
            "yours, list it in the variable OSS_RESTORE_TRUSTED_HOSTS"
        )
    return value


def _account_id(value: object) -> object:
    """Convert an account id, which YAML reads as a number if it is unquoted."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_LOOPBACK = ("127.0.0.1", "localhost")
_HOST_LABEL = r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
_HOST_LABEL_RULE = "3 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends"

Region = Annotated[str, AfterValidator(_region), Field(json_schema_extra={"enum": [*REGIONS]})]
BucketName = Annotated[str, _Matching(_HOST_LABEL, f"bucket name: {_HOST_LABEL_RULE}")]
LogProjectName = Annotated[str, _Matching(_HOST_LABEL, f"log project name: {_HOST_LABEL_RULE}")]
Prefix = Annotated[str, AfterValidator(_prefix)]
AccountId = Annotated[
    str,
    BeforeValidator(_account_id, json_schema_input_type=str | int),
    _Matching(r"[1-9][0-9]{15}", "account id: 16 digits, the id of the main account"),
]
Endpoint = Annotated[
    str,
    _Matching(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?", "endpoint: http(s)://HOST[:PORT], no path"),
]
CloudHost = Annotated[
    str,
    _Matching(r"(https?://)?[A-Za-z0-9.-]+(:[0-9]+)?", "host: HOST[:PORT], no path"),
    AfterValidator(_trusted_host),
]
CloudEndpoint = Annotated[Endpoint, AfterValidator(_trusted_host)]
EnvironmentName = Annotated[
    str,
    _Matching(
        r"[a-z]([a-z0-9-]{0,29}[a-z0-9])?",
        "name: up to 31 of a-z, 0-9 and '-', with a letter in front and no '-' at the end",
    ),
]
NamePart = Annotated[
    str,
    _Matching(
        r"[A-Za-z]([A-Za-z0-9-]{0,29}[A-Za-z0-9])?",
        "part of a name: up to 31 of A-Z, a-z, 0-9 and '-', with a letter in front and no '-' at "
        "the end",
    ),
]
RoleArn = Annotated[
    str,
    _Matching(
        r"acs:ram::[0-9]+:role/[A-Za-z0-9.-]{1,64}", "role's ARN: acs:ram::ACCOUNT:role/NAME"
    ),
]
OidcProviderArn = Annotated[
    str,
    _Matching(
        r"acs:ram::[0-9]+:oidc-provider/[A-Za-z0-9._-]{1,128}",
        "identity provider's ARN: acs:ram::ACCOUNT:oidc-provider/NAME",
    ),
]
TargetName = Annotated[
    str,
    _Matching(
        r"[a-z][a-z0-9_]{0,30}", "name of a target: up to 31 of a-z, 0-9 and '_', a letter in front"
    ),
]
MnsName = Annotated[
    str,
    _Matching(
        r"[A-Za-z0-9][A-Za-z0-9-]{0,119}",
        "name of a topic or queue: up to 120 letters, digits and '-', no '-' in front",
    ),
]

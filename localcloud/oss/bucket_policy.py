"""Bucket policies.

Sources: docs authorization-syntax-and-elements and bucket-policy, and the pages of the error codes
0030-00000001 to 0030-00000007; the code ``InvalidPolicyDocument`` that goes with them is assumed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from localcloud.errors import CloudError
from localcloud.oss.errors import not_implemented
from localcloud.ram.policy import Decision, Statement, Texts, decide, matches

_MOST_BYTES: Final = 16 * 1024
_MOST_BYTES_OF_AN_ITEM: Final = 4_095
_EVERYBODY: Final = "*"
# The id of an account or RAM user, or a role's sessions (docs bucket-policy-settings-faq).
_PRINCIPAL: Final = re.compile(r"\*|[0-9]+|arn:sts::[^:]+:[^/]+/[^/]+/[^/]+")
_RESOURCE: Final = re.compile(r"acs:oss:[^:]*:[^:]*:.+", re.DOTALL)
_CONDITION_KEYS: Final = frozenset({"oss:Prefix", "oss:Delimiter"})  # set by requests
_ACTION: Final = re.compile(r"oss:[A-Za-z*?]+|\*")


def _texts(pattern: re.Pattern[str], what: str) -> BeforeValidator:
    def check(value: object) -> object:
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            if not isinstance(text, str) or not pattern.fullmatch(text):
                raise ValueError(f"{text!r} is not a {what}")
        if not texts:
            raise ValueError(f"there is not a {what}")
        return texts

    return BeforeValidator(check)


class BucketStatement(Statement):
    """A statement of a bucket policy; without principals it applies to everybody.

    oss2's tests show that principals are optional; alibabacloud_oss_v2's show what that means.
    """

    action: Annotated[Texts, _texts(_ACTION, "action")] = Field(alias="Action")
    resource: Annotated[Texts, _texts(_RESOURCE, "resource")] = Field(alias="Resource")
    principal: Annotated[Texts, _texts(_PRINCIPAL, "principal")] = Field(
        default=(_EVERYBODY,), alias="Principal"
    )

    def concerns(self, caller: str, owner: str) -> bool:
        """Return whether the statement applies to a caller.

        Args:
            caller: the caller's name in bucket policies; empty without a signature.
            owner: the name of the bucket's owner, to whom a statement for everybody does not apply
                unless it has a condition.
        """
        return any(
            bool(self.condition) or caller != owner
            if principal == _EVERYBODY
            else bool(caller) and matches(principal, caller)
            for principal in self.principal
        )

    @property
    def is_public(self) -> bool:
        """Return whether it allows something to everybody, without a condition."""
        return self.effect == "Allow" and _EVERYBODY in self.principal and not self.condition


class BucketPolicy(BaseModel):
    """A bucket policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(alias="Version", strict=True)
    statement: tuple[BucketStatement, ...] = Field(alias="Statement")

    @property
    def condition_keys(self) -> frozenset[str]:
        """The keys in its conditions."""
        return frozenset(
            key
            for statement in self.statement
            for keys in statement.condition.values()
            for key in keys
        )

    @property
    def is_public(self) -> bool:
        """Whether any statement allows something to everybody."""
        return any(statement.is_public for statement in self.statement)

    def without_public_statements(self) -> BucketPolicy:
        """Return the effective policy of a bucket that blocks public access (its docs)."""
        private = tuple(statement for statement in self.statement if not statement.is_public)
        return self.model_copy(update={"statement": private})

    def decision(
        self, caller: str, owner: str, action: str, resource: str, context: Mapping[str, str]
    ) -> Decision:
        """Decide a request; see :meth:`BucketStatement.concerns` and ``ram.policy.decide``."""
        concerned = [statement for statement in self.statement if statement.concerns(caller, owner)]
        return decide(concerned, action, resource, context)


@lru_cache(maxsize=256)
def read_policy(text: str) -> BucketPolicy:
    """Parse a stored policy, which was checked when it was put."""
    return BucketPolicy.model_validate_json(text)


def check_policy(body: bytes) -> str:
    """Check a policy to be put, and return its text.

    Raises:
        CloudError: ``InvalidPolicyDocument``; ``NotImplemented`` for an unsupported condition,
            since a Deny that cannot be evaluated must not become an Allow.
    """
    if len(body) > _MOST_BYTES:
        raise _invalid(f"A policy may have at most {_MOST_BYTES} bytes.", 1)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _invalid(f"A policy must be UTF-8: {error}.", 4) from None
    try:
        items = list(_items(json.loads(text)))
        policy = read_policy(text)
    except (ValidationError, ValueError, RecursionError) as error:
        raise _invalid(str(error), 5) from error
    if policy.version != "1":
        raise _invalid(f"Version must be 1, not {policy.version}.", 2)
    if any(len(item.encode("utf-8", "surrogatepass")) > _MOST_BYTES_OF_AN_ITEM for item in items):
        raise _invalid(f"A value may have at most {_MOST_BYTES_OF_AN_ITEM} bytes.", 3)
    if any("**" in item for item in items):
        raise _invalid("A value may not contain **.", 7)
    for key in policy.condition_keys - _CONDITION_KEYS:
        raise not_implemented(f"the condition {key} of a bucket's policy")
    return text


def _items(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _items(inner)


def _invalid(message: str, ec: int) -> CloudError:
    return CloudError("InvalidPolicyDocument", message, 400, ec=f"0030-{ec:08d}")

"""The parameters of RAM's operations."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AliasChoices, BeforeValidator, Field, TypeAdapter, ValidationError

from localcloud.rpc_operations import RpcParameters


class RamParameters(RpcParameters):
    """The parameters of a RAM operation."""

    @property
    def resources(self) -> tuple[str, ...]:
        """Return the resources of the request, as the last part of each ARN."""
        return ("*",)


class TagParameter(RpcParameters):
    key: str
    value: str = ""


class TaggedParameters(RamParameters):
    tag: tuple[TagParameter, ...] = ()

    @property
    def tags(self) -> dict[str, str]:
        """The tags, by key."""
        return {tag.key: tag.value for tag in self.tag}


class ListPage(RamParameters):
    marker: Literal[""] = ""  # all listings here have one page
    max_items: int = Field(default=100, ge=1, le=1_000)


class RoleName(RamParameters):
    role_name: str

    @property
    def resources(self) -> tuple[str, ...]:
        return (f"role/{self.role_name}",)


class CreateRole(TaggedParameters, RoleName):
    assume_role_policy_document: str
    description: str = ""
    max_session_duration: int = 3600


class UpdateRole(RoleName):
    new_assume_role_policy_document: str | None = None
    new_description: str | None = None
    new_max_session_duration: int | None = None


class PolicyName(RamParameters):
    policy_name: str
    policy_type: Literal["Custom"] = "Custom"  # the local cloud has no system policies

    @property
    def resources(self) -> tuple[str, ...]:
        return (f"policy/{self.policy_name}",)


class CreatePolicy(TaggedParameters, PolicyName):
    policy_document: str
    description: str = ""


class DeletePolicy(PolicyName):
    cascading_delete: bool = False  # deletes all versions too, as the Terraform provider requests


class CreatePolicyVersion(PolicyName):
    policy_document: str
    set_as_default: bool = False
    rotate_strategy: str = "None"


class OnePolicyVersion(PolicyName):
    version_id: str = Field(pattern=r"^v[0-9]{1,9}$")

    @property
    def number(self) -> int:
        return int(self.version_id[1:])


class RolePolicyName(PolicyName):
    role_name: str

    @property
    def resources(self) -> tuple[str, ...]:
        return (*super().resources, f"role/{self.role_name}")


class UserName(RamParameters):
    user_name: str

    @property
    def resources(self) -> tuple[str, ...]:
        return (f"user/{self.user_name}",)


class UserPolicyName(PolicyName):
    user_name: str

    @property
    def resources(self) -> tuple[str, ...]:
        return (*super().resources, f"user/{self.user_name}")


def _from_json(value: object) -> object:
    """Parse a list that is sent as a JSON string."""
    if not isinstance(value, str):
        return value
    try:
        return _NAMES.validate_json(value)
    except ValidationError as error:
        raise ValueError("is not a JSON list of names") from error


_NAMES: Final = TypeAdapter(list[str])
NameList = Annotated[tuple[str, ...], BeforeValidator(_from_json)]


class NamedResources(RamParameters):
    resource_type: Literal["role", "policy"]  # users here have no tags
    resource_names: NameList

    @property
    def resources(self) -> tuple[str, ...]:
        return tuple(f"{self.resource_type}/{name}" for name in self.resource_names)


class TagResources(NamedResources, TaggedParameters):
    pass


class UntagResources(NamedResources):
    tag_keys: NameList = Field(
        default=(), validation_alias=AliasChoices("TagKeys", "TagKey"), alias="TagKeys"
    )
    all: bool = False


class ListTagResources(NamedResources):
    next_token: Literal[""] = ""  # all listings here have one page
    page_size: int = Field(default=20, ge=1, le=100)

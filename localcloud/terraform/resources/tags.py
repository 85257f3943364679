"""Tags: the permissions to change them, and their form in the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from localcloud.terraform.session import Session
from localcloud.terraform.values import Object


def observed_tags(tags: Mapping[str, str], state: Object) -> Object:
    """Return the ``tags`` for a resource's state: null if neither it nor the state has any."""
    return {"tags": dict(tags)} if tags or state.get("tags") else {}


class Tagged(Protocol):
    """A resource with tags."""

    tags: dict[str, str]


def change_tags(
    session: Session,
    resource: Tagged,
    arn: str,
    prior: Mapping[str, str],
    planned: Mapping[str, str],
    actions: tuple[str, str],
) -> None:
    """Change the tags of a resource, if the caller may.

    The provider removes the tags that change, then sets all planned tags (parsingTags).

    Args:
        session: the session of the caller.
        resource: the resource.
        arn: its ARN.
        prior: the current tags.
        planned: the tags after the change.
        actions: the action that sets tags, and the one that removes them.
    """
    if dict(prior) == dict(planned):
        return
    tag, untag = actions
    if any(planned.get(key) != value for key, value in prior.items()):
        session.authorize(untag, arn)
    if planned:
        session.authorize(tag, arn)
    resource.tags = dict(planned)

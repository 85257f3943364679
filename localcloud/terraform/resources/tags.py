"""Tags: the permissions that a change of them needs, and how the state shows them."""

from __future__ import annotations

from collections.abc import Mapping

from localcloud.terraform.session import Session
from localcloud.terraform.values import Object


def observed_tags(tags: Mapping[str, str], known: Object) -> Object:
    """The ``tags`` of a resource's state: absent if it has none, and the state knows of none."""
    return {"tags": dict(tags)} if tags or known.get("tags") else {}


def authorize_tags(
    session: Session,
    resource: str,
    before: Mapping[str, str],
    wanted: Mapping[str, str],
    *,
    tag: str,
    untag: str,
) -> None:
    """Authorize the caller to change tags.

    The provider removes the tags that change, and then sets all that are wanted (parsingTags).

    Args:
        session: who calls.
        resource: the ARN of what has the tags.
        before: its current tags.
        wanted: its tags after the change.
        tag: the action that sets tags.
        untag: the action that removes them.
    """
    if dict(before) == dict(wanted):
        return
    if any(wanted.get(key) != value for key, value in before.items()):
        session.authorize(untag, resource)
    if wanted:
        session.authorize(tag, resource)

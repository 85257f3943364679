"""Tags: the permissions to change them, and their form in the state."""

from __future__ import annotations

from collections.abc import Mapping

from localcloud.terraform.session import Session
from localcloud.terraform.values import Object


def observed_tags(tags: Mapping[str, str], state: Object) -> Object:
    """Return the ``tags`` for a resource's state: null if neither it nor the state has any."""
    return {"tags": dict(tags)} if tags or state.get("tags") else {}


def authorize_tags(
    session: Session,
    resource: str,
    prior: Mapping[str, str],
    planned: Mapping[str, str],
    *,
    tag: str,
    untag: str,
) -> None:
    """Check that the caller may change tags.

    The provider removes the tags that change, then sets all planned tags (parsingTags).

    Args:
        session: the session of the caller.
        resource: the resource's ARN.
        prior: the current tags.
        planned: the tags after the change.
        tag: the action that sets tags.
        untag: the action that removes them.
    """
    if dict(prior) == dict(planned):
        return
    if any(planned.get(key) != value for key, value in prior.items()):
        session.authorize(untag, resource)
    if planned:
        session.authorize(tag, resource)

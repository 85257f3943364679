"""The permissions that a change of tags needs."""

from __future__ import annotations

from collections.abc import Mapping

from localcloud.terraform.session import Session


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

    The provider takes away what changes, and then sets all that is wanted (its parsingTags).

    Args:
        session: who calls.
        resource: the ARN of what has the tags.
        before: the tags that it has.
        wanted: the tags that it shall have.
        tag: the action that sets tags.
        untag: the action that takes them away.
    """
    if dict(before) == dict(wanted):
        return
    if any(wanted.get(key) != value for key, value in before.items()):
        session.authorize(untag, resource)
    if wanted:
        session.authorize(tag, resource)

"""A role that deploys, with exactly the rights that it is given."""

from __future__ import annotations

import json
from collections.abc import Iterable

from localcloud.ram.model import Ram

ROLE = "deployer"


def make_deployer(ram: Ram, documents: Iterable[str], *, by: str) -> str:
    """Makes the role in an account.

    Args:
        ram: of the account.
        documents: its policies.
        by: the account whose own keys may assume it.

    Returns:
        Its ARN.
    """
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"RAM": [f"acs:ram::{by}:root"]},
    }
    text = json.dumps({"Version": "1", "Statement": [trust]})
    role = ram.create_role(ROLE, text, "", 0)
    for number, document in enumerate(documents):
        ram.create_policy(f"{ROLE}-{number}", document, "", 0)
        ram.attach(f"{ROLE}-{number}", ROLE)
    return role.arn

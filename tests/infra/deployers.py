"""A role that deploys with exactly the given permissions."""

from __future__ import annotations

import json
from collections.abc import Iterable

from localcloud.ram.model import Ram

ROLE = "deployer"


def make_deployer(ram: Ram, documents: Iterable[str], *, by: str, name: str = ROLE) -> str:
    """Create the role in an account, and return its ARN.

    Args:
        ram: RAM of the account.
        documents: the role's policies.
        by: the account whose own keys may assume it.
        name: the role's name.
    """
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"RAM": [f"acs:ram::{by}:root"]},
    }
    text = json.dumps({"Version": "1", "Statement": [trust]})
    role = ram.create_role(name, text, "", 0)
    for number, document in enumerate(documents):
        ram.create_policy(f"{name}-{number}", document, "", 0)
        ram.attach(f"{name}-{number}", name)
    return role.arn

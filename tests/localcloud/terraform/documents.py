"""Documents that the tests deploy."""

from __future__ import annotations

import io
import json
import zipfile

FLOW = """\
version: v1
type: flow
steps:
  - type: pass
    name: hello
"""


def trust(*services: str) -> str:
    """Build a trust policy that names services."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": list(services)},
    }
    return json.dumps({"Version": "1", "Statement": [statement]})


def statement(*actions: str, effect: str = "Allow", resource: str = "*") -> dict[str, object]:
    """Build a statement of a policy."""
    return {"Effect": effect, "Action": list(actions), "Resource": resource}


def policy(*statements: dict[str, object]) -> str:
    """Build a policy."""
    return json.dumps({"Version": "1", "Statement": statements})


def allow(*actions: str) -> str:
    """Build a policy that allows actions on everything."""
    return policy(statement(*actions))


def bundle(source: str = "def handler(event, context):\n    return event\n") -> bytes:
    """Build the zip of a function."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), source)
    return buffer.getvalue()

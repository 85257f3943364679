"""Changes of the deployed policies over RAM's own API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from alibabacloud_tea_openapi.utils_models import Config

from oss_restore.clients.target import LocalEndpoints
from tests.rpc import SIGNATURE, call_rpc

Document = dict[str, Any]


@dataclass(frozen=True)
class Ram:
    """RAM of the deployment's account."""

    endpoints: LocalEndpoints

    def call(self, action: str, **query: str) -> Document:
        """Make a call with Alibaba Cloud's generic client."""
        url = urlsplit(self.endpoints.ram)
        config = Config(
            endpoint=url.netloc,
            protocol=url.scheme,
            access_key_id=self.endpoints.access_key_id,
            access_key_secret=self.endpoints.access_key_secret,
            signature_algorithm=SIGNATURE,
        )
        return call_rpc(config, "2015-05-01", action, query)

    def document(self, policy: str) -> Document:
        """Return the current document of a policy."""
        answer = self.call("GetPolicy", PolicyName=policy, PolicyType="Custom")
        return dict(json.loads(answer["DefaultPolicyVersion"]["PolicyDocument"]))

    @contextmanager
    def user(self, name: str, *statements: Document) -> Iterator[Document]:
        """Provide the keys of a user with only these permissions, as in the endpoints file.

        The user, and a policy of that name, exist while the block runs.
        """
        self.call("CreateUser", UserName=name)
        document = json.dumps({"Version": "1", "Statement": statements})
        self.call("CreatePolicy", PolicyName=name, PolicyDocument=document)
        policy = {"PolicyType": "Custom", "PolicyName": name, "UserName": name}
        self.call("AttachPolicyToUser", **policy)
        key = self.call("CreateAccessKey", UserName=name)["AccessKey"]
        try:
            yield {
                "access_key_id": key["AccessKeyId"],
                "access_key_secret": key["AccessKeySecret"],
            }
        finally:
            self.call("DetachPolicyFromUser", **policy)
            self.call("DeleteUser", UserName=name)
            self.call("DeletePolicy", PolicyName=name, CascadingDelete="true")

    @contextmanager
    def without(self, policy: str, action: str, resource: str = "") -> Iterator[None]:
        """Remove an action from a policy while the block runs.

        Args:
            policy: the policy's name.
            action: the action, such as ``oss:ListObjects``.
            resource: limits this to statements with this text in one of their resources.
        """
        with self.replaced(policy, _without(self.document(policy), action, resource)):
            yield

    @contextmanager
    def replaced(self, policy: str, document: Document) -> Iterator[None]:
        """Replace a policy while the block runs."""
        deployed = self.document(policy)
        self.put(policy, document)
        try:
            yield
        finally:
            self.put(policy, deployed)

    def put(self, policy: str, document: Document) -> None:
        """Replace a policy."""
        self.call(
            "CreatePolicyVersion",
            PolicyName=policy,
            PolicyDocument=json.dumps(document),
            SetAsDefault="true",
            RotateStrategy="DeleteOldestNonDefaultVersionWhenLimitExceeded",
        )


def _without(document: Document, action: str, resource: str) -> Document:
    statements = []
    for statement in document["Statement"]:
        actions = list(statement["Action"])
        if action in actions and any(resource in arn for arn in statement["Resource"]):
            actions.remove(action)
        if actions:
            statements.append({**statement, "Action": actions})
    assert statements != document["Statement"], f"nothing grants {action} on {resource}"
    return {**document, "Statement": statements}

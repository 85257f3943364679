"""What the function that tells of the end of a run finds in its environment variables."""

from __future__ import annotations

from collections.abc import Mapping

import cdktf
from constructs import Construct

from infra.model import Environment
from infra.notify import secrets, settings


def telling_variables(scope: Construct, environment: Environment) -> Mapping[str, str]:
    """The function's variables, with a Terraform variable behind each that is a secret.

    A Terraform variable has no default: a deployment without its value is refused. It is marked as
    sensitive, so that no plan shows it; Terraform's state holds it all the same.

    Args:
        scope: the stack.
        environment: what is deployed.
    """
    account, region = environment.account, environment.region
    variables = {
        "ENVIRONMENT": environment.name,
        **settings(environment.notify, account=account, region=region),
    }
    for variable, name in secrets(environment.notify).items():
        secret = cdktf.TerraformVariable(
            scope,
            name,
            type="string",
            description=f"{variable} of notifyRun",
            sensitive=True,
            nullable=False,
        )
        variables[variable] = secret.string_value
    return variables

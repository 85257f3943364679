"""Policies that commands print, for the environments of each account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from oss_restore.cli.console import out, print_json

if TYPE_CHECKING:
    from infra.model.environment import Environment


def print_policies(
    environments: Iterable[Environment],
    policies_of: Callable[[Iterable[Environment]], tuple[str, ...]],
    *,
    as_json: bool,
) -> None:
    """Print the policies of each account, with headings if there are several.

    Args:
        environments: environments of any accounts.
        policies_of: makes the policies for environments of one account.
        as_json: whether to print one JSON object, by account.
    """
    ordered = sorted(environments, key=lambda environment: environment.account)
    policies = {
        account: policies_of(members)
        for account, members in groupby(ordered, lambda environment: environment.account)
    }
    if as_json:
        print_json(
            {account: [json.loads(text) for text in texts] for account, texts in policies.items()}
        )
        return
    single = [len(texts) for texts in policies.values()] == [1]
    for account, texts in policies.items():
        for number, text in enumerate(texts, 1):
            if not single:
                out.print_line(f"# --- account {account}, policy {number} of {len(texts)}")
            out.document(text + "\n")

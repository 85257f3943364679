"""Apps that are synthesized for tests, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cdktf

from infra.bundle import Bundle
from infra.flows import render_flows
from infra.model import Environment
from infra.stack import RestoreStack

# Stands in for one that is built: that its checksum changes with every line of code is not news.
BUNDLE = Bundle(Path("functions-python3.10.zip"), "11051210869376104954")

Json = Any


def synthesize(folder: Path, environments: Iterable[Environment]) -> None:
    """Writes the stacks of some environments into a folder, with a bundle in name only."""
    app = cdktf.App(outdir=str(folder))
    for environment in environments:
        RestoreStack(app, environment, BUNDLE, render_flows(environment))
    app.synth()


def stack(folder: Path, environment: Environment) -> Json:
    """Terraform's JSON of one environment's stack."""
    synthesize(folder, [environment])
    return json.loads(text(folder, environment))


def text(folder: Path, environment: Environment) -> str:
    """The same as it was written."""
    return (folder / "stacks" / environment.name / "cdk.tf.json").read_text(encoding="utf-8")


def resources(stack: Json) -> Iterator[tuple[str, str, Json]]:
    """Type, name and body of every resource."""
    for type_, named in stack["resource"].items():
        for name, body in named.items():
            yield type_, name, body

"""The CDKTF app: one stack per environment."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from infra.blueprint.deployment import blueprint
from infra.blueprint.flows import render_flows
from infra.bundle.build import Bundle, build_bundle
from infra.model.environment import Environment
from infra.model.generations import Runtime
from infra.synthesis.kit import cdktf
from infra.synthesis.stack import OUTDIR, RestoreStack


def build_app(environments: Iterable[Environment], outdir: Path) -> cdktf.App:
    """Build the app with a stack per environment; ``app.synth()`` writes it.

    The functions' zips go to the output folder too, which makes it complete: a pipeline can keep
    it, and plan and apply from it elsewhere.

    Args:
        environments: the environments to deploy.
        outdir: folder to synthesize to.

    Raises:
        PackagesError: the functions' packages could not be installed.
        InvalidFlowError: a flow cannot be deployed.
    """
    # Everything that can fail comes first: creating the app already writes files.
    deployments = [(environment, render_flows(environment)) for environment in environments]
    runtimes = {environment.runtime for environment, _ in deployments}
    bundles = {runtime: _bundle(runtime, outdir) for runtime in runtimes}
    app = cdktf.App(outdir=str(outdir))
    for environment, flows in deployments:
        bundle = bundles[environment.runtime]
        RestoreStack(app, environment, blueprint(environment, bundle, flows))
    return app


def _bundle(runtime: Runtime, outdir: Path) -> Bundle:
    """Build a runtime's bundle in the output folder, with a path relative to a stack's folder."""
    name = f"functions-{runtime}.zip"
    return Bundle(OUTDIR / name, build_bundle(runtime, outdir / name).checksum)

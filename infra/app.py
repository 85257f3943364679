"""The CDKTF app: one stack per environment."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cdktf

from infra.bundle import Bundle, build_bundle
from infra.flows import render_flows
from infra.model import Environment, Runtime
from infra.stack import RestoreStack


def build_app(environments: Iterable[Environment], outdir: Path) -> cdktf.App:
    """The app with a stack for each environment. ``app.synth()`` writes it.

    The functions' zips go into the output folder too, so that the folder is complete: a pipeline
    can keep it, and plan and apply from it elsewhere.

    Args:
        environments: what is deployed.
        outdir: folder to synthesize to.

    Raises:
        PackagesError: the functions' packages could not be installed.
        InvalidFlowError: a flow is not fit to be deployed.
    """
    # All flows before anything is written.
    deployments = [(environment, render_flows(environment)) for environment in environments]
    outdir.mkdir(parents=True, exist_ok=True)
    app = cdktf.App(outdir=str(outdir))
    bundles: dict[Runtime, Bundle] = {}
    for environment, flows in deployments:
        runtime = environment.runtime
        if runtime not in bundles:
            name = f"functions-{runtime}.zip"
            built = build_bundle(runtime, outdir / name)
            bundles[runtime] = Bundle(Path(name), built.checksum)
        RestoreStack(app, environment, bundles[runtime], flows)
    return app

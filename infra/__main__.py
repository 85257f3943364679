"""``python -m infra``: the command that cdktf runs to synthesize."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from pathlib import Path

from infra.blueprint.flows import InvalidFlowError
from infra.bundle.packages import PackagesError
from infra.environment_files import InvalidEnvironmentError, load_environments, selection
from infra.synthesis.kit import CdkLoadError


def main() -> int:
    """Synthesize the environments selected by OSS_RESTORE_ENV, or all; return the exit code.

    Prints errors without a traceback.
    """
    folder = Path(os.environ.get("OSS_RESTORE_ENVIRONMENTS") or "environments")
    outdir = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out")
    try:
        environments = load_environments(folder, selection(os.environ.get("OSS_RESTORE_ENV", "")))
        from infra.synthesis.app import build_app  # noqa: PLC0415 - slow; refuse invalid input first

        build_app(environments, outdir).synth()
    except (InvalidEnvironmentError, InvalidFlowError, CdkLoadError, PackagesError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    atexit.register(gc.freeze)  # or an eighth of the time goes into a last collection
    sys.exit(main())

"""``oss-restore ros-template``: print an environment as a ROS template."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import FILE, environment_argument, folder_option
from oss_restore.errors import OperatorError, UsageError
from oss_restore.installation import require_checkout
from oss_restore.language import gettext as _

EXAMPLES = ("oss-restore ros-template dev --bundle functions.zip > template.json",)


@command(EXAMPLES)
@environment_argument
@folder_option
@click.option("--bundle", type=FILE, help="Write the functions' zip to this file, to be uploaded.")
def ros_template(*, environment: str, folder: Path, bundle: Path | None) -> None:
    """Print the ROS template of an environment, to deploy it from the console."""
    require_checkout("oss-restore ros-template")
    from infra.blueprint.flows import InvalidFlowError
    from infra.bundle.build import build_bundle
    from infra.bundle.packages import PackagesError
    from infra.synthesis.ros_resources import NotInRosError
    from infra.synthesis.ros_template import TemplateTooLargeError, code_object
    from infra.synthesis.ros_template import ros_template as template_of
    from oss_restore.cli.console import err, out
    from oss_restore.clients.deployment import load_environment

    loaded = load_environment(environment, folder)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            built = build_bundle(loaded.runtime, bundle or Path(scratch) / "functions.zip")
        template = template_of(loaded, built)
    except InvalidFlowError as error:
        raise UsageError(*map(str, error.findings)) from error
    except (NotInRosError, PackagesError, TemplateTooLargeError) as error:
        raise OperatorError(str(error)) from error
    if bundle is not None:
        err.print_line(
            _("Upload {bundle} as {location}").format(
                bundle=bundle, location=code_object(loaded, built)
            )
        )
    out.document(json.dumps(template, indent=2, ensure_ascii=False) + "\n")

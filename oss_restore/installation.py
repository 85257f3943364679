"""What was installed: a checkout of the project, or its wheel, with or without the local cloud."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _

_ROOT: Final = Path(__file__).parents[1]


def checkout() -> Path | None:
    """The root of the checkout that this runs from; None where a wheel was installed."""
    return _ROOT if (_ROOT / "cdktf.json").is_file() else None


def require_checkout(command: str) -> None:
    """Checks that the project's own files are there.

    Raises:
        OperatorError: a wheel was installed, which has none of them.
    """
    if checkout() is None:
        raise OperatorError(
            _("{command} needs a checkout of the project: clone it, and run: make setup").format(
                command=command
            ),
            status=ExitStatus.USAGE,
        )


def require_local_cloud(command: str) -> None:
    """Checks that what the local cloud is built on was installed.

    Raises:
        OperatorError: it was not.
    """
    if find_spec("uvicorn") is None:
        raise OperatorError(
            _("{command} needs the local cloud: pip install 'oss-restore[local]'").format(
                command=command
            ),
            status=ExitStatus.USAGE,
        )

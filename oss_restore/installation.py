"""The kind of installation: a checkout or the wheel, with or without the local cloud."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

_ROOT: Final = Path(__file__).parents[1]


def checkout() -> Path | None:
    """Return the root of the checkout; None if the wheel is installed."""
    return _ROOT if (_ROOT / "cdktf.json").is_file() else None


def require_checkout(command: str) -> None:
    """Check that this is a checkout of the project.

    Raises:
        OperatorError: the wheel is installed.
    """
    if checkout() is None:
        raise UsageError(
            _("{command} needs a checkout of the project: clone it, and run: make setup").format(
                command=command
            )
        )


def require_local_cloud(command: str) -> None:
    """Check that the dependencies of the local cloud are installed.

    Raises:
        OperatorError: they are not.
    """
    if find_spec("grpc") is None:
        raise UsageError(
            _("{command} needs the local cloud: pip install 'oss-restore[local]'").format(
                command=command
            )
        )

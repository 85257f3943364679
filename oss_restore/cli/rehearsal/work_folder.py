"""The folder of a rehearsal: its logs and Terraform's state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud.work_folder import WorkFolder
from oss_restore.errors import OperatorError
from oss_restore.language import gettext as _


@contextmanager
def work_folder(keep: Path | None) -> Iterator[Path]:
    """Yield the folder.

    Args:
        keep: folder to use and keep; None for a temporary one, which is removed.

    Raises:
        OperatorError: the temporary folder cannot be created.
    """
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    work = WorkFolder()  # if the rehearsal is killed, the next local cloud removes it
    try:
        folder = work.path()
    except OSError as error:
        raise OperatorError(
            _("cannot create a temporary folder: {reason}").format(reason=error.strerror or error)
        ) from error
    try:
        yield folder
    finally:
        work.close()

"""The command line, run in this process as by a shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from oss_restore.cli.main import main


@dataclass(frozen=True)
class Finished:
    """The result of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document in the last line of stdout."""
        return json.loads(self.out.splitlines()[-1])


Cli = Callable[..., Finished]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return a function that runs a command, and raises unexpected exceptions."""
    for name in (
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "OSS_RESTORE_CLOUD",
        "OSS_RESTORE_LANG",
        "OSS_RESTORE_OUTPUTS",
        "OSS_RESTORE_PRICES",
        "OSS_RESTORE_ENV",
        "OSS_RESTORE_ENVIRONMENTS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*arguments: str) -> Finished:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        status = ended.value.code
        return Finished(status if isinstance(status, int) else 0, out, err)

    return run

"""Runs the real Terraform on configurations written as Python."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

Config = Mapping[str, object]
Resources = dict[str, Mapping[str, Config]]  # by type and name
REPLACED = ["delete", "create"]


@dataclass(frozen=True)
class Result:
    """The result of a command."""

    code: int
    text: str

    def refused(self) -> str:
        """Return the output of a command that was refused, on one line."""
        assert self.code == 1, self.text
        return " ".join(self.text.replace("│", " ").replace("╷", " ").replace("╵", " ").split())


class Terraform:
    """A Terraform working directory."""

    def __init__(self, binary: Path, directory: Path, environment: Mapping[str, str]) -> None:
        self.directory = directory
        self._binary = binary
        self._environment = environment
        self._initialized = False

    def write(self, **resources: Mapping[str, Config]) -> None:
        """Write a configuration of these resources, by type and name."""
        self.write_document({"resource": resources})

    def write_document(self, document: Config) -> None:
        """Write a whole configuration."""
        source = {"alicloud": {"source": "aliyun/alicloud", "version": "1.289.0"}}
        whole = {"terraform": {"required_providers": source}, **document}
        (self.directory / "main.tf.json").write_text(json.dumps(whole, indent=1))

    def run(self, *arguments: str) -> Result:
        """Run a command, after ``init`` if that was not run yet."""
        if not self._initialized:
            self._initialized = True
            assert self._run("init", "-input=false").code == 0
        return self._run(*arguments)

    def diagnostics(self) -> list[dict[str, Any]]:
        """Return the diagnostics of ``validate``."""
        shown = json.loads(self.run("validate", "-json").text)
        return cast("list[dict[str, Any]]", shown["diagnostics"])

    def apply(self, *plan: str) -> Result:
        """Apply the plan in a file, such as that of ``planned``, or by default a new one."""
        return self.run("apply", "-auto-approve", "-input=false", "-no-color", *plan)

    def applied(self, *plan: str) -> Result:
        """Apply, which must succeed."""
        result = self.apply(*plan)
        assert result.code == 0, result.text
        return result

    def destroy(self) -> Result:
        return self.run("destroy", "-auto-approve", "-input=false", "-no-color")

    def destroyed(self) -> None:
        """Destroy, which must succeed."""
        result = self.destroy()
        assert result.code == 0, result.text

    def plan(self) -> dict[str, list[str]]:
        """Return the planned actions by address, for resources that change."""
        return {
            change["address"]: change["change"]["actions"]
            for change in self.planned().get("resource_changes", [])
            if change["change"]["actions"] != ["no-op"]
        }

    def planned(self) -> dict[str, Any]:
        """Return the whole plan as Terraform's JSON."""
        result = self.run("plan", "-input=false", "-no-color", "-out=plan")
        assert result.code == 0, result.text
        return cast("dict[str, Any]", json.loads(self.run("show", "-json", "plan").text))

    def unchanged(self) -> bool:
        """Return whether a plan has no changes."""
        result = self.run("plan", "-input=false", "-no-color", "-detailed-exitcode")
        assert result.code in (0, 2), result.text
        return result.code == 0

    def state(self, address: str) -> dict[str, Any]:
        """Return the attributes of a resource or data source in the state."""
        shown = json.loads(self.run("show", "-json").text)
        resources = shown["values"]["root_module"]["resources"]
        return next(
            cast("dict[str, Any]", resource["values"])
            for resource in resources
            if resource["address"] == address
        )

    def _run(self, *arguments: str) -> Result:
        done = subprocess.run(
            [self._binary, *arguments],
            cwd=self.directory,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Result(done.returncode, done.stdout + done.stderr)

"""The outputs of a deployment, in any format that Terraform or CDKTF writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.model.user_files import FileError, parse_json, read_bytes
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

_STATE_FIELD = "terraform_version"  # distinguishes a state from outputs


class Outputs(BaseModel):
    """The outputs of a deployment, by the names in ``infra.model.names.OutputKey``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: str
    region: str
    main_flow: str
    service: str = ""
    function_arns: Mapping[str, str]
    report_bucket: str
    report_prefix: str
    version: str = ""


def read_outputs(path: Path, stack: str | None = None) -> Outputs:
    """Read a file of ``cdktf deploy --outputs-file``, ``terraform output -json``, or a state.

    Args:
        path: path of the file.
        stack: stack whose outputs to read; None for the only one in the file.

    Raises:
        OperatorError: the file cannot be read, or does not contain a deployment's outputs.
    """
    try:
        text = read_bytes(path)
    except FileError as error:
        raise UsageError(
            _("cannot read the outputs in {path}: {reason}").format(path=path, reason=error.reason),
            hint=_(
                "write them with `cdktf deploy --outputs-file FILE`, or "
                "`terraform output -json > FILE`"
            ),
        ) from error
    return parse_outputs(text, str(path), stack)


def parse_outputs(text: bytes, name: str, stack: str | None = None) -> Outputs:
    """Parse the outputs in such a file.

    Args:
        text: content of the file.
        name: path of the file, for the message.
        stack: stack whose outputs to parse; None for the only one in the file.

    Raises:
        OperatorError: the text does not contain a deployment's outputs.
    """
    try:
        return Outputs.model_validate(_plain(parse_json(text, Path(name)), stack))
    except ValidationError as error:
        missing = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        reason = f"{missing}: {error.errors()[0]['msg']}"
    except FileError as error:
        reason = error.reason
    except (ValueError, LookupError) as error:
        reason = str(error)
    raise UsageError(
        _("{path} does not contain the outputs of a deployment: {reason}").format(
            path=name, reason=reason
        ),
        hint=_(
            "write them with `cdktf deploy --outputs-file FILE`, or `terraform output -json > FILE`"
        ),
    )


def is_empty_state(text: bytes) -> bool:
    """Return whether a text is a state without outputs, as before the first deployment."""
    try:
        document = parse_json(text, Path("state"))
    except FileError:
        return False  # parse_outputs reports the reason
    return isinstance(document, dict) and _STATE_FIELD in document and not document.get("outputs")


def _plain(document: object, stack: str | None) -> Mapping[str, object]:
    """Return the values by name, from any of the formats."""
    if not isinstance(document, dict):
        raise ValueError(_("not a JSON object"))  # noqa: TRY004 - callers handle malformed text as one - reported like any other fault
    if _STATE_FIELD in document:
        document = document["outputs"]
    elif stack in document:
        document = document[stack]
    elif stack is None and len(document) == 1:
        (document,) = document.values()
    if not isinstance(document, dict):
        raise ValueError(_("not a JSON object"))  # noqa: TRY004 - callers handle malformed text as one
    return {
        name: value["value"] if isinstance(value, dict) and "value" in value else value
        for name, value in document.items()
    }

"""aliyun-fc2: every operation is called, or listed as unsupported with a reason."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator
from pathlib import Path

import fc2
import pytest
from syrupy.assertion import SnapshotAssertion

from localcloud.fc.fc2_routes import UNSUPPORTED
from tests.localcloud.fc.support import ECHO, zipped
from tests.localcloud.fc.test_fc2_api import an_sdk
from tests.localcloud.sdk_operations import RecordedClient

# The SDK does not close the zip that it reads.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*zip:ResourceWarning")

REASONS = {entry.feature: entry.reason for entry in UNSUPPORTED}
# These ignore a refusal: the SDK opens a websocket, or returns any response as it is.
OF_ANOTHER_KIND = {"instance_exec", "websocket", "do_http_request"}
OPERATIONS = {
    name
    for name, _ in inspect.getmembers(fc2.Client, inspect.isfunction)
    if not name.startswith("_") and name not in OF_ANOTHER_KIND
}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Silence the SDK, which logs every error, keys included, on the root logger."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def any_arguments(operation: str) -> list[object]:
    """Return strings, or objects with names, for the required arguments of an operation."""
    parameters = inspect.signature(getattr(fc2.Client, operation)).parameters.values()
    return [
        {} if parameter.name in ("triggerConfig", "asyncConfig") else "x"
        for parameter in parameters
        if parameter.default is inspect.Parameter.empty and parameter.name != "self"
    ]


async def test_every_operation_is_called_or_refused_as_unsupported(
    snapshot: SnapshotAssertion, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(zipped(ECHO))
    async with an_sdk() as sdk:
        api = RecordedClient(sdk.client)
        await api("get_account_settings")
        await api("create_service", "s")
        await api("update_service", "s", description="d")
        assert (await api("get_service", "s")).data["description"] == "d"
        assert len((await api("list_services")).data["services"]) == 1
        assert (await api("list_versions", "s")).data["versions"] == []
        assert (await api("list_aliases", "s")).data["aliases"] == []
        await api("tag_resource", "services/s", {"team": "storage", "made": "here"})
        await api("untag_resource", "services/s", ["made"])
        tags = (await api("get_resource_tags", "services/s")).data
        assert tags["tags"] == {"team": "storage"}
        assert tags["resourceArn"] == "acs:fc:cn-hangzhou:1234567890123456:services/s"
        await api(
            *("create_function", "s", "f", "python3.10", "index.handler"), codeZipFile=str(bundle)
        )
        await api("update_function", "s", "f", description="d")
        assert (await api("get_function", "s", "f")).data["instanceType"] == "e1"
        assert len((await api("list_functions", "s")).data["functions"]) == 1
        assert (await api("get_function_code", "s", "f")).data["url"]
        assert (await api("invoke_function", "s", "f", payload=b"1")).data == b'{"event": "1"}'
        await api("delete_function", "s", "f")
        await api("delete_service", "s")

        unsupported = {}
        for operation in sorted(OPERATIONS - api.called):
            refused = await sdk.refusal(operation, *any_arguments(operation))
            assert (refused.err_code, refused.status_code) == ("PathNotSupported", 400), operation
            unsupported[operation] = next(
                (
                    f"{name}: {why}"
                    for name, why in REASONS.items()
                    if f": {name} are not supported, {why}" in refused.message
                ),
                "",
            )
        assert all(unsupported.values())
        assert snapshot == {
            "operations": len(OPERATIONS),
            "called": len(api.called),
            "unsupported": unsupported,
        }


async def test_a_call_by_an_http_trigger_is_refused_with_an_alternative() -> None:
    async with an_sdk() as sdk:
        answer = await sdk("do_http_request", "GET", "s", "f", "/")
        assert answer.status_code == 400
        assert "HTTP triggers are not supported, invoke the function" in answer.text


async def test_only_services_have_tags() -> None:
    async with an_sdk() as sdk:
        refused = await sdk.refusal("tag_resource", "services/s/functions/f", {"a": "b"})
        assert (refused.err_code, refused.status_code) == ("InvalidArgument", 400)
        refused = await sdk.refusal("get_resource_tags", "services/s")
        assert (refused.err_code, refused.status_code) == ("ServiceNotFound", 404)

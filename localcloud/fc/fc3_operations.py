"""The operations of API version 2023-03-30: who may, what is done, what is answered.

What RAM is asked about is the function's ARN; for making and listing functions, that of all of them
(published sample policies).
"""

from __future__ import annotations

from localcloud.errors import CloudError
from localcloud.fc.api_call import ApiCall, Json, json_answer, object_answer
from localcloud.fc.fc3_wire import Fc3FunctionBody, fc3_function_json
from localcloud.fc.model import Fc3Config, Fc3Function
from localcloud.fc.wire import read_body
from localcloud.http import Response

_ALL = "functions/*"


async def create_function(call: ApiCall) -> Response:
    """``POST /functions``."""
    body = read_body(Fc3FunctionBody, call.body)
    call.authorize_here("fc:CreateFunction", _ALL)
    code = _code(call, body)
    if code is None:
        raise CloudError("InvalidArgument", "code is missing")
    config = body.applied_to_fc3(Fc3Config(handler="", runtime=""))
    call.authorize_pass_role(config.role)
    return object_answer(_shown(call, call.fc.functions.create(body.function_name, config, code)))


async def list_functions(call: ApiCall) -> Response:
    """``GET /functions``: those of FC 3.0."""
    call.authorize_here("fc:ListFunctions", _ALL)
    page, following = call.page(call.fc.functions)
    return json_answer(
        {"functions": [_shown(call, call.fc.functions[name]) for name in page]} | following
    )


async def get_function(call: ApiCall) -> Response:
    """``GET /functions/F``."""
    return object_answer(_shown(call, _function(call, "fc:GetFunction")))


async def update_function(call: ApiCall) -> Response:
    """``PUT /functions/F``."""
    function = _function(call, "fc:UpdateFunction")
    call.check_etag(_shown(call, function))
    body = read_body(Fc3FunctionBody, call.body)
    config = body.applied_to_fc3(function.config)
    if config.role != function.config.role:
        call.authorize_pass_role(config.role)
    updated = call.fc.functions.update(call.function, config, _code(call, body))
    return object_answer(_shown(call, updated))


async def delete_function(call: ApiCall) -> Response:
    """``DELETE /functions/F``."""
    call.check_etag(_shown(call, _function(call, "fc:DeleteFunction")))
    call.fc.functions.delete(call.function)
    return Response(204)


async def get_function_code(call: ApiCall) -> Response:
    """``GET /functions/F/code``."""
    checksum = _function(call, "fc:GetFunctionCode").code_checksum
    return json_answer({"url": call.download_url(checksum), "checksum": checksum})


async def invoke_function(call: ApiCall) -> Response:
    """``POST /functions/F/invocations``."""
    return await call.invoke()


def _function(call: ApiCall, action: str) -> Fc3Function:
    call.authorize_here(action, f"functions/{call.function}")
    call.fc.functions.check_qualifier(call.function, call.qualifier)
    return call.fc.functions.find(call.function)


def _code(call: ApiCall, body: Fc3FunctionBody) -> bytes | None:
    code = call.code(body.code)
    if code is not None and body.code is not None:
        body.code.check(code)
    return code


def _shown(call: ApiCall, function: Fc3Function) -> Json:
    return fc3_function_json(function, call.fc.arn(f"functions/{function.name}"))

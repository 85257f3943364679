"""The operations of API version 2023-03-30: authorization, execution and response.

The RAM resource is the function's ARN; to create and list functions, it is the ARN of all functions
(published sample policies).
"""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from localcloud.errors import CloudError
from localcloud.fc.api_call import ApiCall, Json, object_response
from localcloud.fc.bodies import read_body
from localcloud.fc.fc3_wire import (
    Fc3CreateBody,
    Fc3FunctionBody,
    TagResourcesBody,
    fc3_function_json,
)
from localcloud.fc.model import Fc3Config, Fc3Function
from localcloud.fc.routing import route
from localcloud.http import Response, json_response

_FUNCTION = "/functions/{function}"
_TAGS = "/tags-v2"
_ALL = "functions/*"
_TYPE = "function"
_VERSION = "v3"
_TEXTS = TypeAdapter(list[str])


@route("CreateFunction", "POST", "/functions", body=Fc3CreateBody)
async def create_function(call: ApiCall) -> Response:
    """Create a function."""
    body = read_body(Fc3CreateBody, call.body)
    call.authorize_here("fc:CreateFunction", _ALL)
    code = _code(call, body)
    if code is None:
        raise CloudError("InvalidArgument", "code is missing")
    config = body.applied_to(Fc3Config(handler="", runtime=""))
    call.authorize_pass_role(config.role)
    function = call.fc.functions.create(body.function_name or "", config, code)
    function.tags |= {tag.key: tag.value for tag in body.tags or ()}
    return object_response(_shown(call, function))


@route("ListFunctions", "GET", "/functions", query="limit nextToken prefix fcVersion")
async def list_functions(call: ApiCall) -> Response:
    """List functions."""
    call.authorize_here("fc:ListFunctions", _ALL)
    if call.query.get("fcVersion", _VERSION) != _VERSION:
        raise CloudError("InvalidArgument", f"fcVersion: only functions of {_VERSION} are listed")
    page, following = call.page(call.fc.functions)
    return json_response(
        {"functions": [_shown(call, call.fc.functions[name]) for name in page]} | following
    )


@route("GetFunction", "GET", _FUNCTION, query="qualifier")
async def get_function(call: ApiCall) -> Response:
    """Return a function."""
    return object_response(_shown(call, _function(call, "fc:GetFunction")))


@route("UpdateFunction", "PUT", _FUNCTION, headers="if-match", body=Fc3FunctionBody)
async def update_function(call: ApiCall) -> Response:
    """Update a function."""
    function = _function(call, "fc:UpdateFunction")
    call.check_etag(_shown(call, function))
    body = read_body(Fc3FunctionBody, call.body)
    config = body.applied_to(function.config)
    if config.role != function.config.role:
        call.authorize_pass_role(config.role)
    updated = call.fc.functions.update(call.function, config, _code(call, body))
    return object_response(_shown(call, updated))


@route("DeleteFunction", "DELETE", _FUNCTION, headers="if-match")
async def delete_function(call: ApiCall) -> Response:
    """Delete a function."""
    call.check_etag(_shown(call, _function(call, "fc:DeleteFunction")))
    call.fc.functions.delete(call.function)
    return Response(204)


@route("GetFunctionCode", "GET", f"{_FUNCTION}/code", query="qualifier")
async def get_function_code(call: ApiCall) -> Response:
    """Return a function's code."""
    checksum = _function(call, "fc:GetFunctionCode").code_checksum
    return json_response({"url": call.download_url(checksum), "checksum": checksum})


@route(
    "InvokeFunction",
    "POST",
    f"{_FUNCTION}/invocations",
    query="qualifier",
    headers="x-fc-invocation-type x-fc-log-type",
)
async def invoke_function(call: ApiCall) -> Response:
    """Invoke a function."""
    return await call.invoke()


@route("TagResources", "POST", _TAGS, body=TagResourcesBody)
async def tag_resources(call: ApiCall) -> Response:
    """Tag functions."""
    body = read_body(TagResourcesBody, call.body)
    for function in _tagged(call, "fc:TagResources", body.resource_ids):
        function.tags |= {tag.key: tag.value for tag in body.tags}
    return json_response({})


@route("UntagResources", "DELETE", _TAGS, query="ResourceType ResourceId TagKey All")
async def untag_resources(call: ApiCall) -> Response:
    """Remove tags of functions."""
    keys = _texts(call, "TagKey")
    every = call.query.get("All", "").lower() == "true"
    for function in _tagged(call, "fc:UntagResources", _texts(call, "ResourceId")):
        for key in list(function.tags) if every else keys:
            function.tags.pop(key, None)
    return json_response({})


@route("ListTagResources", "GET", _TAGS, query="ResourceType ResourceId")
async def list_tag_resources(call: ApiCall) -> Response:
    """List the tags of functions."""
    functions = _tagged(call, "fc:ListTagResources", _texts(call, "ResourceId"))
    resources = [
        {
            "ResourceId": call.fc.arn(f"functions/{function.name}"),
            "ResourceType": _TYPE,
            "TagKey": key,
            "TagValue": value,
        }
        for function in functions
        for key, value in sorted(function.tags.items())
    ]
    return json_response({"TagResources": resources})


def _texts(call: ApiCall, name: str) -> list[str]:
    """Return a parameter that is a JSON list of strings."""
    try:
        return _TEXTS.validate_json(call.query.get(name) or "[]")
    except ValidationError as error:
        raise CloudError("InvalidArgument", f"{name} is not a JSON list of strings") from error


def _tagged(call: ApiCall, action: str, arns: list[str]) -> list[Fc3Function]:
    if call.query.get("ResourceType", _TYPE) != _TYPE:
        raise CloudError("InvalidArgument", f"ResourceType: only a {_TYPE} can have tags here")
    if not arns:
        raise CloudError("InvalidArgument", "ResourceId: name the functions")
    functions = []
    for arn in arns:
        resource = call.resource_of(arn)
        name = resource.removeprefix("functions/")
        call.authorize_here(action, f"functions/{name}")
        functions.append(call.fc.functions.find(name))
    return functions


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

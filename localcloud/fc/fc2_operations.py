"""The operations of API version 2016-08-15: authorization, execution and response."""

from __future__ import annotations

from localcloud.errors import CloudError
from localcloud.fc import fc2_wire as wire
from localcloud.fc.api_call import ApiCall, object_response
from localcloud.fc.bodies import read_body
from localcloud.fc.code import code_checksum
from localcloud.fc.model import Function, FunctionSettings, Service, ServiceConfig
from localcloud.fc.routing import route
from localcloud.http import Response, json_response

_SERVICE = "/services/{service}"
_QUALIFIED = "/services/{service}[.{qualifier}]"
_FUNCTION = "/functions/{function}"
_PAGE = "limit nextToken prefix startKey"


@route("GetAccountSettings", "GET", "/account-settings")
async def get_account_settings(call: ApiCall) -> Response:
    """Return the account's settings."""
    call.authorize_here("fc:GetAccountSettings", "account-settings")
    return json_response({"availableAZs": [f"{call.fc.region}-a"]})


@route("CreateService", "POST", "/services", body=wire.ServiceBody)
async def create_service(call: ApiCall) -> Response:
    """Create a service."""
    body = read_body(wire.ServiceBody, call.body)
    call.authorize_here("fc:CreateService", "services/*")
    config = body.applied_to(ServiceConfig())
    call.authorize_pass_role(config.role)
    service = call.fc.services.create(body.service_name or "", config)
    return object_response(wire.service_json(service))


@route("ListServices", "GET", "/services", query=_PAGE)
async def list_services(call: ApiCall) -> Response:
    """List services."""
    call.authorize_here("fc:ListServices", "services/*")
    page, following = call.page(call.fc.services)
    services = [wire.service_json(call.fc.services[name]) for name in page]
    return json_response({"services": services} | following)


@route("GetService", "GET", _QUALIFIED)
async def get_service(call: ApiCall) -> Response:
    """Return a service."""
    return object_response(wire.service_json(_service(call, "fc:GetService")))


@route("UpdateService", "PUT", _SERVICE, headers="if-match", body=wire.ServiceBody)
async def update_service(call: ApiCall) -> Response:
    """Update a service."""
    service = _service(call, "fc:UpdateService")
    call.check_etag(wire.service_json(service))
    config = read_body(wire.ServiceBody, call.body).applied_to(service.config)
    if config.role != service.config.role:
        call.authorize_pass_role(config.role)
    return object_response(wire.service_json(call.fc.services.update(call.service, config)))


@route("DeleteService", "DELETE", _SERVICE, headers="if-match")
async def delete_service(call: ApiCall) -> Response:
    """Delete a service."""
    call.check_etag(wire.service_json(_service(call, "fc:DeleteService")))
    call.fc.services.delete(call.service)
    return Response(204)


@route(
    "ListServiceVersions", "GET", f"{_SERVICE}/versions", query="limit nextToken startKey direction"
)
async def list_versions(call: ApiCall) -> Response:
    """Return no versions of a service."""
    _service(call, "fc:ListServiceVersions")
    return json_response({"versions": []})


@route("ListAliases", "GET", f"{_SERVICE}/aliases", query=_PAGE)
async def list_aliases(call: ApiCall) -> Response:
    """Return no aliases of a service."""
    _service(call, "fc:ListAliases")
    return json_response({"aliases": []})


@route(
    "CreateFunction",
    "POST",
    f"{_SERVICE}/functions",
    headers="x-fc-code-checksum",
    body=wire.Fc2FunctionBody,
)
async def create_function(call: ApiCall) -> Response:
    """Create a function."""
    body = read_body(wire.Fc2FunctionBody, call.body)
    call.authorize_here("fc:CreateFunction", f"services/{call.service}/functions/*")
    code = _code(call, body)
    if code is None:
        raise CloudError("InvalidArgument", "code is missing")
    config = body.applied_to(FunctionSettings(handler="", runtime=""))
    function = call.fc.services.create_function(
        call.service, body.function_name or "", config, code
    )
    return object_response(wire.function_json(function))


@route("ListFunctions", "GET", f"{_QUALIFIED}/functions", query=_PAGE)
async def list_functions(call: ApiCall) -> Response:
    """List functions."""
    call.authorize_here("fc:ListFunctions", f"services/{call.service}/functions/*")
    call.fc.services.check_qualifier(call.service, call.qualifier)
    functions = call.fc.services.find(call.service).functions
    page, following = call.page(functions)
    listed = [wire.function_json(functions[name]) for name in page]
    return json_response({"functions": listed} | following)


@route("GetFunction", "GET", _QUALIFIED + _FUNCTION)
async def get_function(call: ApiCall) -> Response:
    """Return a function."""
    return object_response(wire.function_json(_function(call, "fc:GetFunction")))


@route(
    "UpdateFunction",
    "PUT",
    _SERVICE + _FUNCTION,
    headers="if-match x-fc-code-checksum",
    body=wire.Fc2FunctionBody,
)
async def update_function(call: ApiCall) -> Response:
    """Update a function."""
    function = _function(call, "fc:UpdateFunction")
    call.check_etag(wire.function_json(function))
    body = read_body(wire.Fc2FunctionBody, call.body)
    config = body.applied_to(function.config)
    updated = call.fc.services.update_function(
        call.service, call.function, config, _code(call, body)
    )
    return object_response(wire.function_json(updated))


@route("DeleteFunction", "DELETE", _SERVICE + _FUNCTION, headers="if-match")
async def delete_function(call: ApiCall) -> Response:
    """Delete a function."""
    call.check_etag(wire.function_json(_function(call, "fc:DeleteFunction")))
    call.fc.services.delete_function(call.service, call.function)
    return Response(204)


@route("GetFunctionCode", "GET", f"{_QUALIFIED}{_FUNCTION}/code")
async def get_function_code(call: ApiCall) -> Response:
    """Return a function's code."""
    checksum = _function(call, "fc:GetFunctionCode").code_checksum
    return json_response({"url": call.download_url(checksum), "checksum": checksum})


@route(
    "InvokeFunction",
    "POST",
    f"{_QUALIFIED}{_FUNCTION}/invocations",
    headers="x-fc-invocation-type x-fc-log-type",
)
async def invoke_function(call: ApiCall) -> Response:
    """Invoke a function."""
    return await call.invoke()


@route("TagResource", "POST", "/tag", body=wire.TagBody)
async def tag_resource(call: ApiCall) -> Response:
    """Tag a service."""
    body = read_body(wire.TagBody, call.body)
    _tagged(call, "fc:TagResource", body.resource_arn).tags |= body.tags
    return json_response({})


@route("UntagResource", "DELETE", "/tag", body=wire.UntagBody)
async def untag_resource(call: ApiCall) -> Response:
    """Remove tags of a service."""
    body = read_body(wire.UntagBody, call.body)
    tags = _tagged(call, "fc:UnTagResource", body.resource_arn).tags
    for key in list(tags) if body.all else body.tag_keys or ():
        tags.pop(key, None)
    return json_response({})


@route("GetResourceTags", "GET", "/tag", query="resourceArn")
async def get_resource_tags(call: ApiCall) -> Response:
    """Return the tags of a service."""
    arn = call.query.get("resourceArn", "")
    service = _tagged(call, "fc:GetResourceTags", arn)
    arn = call.fc.arn(f"services/{service.name}")
    return json_response({"resourceArn": arn, "tags": dict(service.tags)})


def _code(call: ApiCall, body: wire.Fc2FunctionBody) -> bytes | None:
    """Return a request's zip; refuse it if it does not match the checksum in a header."""
    code = call.code(body.code)
    checksum = call.headers.get("x-fc-code-checksum", "")
    if code is not None and checksum not in ("", code_checksum(code)):
        message = f"the code's checksum is {code_checksum(code)}, not {checksum}"
        raise CloudError("InvalidArgument", message)
    return code


def _tagged(call: ApiCall, action: str, arn: str) -> Service:
    resource = call.resource_of(arn)
    call.authorize_here(action, resource)
    kind, _, name = resource.partition("/")
    if kind != "services" or "/" in name:
        raise CloudError(
            "InvalidArgument", f"{arn!r} is not a service, and only services have tags"
        )
    return call.fc.services.find(name)


def _service(call: ApiCall, action: str) -> Service:
    call.authorize_here(action, f"services/{call.service}")
    call.fc.services.check_qualifier(call.service, call.qualifier)
    return call.fc.services.find(call.service)


def _function(call: ApiCall, action: str) -> Function:
    call.authorize_here(action, f"services/{call.service}/functions/{call.function}")
    call.fc.services.check_qualifier(call.service, call.qualifier)
    return call.fc.services.function(call.service, call.function)

"""Responses of the control API: JSON documents, and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from localcloud.errors import CloudError

JSON: Final = "application/json"


def json_response(document: Mapping[str, object], status: int = 200) -> Response:
    """Return a document as a response."""
    return Response(orjson.dumps(document), status, media_type=JSON)


def refusal(status: int, code: str, message: str) -> Response:
    """Return an error as a response."""
    return json_response({"error": code, "message": message}, status)


async def refuse_call(_: Request, error: Exception) -> Response:
    """Return the error of a call."""
    assert isinstance(error, CloudError)
    return refusal(error.status, error.code, error.message)


async def refuse_document(_: Request, error: Exception) -> Response:
    """Return the problems of a document that is not valid."""
    assert isinstance(error, ValidationError)
    faults = error.errors(include_url=False, include_input=False)
    problems = "; ".join(f"{'.'.join(map(str, f['loc'])) or 'body'}: {f['msg']}" for f in faults)
    return refusal(400, "InvalidArgument", problems)


async def refuse_path(request: Request, error: Exception) -> Response:
    """Return that there is no such call."""
    assert isinstance(error, HTTPException)
    return refusal(error.status_code, "NotFound", f"no {request.method} {request.url.path} here")

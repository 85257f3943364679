"""The supported operations of Log Service's API.

Field names are from alibabacloud-sls20201230 5.15.1.
"""

from __future__ import annotations

from dataclasses import replace

import orjson
from pydantic import TypeAdapter, ValidationError

from localcloud.errors import CloudError
from localcloud.http import Response, json_response
from localcloud.sls.bodies import (
    CreateProjectBody,
    DashboardBody,
    IndexBody,
    LogstoreBody,
    MeteringModeBody,
    TagProjectsBody,
    UntagProjectsBody,
    UpdateProjectBody,
)
from localcloud.sls.call import SlsCall, done
from localcloud.sls.model import Index, Logstore, Project

_NAMES = TypeAdapter(list[str])


def create_project(call: SlsCall) -> Response:
    body = call.read(CreateProjectBody)
    if call.is_taken(body.project_name):  # names are unique across all accounts and regions
        raise CloudError("ProjectAlreadyExist", f"project {body.project_name} already exists")
    call.service.create_project(body.project_name, body.description)
    return done()


def get_project(call: SlsCall) -> Response:
    return json_response(_project(call, call.service.project(call.project)))


def list_projects(call: SlsCall) -> Response:
    substring = call.query.get("projectName", "")
    matches = [
        project for name, project in sorted(call.service.projects.items()) if substring in name
    ]
    page, counts = call.page(matches)
    return json_response({**counts, "projects": [_project(call, project) for project in page]})


def update_project(call: SlsCall) -> Response:
    call.service.update_project(call.project, call.read(UpdateProjectBody).description)
    return done()


def delete_project(call: SlsCall) -> Response:
    call.service.delete_project(call.project)
    return done()


def get_project_policy(call: SlsCall) -> Response:
    """Respond with an empty policy: projects here have none."""
    call.service.project(call.project)
    return done()


def projects_in_query(call: SlsCall) -> list[str]:
    """Return the projects whose tags ListTagResources requests."""
    if call.query.get("resourceType", "").lower() != "project":
        raise CloudError("ParameterInvalid", "resourceType: only projects have tags here")
    try:
        return _NAMES.validate_json(call.query.get("resourceId", ""))
    except ValidationError as error:
        raise CloudError("ParameterInvalid", "resourceId is not a JSON list of names") from error


def tag_resources(call: SlsCall) -> Response:
    body = call.read(TagProjectsBody)
    for name in body.resource_id:
        call.service.project(name).tags |= body.by_key
    return done()


def untag_resources(call: SlsCall) -> Response:
    body = call.read(UntagProjectsBody)
    for name in body.resource_id:
        project = call.service.project(name)
        keys = project.tags.keys() if body.all else body.tags
        project.tags = {key: value for key, value in project.tags.items() if key not in keys}
    return done()


def list_tag_resources(call: SlsCall) -> Response:
    matches = [
        {"resourceType": "project", "resourceId": name, "tagKey": key, "tagValue": value}
        for name in projects_in_query(call)
        for key, value in call.service.project(name).tags.items()
    ]
    return json_response({"nextToken": "", "tagResources": matches})


def create_logstore(call: SlsCall) -> Response:
    body = call.read(LogstoreBody)
    if body.ttl is None:
        raise CloudError("ParameterInvalid", "ttl is missing")
    logstore = call.service.create_logstore(
        call.project,
        body.logstore_name,
        ttl=body.ttl,
        shard_count=2 if body.shard_count is None else body.shard_count,
    )
    logstore.options = replace(logstore.options, **body.options)
    return done()


def get_logstore(call: SlsCall) -> Response:
    return json_response(_logstore(_logstore_in_path(call)))


def list_logstores(call: SlsCall) -> Response:
    substring = call.query.get("logstoreName", "")
    logstores = sorted(call.service.project(call.project).logstores)
    page, counts = call.page([name for name in logstores if substring in name])
    return json_response({**counts, "logstores": page})


def update_logstore(call: SlsCall) -> Response:
    body, logstore = call.read(LogstoreBody), _logstore_in_path(call)
    if body.ttl is not None:
        call.service.update_logstore(call.project, call.logstore, ttl=body.ttl)
    logstore.options = replace(logstore.options, **body.options)
    return done()


def delete_logstore(call: SlsCall) -> Response:
    call.service.delete_logstore(call.project, call.logstore)
    return done()


def list_shards(call: SlsCall) -> Response:
    logstore = _logstore_in_path(call)
    return json_response(
        [
            {
                "shardID": shard.id,
                "status": "readwrite",
                "inclusiveBeginKey": shard.begin,
                "exclusiveEndKey": shard.end,
                "createTime": int(logstore.created_at),
            }
            for shard in logstore.shards
        ]
    )


def get_metering_mode(call: SlsCall) -> Response:
    return json_response({"meteringMode": _logstore_in_path(call).options.metering_mode})


def update_metering_mode(call: SlsCall) -> Response:
    logstore, mode = _logstore_in_path(call), call.read(MeteringModeBody).metering_mode
    logstore.options = replace(logstore.options, metering_mode=mode)
    return done()


def create_index(call: SlsCall) -> Response:
    call.service.create_index(call.project, call.logstore, call.read(IndexBody).index)
    return done()


def get_index(call: SlsCall) -> Response:
    index = call.service.index(call.project, call.logstore)
    return json_response(
        {
            **orjson.loads(index.definition or _definition(index)),
            "index_mode": "v2",
            "storage": "pg",
            "ttl": _logstore_in_path(call).ttl,
            "lastModifyTime": int(_logstore_in_path(call).created_at),
        }
    )


def update_index(call: SlsCall) -> Response:
    call.service.update_index(call.project, call.logstore, call.read(IndexBody).index)
    return done()


def delete_index(call: SlsCall) -> Response:
    call.service.delete_index(call.project, call.logstore)
    return done()


def create_dashboard(call: SlsCall) -> Response:
    call.service.create_dashboard(call.project, call.read(DashboardBody).dashboard)
    return done()


def get_dashboard(call: SlsCall) -> Response:
    dashboard = call.service.dashboard(call.project, call.names["dashboard"])
    return json_response(
        {
            "dashboardName": dashboard.name,
            "displayName": dashboard.display_name,
            "description": dashboard.description,
            "attribute": orjson.loads(dashboard.attribute),
            "charts": orjson.loads(dashboard.charts),
        }
    )


def update_dashboard(call: SlsCall) -> Response:
    dashboard = call.read(DashboardBody).dashboard
    if dashboard.name != call.names["dashboard"]:
        raise CloudError("ParameterInvalid", "dashboardName does not match the path")
    call.service.update_dashboard(call.project, dashboard)
    return done()


def delete_dashboard(call: SlsCall) -> Response:
    call.service.delete_dashboard(call.project, call.names["dashboard"])
    return done()


def _logstore_in_path(call: SlsCall) -> Logstore:
    return call.service.logstore(call.project, call.logstore)


def _project(call: SlsCall, project: Project) -> dict[str, object]:
    return {
        "projectName": project.name,
        "description": project.description,
        "owner": call.account_id,
        "region": call.region,
        "status": "Normal",
        "createTime": str(int(project.created_at)),
        "lastModifyTime": str(int(project.created_at)),
        "dataRedundancyType": "LRS",
        "resourceGroupId": "",
    }


def _logstore(logstore: Logstore) -> dict[str, object]:
    options = logstore.options
    body: dict[str, object] = {
        "logstoreName": logstore.name,
        "ttl": logstore.ttl,
        "shardCount": logstore.shard_count,
        "autoSplit": options.auto_split,
        "maxSplitShard": options.max_split_shard,
        "appendMeta": options.append_meta,
        "enable_tracking": options.enable_tracking,
        "mode": options.mode,
        "telemetryType": options.telemetry_type,
        "createTime": int(logstore.created_at),
        "lastModifyTime": int(logstore.created_at),
    }
    if options.hot_ttl is not None:
        body["hot_ttl"] = options.hot_ttl
    if options.infrequent_access_ttl is not None:
        body["infrequentAccessTTL"] = options.infrequent_access_ttl
    return body


def _definition(index: Index) -> bytes:
    """Return the definition of an index that was not created through the API."""
    line = {"line": {"token": [], "caseSensitive": False, "chn": False}} if index.full_text else {}
    keys: dict[str, object] = {
        name: {"type": field.type, "caseSensitive": field.case_sensitive, "token": []}
        for name, field in index.fields.items()
    }
    return orjson.dumps({**line, "keys": keys})

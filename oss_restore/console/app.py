"""The console's pages, and the endpoints from which they get their data."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from fdl.graph.svg import STYLE
from oss_restore.clients.workflow import FlowNotFoundError, RunNotFoundError
from oss_restore.console.documents import presentable
from oss_restore.console.executions import StatusFilter
from oss_restore.console.feeds import Document, Feed, Feeds, FeedSource, Reading, Update
from oss_restore.errors import ExitStatus, OperatorError, UsageError
from oss_restore.language import LANGUAGES, Language, current_language, speaking

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Action: TypeAlias = Callable[[str, Document], Document]

STATIC: Final = Path(__file__).with_name("static")
_GIVEN: Final = TypeAdapter(dict[str, object])
_LANGUAGE_COOKIE: Final = "oss-restore-language"  # set by the page
_PING_SECONDS: Final = 15.0
_RETRY_MILLISECONDS: Final = 1_000
_EXECUTION: Final = "/flows/{flow}/{execution}"
_PAGES: Final = ("/", "/runs/{run}", _EXECUTION, "/cloud")


class LocalCloudView(Protocol):
    """A local cloud, and the objects in its buckets."""

    @property
    def pause_seconds(self) -> float: ...

    def read(self) -> Reading: ...

    def objects(self, bucket: str, after: str) -> Document: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Views:
    """The sources of the pages' data.

    Attributes:
        page: returns the data that every page starts with.
        runs: returns the source of the last runs.
        earlier_runs: returns the runs that were started before a moment.
        run: returns the source of a run, given its name.
        execution: returns the source of an execution, given the names of its flow and its own.
        picture: returns the picture of a flow as SVG; empty if there is none.
        step: returns visits to a step, given flow, execution, status, event before which the
            visits were entered, and step.
        visit: returns a visit to a step, given flow, execution and number.
        executions: returns executions of a flow, given its name and the first and last start.
        cloud: the local cloud; None for Alibaba Cloud.
        run_actions: actions on runs, by name. They are called with the run's name and the page's
            data, and return data for the page.
        change_cloud: changes the local cloud; None if that is not allowed.
    """

    page: Callable[[], Document]
    runs: Callable[[], FeedSource]
    earlier_runs: Callable[[str], Document]
    run: Callable[[str], FeedSource]
    execution: Callable[[str, str], FeedSource]
    picture: Callable[[str], str]
    step: Callable[[str, str, StatusFilter, int, str], Document]
    visit: Callable[[str, str, int], Document]
    executions: Callable[[str, str, str], Document]
    cloud: LocalCloudView | None = None
    run_actions: Mapping[str, Action] = field(default_factory=dict)
    change_cloud: Action | None = None


class Console:
    """The console as an application, without its guard.

    Args:
        views: the sources of its data.
    """

    def __init__(self, views: Views) -> None:
        self._views = views
        self.feeds = Feeds()

    def app(self) -> Starlette:
        """Make the application."""
        views = self._views
        return Starlette(
            routes=[
                *(Route(page, _page) for page in _PAGES),
                Route("/flow.css", _flow_style),
                Mount("/static", StaticFiles(directory=STATIC)),
                Route("/api/page", _document(views.page)),
                Route("/api/runs/before/{moment}", _document(views.earlier_runs)),
                Route("/api/feeds/runs", self._feed(views.runs)),
                Route("/api/feeds/runs/{run}", self._feed(views.run)),
                Route(f"/api/feeds{_EXECUTION}", self._feed(views.execution)),
                Route("/api/flows/{flow}/picture", _picture(views.picture)),
                Route(
                    f"/api{_EXECUTION}/steps/{{status}}/{{before:int}}/{{step:path}}",
                    _document(views.step),
                ),
                Route(f"/api{_EXECUTION}/visits/{{number:int}}", _document(views.visit)),
                *self._cloud_routes(),
                *self._actions(),
                Route(
                    "/api/flows/{flow}/executions/{since}/{until:path}", _document(views.executions)
                ),
            ],
            exception_handlers={OperatorError: _refuse},
        )

    def _cloud_routes(self) -> list[Route]:
        cloud = self._views.cloud
        if cloud is None:
            return []
        return [
            Route("/api/feeds/cloud", self._feed(lambda: cloud)),
            Route("/api/cloud/buckets/{bucket}/{after:path}", _document(cloud.objects)),
        ]

    def _actions(self) -> list[Route]:
        change = self._views.change_cloud
        routes = [
            Route(f"/api/runs/{{run}}/{name}", _action(do), methods=["POST"])
            for name, do in self._views.run_actions.items()
        ]
        if change is not None:
            routes.append(Route("/api/cloud/{action}", _action(change), methods=["POST"]))
        return routes

    def _feed(self, source: Callable[..., FeedSource]) -> Endpoint:
        """Make the endpoint that streams the feed of its address as server-sent events."""

        async def stream(request: Request) -> Response:
            name = request.url.path
            if name not in self.feeds.open:
                opened = await run_in_threadpool(source, *request.path_params.values())
                self.feeds.feed(name, lambda: opened)
            feed = self.feeds.open[name]
            seen = request.headers.get("last-event-id", "")
            events = _events(feed, seen, _language_of(request))
            return StreamingResponse(events, media_type="text/event-stream")

        return stream


def _document(make: Callable[..., Document]) -> Endpoint:
    """Make the endpoint that returns a document for the parameters in its address."""

    async def respond(request: Request) -> Response:
        with speaking(_language_of(request)):
            return _json(await run_in_threadpool(make, *request.path_params.values()))

    return respond


def _action(do: Action) -> Endpoint:
    """Make the endpoint of an action, which gets the data that the page has sent."""

    async def respond(request: Request) -> Response:
        try:
            given = _GIVEN.validate_json(await request.body())
        except ValidationError as error:
            raise UsageError(str(error)) from error
        with speaking(_language_of(request)):
            (name,) = request.path_params.values()
            result = await run_in_threadpool(do, name, given)
        return _json(presentable(result))

    return respond


def _picture(draw: Callable[[str], str]) -> Endpoint:
    """Make the endpoint that returns the picture of a flow."""

    async def respond(request: Request) -> Response:
        picture = await run_in_threadpool(draw, *request.path_params.values())
        return Response(picture, 200 if picture else 404, media_type="image/svg+xml")

    return respond


def _language_of(request: Request) -> Language:
    """Return the language that was chosen on the page, or else that of the command."""
    chosen = request.cookies.get(_LANGUAGE_COOKIE)
    return next((language for language in LANGUAGES if language == chosen), current_language())


async def _page(_: Request) -> Response:
    return FileResponse(STATIC / "index.html")


async def _flow_style(_: Request) -> Response:
    return FileResponse(STYLE)


async def _events(feed: Feed, seen: str, language: Language) -> AsyncIterator[str]:
    yield f"retry: {_RETRY_MILLISECONDS}\n\n"
    async for update in feed.updates(seen, patience=_PING_SECONDS):
        yield ": nothing new\n\n" if update is None else _event(update, language)


def _event(update: Update, language: Language) -> str:
    document = {
        "state": update.documents.get(language) or None,
        "problem": presentable(update.problem),
        "final": update.final,
    }
    return f"id: {update.mark}\ndata: {json.dumps(document)}\n\n"


def _json(document: Document, status: int = 200) -> Response:
    return JSONResponse(document, status)


async def _refuse(_: Request, error: Exception) -> Response:
    missing = isinstance(error, FlowNotFoundError | RunNotFoundError)
    wrong = isinstance(error, OperatorError) and error.status == ExitStatus.USAGE
    return _json({"problem": presentable(str(error))}, 404 if missing else 400 if wrong else 502)

"""The console in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import oss2
import pytest
from alibabacloud_fnf20190315 import models
from playwright.sync_api import Browser, Dialog, Page, expect

from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.control_api import SeedObject
from oss_restore.clients.target import LocalEndpoints, local_target
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.console.server import ConsoleServer
from oss_restore.language import speaking
from oss_restore.runs.run_lookup import wait_for_end
from tests.infra.hosted import HostedCloud
from tests.localcloud.fnf.harness import POLICY, TRUST
from tests.oss_restore.console.browser import (
    WIDE,
    Tabs,
    console_of,
    cut,
    launched,
    served,
    take_pictures,
    wait_until,
)
from tests.oss_restore.console.made_up import RUN, views
from tests.oss_restore.console.picture import WORDS, utc, words_of
from tests.ram import Ram
from tests.site import ENVIRONMENT, PATIENCE_SECONDS, QUICK, Site, archived

HOSTILE: Final = "<img src=x onerror=alert(1)>\n\u202e.bin"
SHOWN: Final = "<img src=x onerror=alert(1)>\\n\\u202e.bin"
ACCOUNT: Final = "1234567890123456"
CHILDREN: Final = 200
expect.set_options(timeout=1000 * PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def tabs(browser: Browser) -> Iterator[Tabs]:
    context = browser.new_context(viewport=WIDE)
    tabs = Tabs(context)
    yield tabs
    context.close()
    tabs.check()


def context_of(site: Site) -> DeploymentContext:
    return DeploymentContext(
        environment=ENVIRONMENT, folder=site.environments, cloud=site.endpoints_file
    )


@pytest.fixture
def console(site: Site) -> Iterator[ConsoleServer]:
    with console_of(context_of(site)) as server:
        yield server


def main_flow(site: Site, run: str) -> str:
    return f"/flows/{site.deployment.main_flow}/{run}"


def step(page: Page, name: str) -> Any:
    return page.locator(f"[data-step={name}]")


def classes(page: Page) -> Any:
    """Return the standings of the objects of each class."""
    return page.locator(".bars .legend")


def test_a_run_is_shown_from_start_to_end_with_one_poller_for_all_tabs(
    site: Site, bucket: oss2.Bucket, console: ConsoleServer, tabs: Tabs
) -> None:
    site.fill(archived(30))
    with site.control.held_clock():
        run = site.start(**QUICK)
        page = tabs.open(console.admission.address(f"/runs/{run}"))
        assert "token" not in page.url
        expect(page.locator(".verdict .pill")).to_have_text("Running")
        expect(page.locator(".verdict")).to_contain_text("30 objects requested")
        other, flow = (
            tabs.open(page.url),
            tabs.open(console.admission.origin + main_flow(site, run)),
        )
        expect(other.locator(".verdict")).to_contain_text("30 objects requested")
        expect(classes(page)).to_have_text(["still thawing 10"] * 3)
        site.control.advance(61)
        expect(classes(page)).to_have_text(["readable 10", *["still thawing 10"] * 2])
        expect(page.locator("#calendar + .scroll tbody tr")).to_have_count(1)
        take_pictures(page, "thawing")
        expect(step(flow, "awaitReadable")).to_have_attribute("data-state", "running")
        expect(step(flow, "listArchiveFiles")).to_have_attribute("data-state", "succeeded")
        expected = {f"/api/feeds/runs/{run}": 2, f"/api/feeds{main_flow(site, run)}": 1}
        wait_until(
            page,
            lambda: {name: feed.followers for name, feed in console.feeds.open.items()} == expected,
        )
    for one in (page, other):
        expect(one.locator("h1")).to_contain_text("All 30 objects are readable until")
        expect(one.locator(".connection")).to_have_text("ended")
    expect(step(flow, "success")).to_have_attribute("data-state", "succeeded")
    take_pictures(page, "run")

    step(flow, "invokeRestoreFlow").locator("> .box").press("Enter")
    flow.locator(".visits summary").first.click()
    expect(flow.locator(".visits pre").first).to_contain_text('"archiveFilesCount": 30')
    take_pictures(flow, "flow")
    flow.locator(".visits a").first.click()
    expect(step(flow, "restoreTask")).to_have_attribute("data-state", "succeeded")
    flow.get_by_role("link", name="Back to the parent execution").click()
    flow.get_by_role("link", name="Show the run").click()
    expect(flow.locator("h1")).to_contain_text("All 30 objects")


def test_failures_are_shown_as_text_whatever_they_contain(
    site: Site, bucket: oss2.Bucket, console: ConsoleServer, tabs: Tabs
) -> None:
    site.fill([*archived(2), SeedObject(key=HOSTILE, size=1, storage_class="Archive")])
    site.control.add_fault(
        service="oss",
        operation="RestoreObject",
        target="*onerror*",
        status=403,
        code="AccessDenied",
    )
    run = site.run(**QUICK).execution.name
    page = tabs.open(console.admission.address(f"/runs/{run}"))
    assert page.get_by_role("button", name="Retry what failed").count() == 0
    expect(page.locator("#failures + article")).to_contain_text("AccessDenied")
    expect(page.locator(".keys code")).to_have_text(SHOWN)
    expect(page.locator(".alerts")).to_contain_text(SHOWN)
    take_pictures(page, "failures")

    wrong = site.run(bucketName="<script>alert(2)</script>").execution.name
    page.goto(f"{console.admission.origin}/runs/{wrong}")
    expect(page.locator("h1")).to_contain_text("<script>alert(2)</script>")
    page.goto(console.admission.origin + main_flow(site, wrong))
    expect(page.locator(".problem")).to_contain_text("<script>alert(2)</script>")
    assert page.evaluate("document.querySelectorAll('img, script:not([src])').length") == 0

    page.goto(console.admission.origin)
    expect(page.locator(".runs tbody tr").first).to_contain_text("Failed")
    page.get_by_label("Status").select_option("Succeeded")
    expect(page.locator(".runs tbody")).not_to_contain_text(wrong)
    page.get_by_label("Filter by name").fill(f"{run} E2E-archive")
    expect(page.locator(".runs tbody tr")).to_have_count(1)
    take_pictures(page, "runs")
    page.reload()
    expect(page.locator(".runs tbody tr")).to_have_count(1)
    expect(page.get_by_label("Status")).to_have_value("Succeeded")

    site.control.clear_faults()
    with console_of(context_of(site), allow_actions=True) as acting:
        page = tabs.open(acting.admission.address(f"/runs/{run}"))
        asked: list[str] = []

        def agree(dialog: Dialog) -> None:
            asked.append(dialog.message)
            dialog.accept()

        page.on("dialog", agree)
        page.get_by_role("button", name="Retry what failed").click()
        page.wait_for_url(lambda url: run not in url)
        expect(page.locator("h1")).to_contain_text("The only object is readable")
        assert f"1 object of {run} is to be requested again." in asked[0]
        assert "estimated cost" in asked[0]
        page.close()


def test_a_run_can_be_stopped_if_actions_are_allowed(
    site: Site, bucket: oss2.Bucket, console: ConsoleServer, tabs: Tabs
) -> None:
    site.fill(archived(3))
    with site.control.held_clock():
        run = site.start(**QUICK)
        page = tabs.open(console.admission.address(f"/runs/{run}"))
        expect(page.locator(".verdict")).to_contain_text("3 objects requested")
        assert page.get_by_role("button", name="Stop this run").count() == 0
        with console_of(context_of(site), allow_actions=True) as acting:
            page = tabs.open(acting.admission.address(f"/runs/{run}"))
            page.on("dialog", lambda dialog: dialog.accept())
            page.get_by_role("button", name="Stop this run").click()
            expect(page.locator(".verdict .pill")).to_have_text("Stopped")
            expect(page.locator("h1")).to_contain_text("The run was stopped")
            take_pictures(page, "stopped")
            page.close()


def test_a_page_catches_up_after_a_disconnection(
    site: Site, bucket: oss2.Bucket, console: ConsoleServer, tabs: Tabs
) -> None:
    tabs.expected += ["/api/feeds/"]
    site.fill(archived(3))
    with site.control.held_clock():
        run = site.start(**QUICK)
        page = tabs.open(console.admission.address(f"/runs/{run}"))
        expect(page.locator(".verdict")).to_contain_text("3 objects requested")
        page.route("**/api/feeds/**", lambda route: route.abort())
        cut(console)
        expect(page.locator(".connection")).to_have_text("disconnected, retrying")
    site.wait(run)
    page.unroute("**/api/feeds/**")
    expect(page.locator("h1")).to_contain_text("All 3 objects are readable")


def test_the_local_cloud_can_be_changed_if_actions_are_allowed(
    site: Site, bucket: oss2.Bucket, tabs: Tabs
) -> None:
    site.fill(archived(3))
    with console_of(context_of(site), allow_actions=True) as console:
        page = tabs.open(console.admission.address("/cloud"))
        page.get_by_role("button", name="Hold the clock").click()
        expect(page.get_by_role("button", name="Release the clock")).to_be_visible()
        page.get_by_label("operation").fill("Get*")
        page.get_by_role("button", name="Add a fault rule").click()
        expect(page.locator("#faults ~ ul")).to_contain_text("Get*")
        take_pictures(page, "cloud")
        page.get_by_role("button", name="Remove").click()
        expect(page.locator("#faults ~ ul li")).to_have_count(0)
        page.locator("#buckets ~ article").first.locator("summary").click()
        expect(page.locator("#buckets ~ article").first).to_contain_text("data/0000")
        now = page.locator(".now").inner_text()
        page.get_by_label("Forward by").fill("2d")
        page.get_by_role("button", name="Advance").click()
        expect(page.locator(".now")).not_to_contain_text(now[:10])
        page.close()
    assert site.control.clock().holds == {}


def waiting_children(number: int) -> str:
    """Return a flow with child executions in two branches, since a foreach has at most 100."""
    task = {
        "type": "task",
        "name": "child",
        "resourceArn": "acs:fnf:::flow/child",
        "pattern": "sync",
    }

    def branch(name: str) -> dict[str, Any]:
        foreach = {
            "type": "foreach",
            "name": name,
            "iterationMapping": {"collection": "$.items", "item": "item"},
            "steps": [{**task, "name": f"{name}Child"}],
        }
        return {"steps": [foreach]}

    both = {"type": "parallel", "name": "both", "branches": [branch("one"), branch("other")]}
    return json.dumps({"version": "v1", "type": "flow", "steps": [both]})


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[DeploymentContext]:
    """Return the context of an execution with 200 child executions that all wait."""
    with HostedCloud(ACCOUNT).serving() as hosted:
        endpoints: LocalEndpoints = hosted.endpoints(ACCOUNT)
        file = tmp_path / "endpoints.json"
        file.write_text(endpoints.model_dump_json())
        ram = Ram(endpoints)
        ram.call("CreateRole", RoleName="flows", AssumeRolePolicyDocument=TRUST)
        ram.call("CreatePolicy", PolicyName="start", PolicyDocument=POLICY)
        ram.call("AttachPolicyToRole", PolicyName="start", PolicyType="Custom", RoleName="flows")
        workflow = WorkflowClient(local_target(endpoints))
        wait = {"type": "wait", "name": "waiting", "duration": 3600}
        child = json.dumps({"version": "v1", "type": "flow", "steps": [wait]})
        for name, definition in (("child", child), ("parent", waiting_children(CHILDREN))):
            workflow._client.create_flow(
                models.CreateFlowRequest(
                    name=name,
                    definition=definition,
                    description="",
                    type="FDL",
                    role_arn=f"acs:ram::{ACCOUNT}:role/flows",
                )
            )
        context = DeploymentContext(flow="parent", region=endpoints.region, cloud=file)
        assert context.control is not None
        with context.control.held_clock():
            workflow.start("parent", "of-many", json.dumps({"items": [*range(CHILDREN // 2)]}))
            yield context
        wait_for_end(workflow, "parent", "of-many")


def test_the_page_of_a_flow_with_200_child_executions_stays_usable(
    parent: DeploymentContext, tabs: Tabs
) -> None:
    with console_of(parent) as console:
        page = tabs.open(console.admission.address("/flows/parent/of-many"))
        for name in ("oneChild", "otherChild"):
            expect(step(page, name).locator(".count")).to_have_text("0/100")
        step(page, "otherChild").locator(".name").click()
        expect(page.locator(".visits > li")).to_have_count(50)
        page.get_by_role("button", name="More").click()
        expect(page.locator(".visits > li")).to_have_count(100)
        take_pictures(page, "children")
        page.locator(".visits a").last.click()
        expect(step(page, "waiting")).to_have_attribute("data-state", "running")
        page.get_by_role("link", name="Back to the parent execution").click()
        step(page, "oneChild").locator(".name").click()
        page.get_by_text("Executions of").click()
        expect(page.locator(".children li")).to_have_count(50)
        page.close()


def test_the_picture_in_the_readme_matches_the_page(tabs: Tabs) -> None:
    """If this fails, run ``python -m tests.oss_restore.console.picture``."""
    with utc(), served(views()) as console:
        page = tabs.open(console.admission.address(f"/runs/{RUN}"))
        assert words_of(page) == WORDS.read_text(encoding="utf-8")
        page.close()


def test_the_page_is_in_the_language_of_the_command_or_the_chosen_one(
    tabs: Tabs,
) -> None:
    with speaking("zh"), served(views()) as console:
        page = tabs.open(console.admission.address(f"/runs/{RUN}"))
        expect(page.locator("h2#classes")).to_have_text("存储类型")
        expect(page.locator("#cost + .scroll")).to_contain_text("未知")
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        take_pictures(page, "chinese")
        page.get_by_role("button", name="English").click()
        expect(page.locator("h2#classes")).to_have_text("Storage classes")
        assert page.evaluate("document.documentElement.lang") == "en"
        page.reload()
        expect(page.locator("h2#classes")).to_have_text("Storage classes")
        page.get_by_role("button", name="中文").press("Enter")
        expect(page.locator("h2#classes")).to_have_text("存储类型")
        page.close()


def test_everything_can_be_done_without_a_mouse(tabs: Tabs) -> None:
    with served(views()) as console:
        page = tabs.open(console.admission.address(f"/runs/{RUN}"))
        expect(page.locator("h2#classes")).to_be_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "brand"
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        page.get_by_role("link", name="Show the flow").press("Enter")
        page.wait_for_url("**/flows/**")
        page.go_back()
        page.wait_for_url(f"**/runs/{RUN}")
        page.close()

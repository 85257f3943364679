"""Changes of a test to the shared deployment do not affect the next one."""

from __future__ import annotations

import fc2
import oss2
from alibabacloud_fnf20190315 import models

from tests.ram import Ram
from tests.site import BUCKET, ENVIRONMENT, QUICK, Site, archived, change_file
from tests.site_state import SiteState, restored_site

LAZY = "version: v1\ntype: flow\nsteps:\n  - type: succeed\n    name: success\n"
KEYS = ("plain", "with\rreturn", "unten/ü")


def change_everything(site: Site) -> str:
    """Leave changes of every kind, and return a run that is in progress."""
    bucket = site.bucket()
    bucket.create_bucket()
    site.fill(archived(3))
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    for key in KEYS:
        bucket.put_object(key, b"1")
        bucket.put_object(key, b"2")
        bucket.delete_object(key)
    bucket.init_multipart_upload("begun")
    site.control.hold_clock()
    run = site.start(**QUICK)
    site.wait_for_step(run, "awaitReadable")
    site.reject("*")
    bucket.init_bucket_worm(30)
    site.control.move_bucket(BUCKET, "cn-beijing")
    site.control.set({"equality": "strict", "events_per_execution": 100})
    client, flows = site.workflow._client, site.deployment
    client.update_flow(models.UpdateFlowRequest(name=flows.main_flow, definition=LAZY))
    client.create_flow(
        models.CreateFlowRequest(name="another", definition=LAZY, description="", type="FDL")
    )
    Ram(site.endpoints).put(f"oss-restore-flows-{site.name}", {"Version": "1", "Statement": []})
    fc2.Client(
        endpoint=site.endpoints.fc,
        accessKeyID=site.endpoints.access_key_id,
        accessKeySecret=site.endpoints.access_key_secret,
    ).delete_function(f"oss-restore-{site.name}", "restore")
    change_file(site.environments / f"{ENVIRONMENT}.yaml", tags={"team": "others"})
    (site.environments / "more.yaml").write_text("name: more\n")
    return run


def test_changes_are_reverted(shared_site: Site) -> None:
    before = SiteState.of(shared_site)
    with restored_site(shared_site):
        run = change_everything(shared_site)
    assert SiteState.of(shared_site) == before
    assert shared_site.control.faults() == {}
    assert shared_site.control.clock().holds == {}
    assert shared_site.workflow.describe(shared_site.deployment.main_flow, run).ended
    with restored_site(shared_site):
        shared_site.bucket().create_bucket()
        shared_site.fill(archived(3))
        assert shared_site.run(**QUICK).outcomes == {"requested": 3}

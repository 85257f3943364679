"""How far a page's objects are."""

from __future__ import annotations

from functions.status import range_status
from localcloud.oss.restore import DAY
from tests.functions.scene import Scene, make_run

RUN = make_run()


def test_a_range_is_running_until_the_last_object_is_readable(scene: Scene) -> None:
    scene.seed(["a", "b"])
    scene.thaw("a", "b")
    before = range_status(scene.store(), RUN, after="", until="b").to_json()
    scene.oss.advance(61)
    after = range_status(scene.store(), RUN, after="", until="b").to_json()
    running = {"status": "running", "waitSeconds": 10, "readable": 0, "thawing": 2, "absent": 0}
    assert before == running
    assert after == {**running, "status": "success", "readable": 2, "thawing": 0}


def test_only_the_range_counts(scene: Scene) -> None:
    scene.seed(["a", "b", "c", "d"])
    scene.thaw("a", "b", "c", "d")
    assert range_status(scene.store(), RUN, after="a", until="c").thawing == 2
    assert range_status(scene.store(), RUN, after="a", until="bb").thawing == 1


def test_an_open_range_ends_where_the_run_does(scene: Scene) -> None:
    scene.seed(["p/a", "p/b", "p/c", "q"])
    scene.thaw("p/a", "p/b", "p/c", "q")
    run = make_run(prefix="p/")
    assert range_status(scene.store(), run, after="p/a", until="").thawing == 2
    bounded = make_run(prefix="p/", until="p/b")
    assert range_status(scene.store(), bounded, after="p/a", until="").thawing == 1


def test_what_nobody_asked_for_is_reported_and_not_waited_for(scene: Scene) -> None:
    scene.seed(["asked", "refused"])
    scene.thaw("asked")
    scene.oss.advance(61)
    answer = range_status(scene.store(), RUN, after="", until="").to_json()
    assert (answer["status"], answer["readable"], answer["absent"]) == ("success", 1, 1)


def test_a_copy_that_has_expired_is_not_readable(scene: Scene) -> None:
    scene.seed(["a"])
    scene.thaw("a")
    scene.oss.advance(61 + DAY)
    status = range_status(scene.store(), RUN, after="", until="")
    assert (status.readable, status.absent) == (0, 1)


def test_objects_out_of_scope_are_not_waited_for(scene: Scene) -> None:
    scene.seed(["a.txt", "b.txt", "b.tmp"])
    scene.seed(["c.txt"], "ColdArchive")
    scene.seed(["folder/"], size=0)
    scene.symlink("link.txt", "a.txt")
    scene.thaw("b.tmp", "c.txt")
    run = make_run(storageClasses=["Archive"], exclude=["*.tmp"])
    answer = range_status(scene.store(), run, after="", until="").to_json()
    assert (answer["status"], answer["absent"]) == ("success", 2)


def test_the_next_look_suits_the_class_that_is_still_thawing(scene: Scene) -> None:
    scene.seed(["a"])
    scene.seed(["c"], "ColdArchive")
    scene.thaw("a", "c")
    assert range_status(scene.store(), RUN, after="", until="").wait_seconds == 300
    scene.oss.advance(5 * 3600)
    assert range_status(scene.store(), RUN, after="", until="").wait_seconds == 10


def test_a_thousand_objects_take_one_request(scene: Scene) -> None:
    scene.seed(f"{n:04d}" for n in range(1000))
    range_status(scene.store(), RUN, after="", until="0999")
    assert scene.requests("ListObjects") == 1
    assert scene.requests("HeadObject") == 0

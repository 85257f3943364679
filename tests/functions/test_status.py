"""How far a run's objects are."""

from __future__ import annotations

from itertools import count

from functions.status import LOOK_SECONDS, range_status
from localcloud.oss.restore import DAY
from tests.functions.scene import Scene, make_run

RUN = make_run()


def test_a_range_is_running_until_its_last_object_is_readable(scene: Scene) -> None:
    scene.seed(["a", "b"])
    scene.thaw("a", "b")
    before = range_status(scene.store(), RUN, after="", until="b").to_json()
    scene.oss.advance(61)
    after = range_status(scene.store(), RUN, after="", until="b").to_json()
    assert before == {
        "status": "running",
        "cursor": "",
        "waitSeconds": 10,
        "readable": 0,
        "absent": 0,
    }
    assert (after["status"], after["cursor"], after["readable"]) == ("success", "b", 2)


def test_a_look_ends_at_the_first_object_that_is_thawing(scene: Scene) -> None:
    scene.seed(["a", "c"])
    scene.seed(["b"], "ColdArchive")
    scene.thaw("a", "b", "c")
    scene.oss.advance(61)
    status = range_status(scene.store(), RUN, after="", until="")
    assert (status.running, status.cursor, status.readable) == (True, "a", 1)


def test_the_next_look_starts_behind_what_is_through(scene: Scene) -> None:
    scene.seed((f"a{n:04d}" for n in range(1500)), "Standard")
    scene.seed(["z"])
    scene.thaw("z")
    cursor = range_status(scene.store(), RUN, after="", until="").cursor
    assert cursor == "a1499"
    before = scene.requests("ListObjects")
    scene.oss.advance(61)
    assert range_status(scene.store(), RUN, after=cursor, until="").running is False
    assert scene.requests("ListObjects") == before + 1


def test_only_the_range_counts(scene: Scene) -> None:
    scene.seed(["a", "b", "c", "d"])
    scene.thaw("a", "d")
    assert range_status(scene.store(), RUN, after="a", until="c").running is False
    assert range_status(scene.store(), RUN, after="a", until="d").running is True


def test_an_open_range_ends_where_the_run_does(scene: Scene) -> None:
    scene.seed(["p/a", "p/b", "p/c", "q"])
    scene.thaw("p/c", "q")
    bounded = make_run(prefix="p/", until="p/b")
    assert range_status(scene.store(), bounded, after="", until="").running is False
    assert (
        range_status(scene.store(), make_run(prefix="p/"), after="p/c", until="").running is False
    )
    assert range_status(scene.store(), make_run(prefix="p/"), after="p/b", until="").running is True


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


def test_the_next_look_suits_the_class_that_is_thawing(scene: Scene) -> None:
    scene.seed(["b"])
    scene.seed(["a"], "ColdArchive")
    scene.thaw("a", "b")
    assert range_status(scene.store(), RUN, after="", until="").wait_seconds == 300
    assert range_status(scene.store(), RUN, after="a", until="").wait_seconds == 10


def test_a_look_at_very_many_objects_goes_on_in_the_next_call(scene: Scene) -> None:
    scene.seed((f"{n:04d}" for n in range(1500)), "Standard")
    clock = count(step=LOOK_SECONDS)
    status = range_status(
        scene.store(), RUN, after="", until="", monotonic=lambda: float(next(clock))
    )
    assert (status.running, status.cursor, status.wait_seconds) == (True, "0999", 1)


def test_a_thousand_objects_take_one_request(scene: Scene) -> None:
    scene.seed(f"{n:04d}" for n in range(1000))
    range_status(scene.store(), RUN, after="", until="0999")
    assert scene.requests("ListObjects") == 1
    assert scene.requests("HeadObject") == 0

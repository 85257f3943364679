"""A frozen release has exactly what it deployed."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from infra.synthesis.app import build_app
from infra.version import VERSION
from oss_restore.cli.rehearsal.cdktf import PROJECT
from tests.releases.release import Release, freeze, releases

OSS = "https://oss-cn-hangzhou.aliyuncs.com"


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in {".json", ".zip", ".yaml"} and path.name != "manifest.json"
    }


def test_a_frozen_release_deploys_the_same_as_its_code(tmp_path: Path) -> None:
    freeze(tmp_path / VERSION)
    release = Release(tmp_path / VERSION)
    release.write(tmp_path / "release", OSS)
    build_app([release.environment(OSS)], tmp_path / "code").synth()
    written, synthesized = files(tmp_path / "release"), files(tmp_path / "code")
    assert len(written) == 2
    assert written == synthesized


def test_a_frozen_release_contains_the_core_of_its_functions(tmp_path: Path) -> None:
    freeze(tmp_path / VERSION)
    kept = tmp_path / VERSION / "functions.zip"
    with zipfile.ZipFile(kept) as archive:
        sources = {name: archive.read(name) for name in archive.namelist()}
    sources["thaw/errors.py"] += b"# as it was\n"
    with zipfile.ZipFile(kept, "w") as archive:
        for name, source in sources.items():
            archive.writestr(name, source)
    folder = Release(kept.parent).write(tmp_path / "release", OSS)
    (bundle,) = (tmp_path / "release").rglob("*.zip")
    with zipfile.ZipFile(bundle) as archive:
        assert archive.read("thaw/errors.py").endswith(b"# as it was\n")
    assert folder.exists()


def test_freezing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    freeze(tmp_path / VERSION)
    before = files(tmp_path / VERSION)
    freeze(tmp_path / VERSION)
    assert files(tmp_path / VERSION) == before


def test_the_last_release_is_frozen_and_every_frozen_one_is_in_the_changelog() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## (\d+\.\d+\.\d+) — (\S+)$", changelog, re.MULTILINE)
    kept = {release.version for release in releases()}
    assert kept
    assert kept <= {version for version, _ in versions}
    released = [version for version, date in versions if date != "unreleased"]
    assert set(released[:1]) <= kept

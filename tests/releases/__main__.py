"""``python -m tests.releases`` freezes what this version deploys, for later upgrade tests."""

from __future__ import annotations

from infra.version import VERSION
from tests.releases.release import RELEASES, freeze

freeze(RELEASES / VERSION)

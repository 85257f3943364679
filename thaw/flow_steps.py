"""The steps of the flows that are entered for each part of a run; each is billed and takes time."""

from __future__ import annotations

from typing import Final

PAGE_STEPS: Final = 11  # for each page: 4 in the main flow and 7 in its child, without the groups
POLL_STEPS: Final = 3  # for each poll of a page: Wait, GetJobStatus, CheckJobComplete
LEG_STEPS: Final = 6  # init, checkShards; checkLeg, summarize, checkTell, success
RELAY_STEPS: Final = LEG_STEPS + 3  # rollUp, packRelay, relay
ROOT_STEPS: Final = 3  # sharePagesOut, checkAwait, tellEnd; in addition to a leg's
SHARED_STEPS: Final = 3  # listAndCopy, checkCopies, noCopies
ROUND_STEPS: Final = 4  # Wait, lookForeach, shareLeftOut, checkLeft; without its calls
LOOK_STEPS: Final = 3  # for each execution: its task, and its first and last step

"""A page of a run whose tasks find out for themselves what is in their ranges.

That is so for manifests, whose rows are looked up just before they are sent, and for the versions
of a bucket, which a list of keys could not name. Only a dry run, which has no tasks, finds it out
while it lists.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from functions.groups import RangeGroup
from thaw.classification import classify, record_of
from thaw.ledger import PageRecord, Tally
from thaw.outcomes import OutcomeRecord
from thaw.poll_intervals import next_wait
from thaw.run_input import Run
from thaw.store import ListedObject


@dataclass
class RangePage:
    """One page.

    Attributes:
        run: whose.
        page: its number.
        after: where it starts.
        until: where it ends.
        end: whether there is nothing behind it.
        scanned: rows or versions looked at.
        groups: what its tasks handle.
        in_scope: objects or rows that its tasks account for, also where none needs a request.
        sorted_out: objects that need no request; of a dry run only.
        to_send: objects that would be sent for; of a dry run only.
    """

    run: Run
    page: int
    after: str
    until: str
    end: bool = False
    scanned: int = 0
    groups: list[RangeGroup] = field(default_factory=list)
    in_scope: int = 0
    sorted_out: list[OutcomeRecord] = field(default_factory=list)
    to_send: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def sort(self, listed: ListedObject, now: float) -> None:
        """Takes an object of a dry run in."""
        outcome = classify(listed, now, self.run)
        if outcome is not None:
            self.sorted_out.append(record_of(listed, outcome))
        else:
            tally = self.to_send[listed.storage_class]
            self.to_send[listed.storage_class] = tally.plus(listed.size)

    def record(self) -> PageRecord:
        """What the ledger keeps of the page."""
        return PageRecord(
            page=self.page,
            after=self.after,
            until=self.until,
            end=self.end,
            scanned=self.scanned,
            sorted_out=len(self.sorted_out),
            groups=len(self.groups),
            to_send=dict(self.to_send),
            ranges=not self.run.dry_run,
        )

    def answer(self) -> dict[str, object]:
        """What the flow goes on with, as :meth:`functions.pages.PageBuilder.answer`."""
        return {
            "bucketName": self.run.bucket_name,
            "filesGroup": [group.to_json() for group in self.groups],
            "marker": self.until,
            "end": "true" if self.end else "false",
            "empty": "false" if self.groups else "true",
            "archiveFilesCount": self.in_scope,
            "page": self.page,
            "nextPage": self.page + 1,
            "after": self.after,
            "until": self.until,
            "firstWait": next_wait((), self.run),
            "listedAt": 0,  # its groups are ranges, which are listed again whatever their age
        }

"""Saves and restores a cloud's persistent state, by kind of record."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError

from localcloud.cloud import Account, LocalCloud
from localcloud.errors import CloudError
from localcloud.faults import FaultRule
from localcloud.fc.background import BackgroundCall
from localcloud.fnf.messages import Message
from localcloud.fnf.snapshots import dump_execution, dump_flow, load_flow
from localcloud.oss.bucket import Bucket, Version
from localcloud.oss.model import StorageClass
from localcloud.oss.uploads import Upload, UploadPart
from localcloud.persistence.database import Database, Record, invalid_state
from localcloud.persistence.journal import Source
from localcloud.whole_numbers import whole_number

_BUCKET: Final = TypeAdapter(Bucket)
_BUCKET_ITSELF: Final = {"objects", "history", "uploads"}
_UPLOADS: Final = TypeAdapter(dict[str, Upload])
_UPLOAD_ITSELF: Final = {"__all__": {"parts"}}
_PART: Final = TypeAdapter(UploadPart)
_VERSIONS: Final = TypeAdapter(list[Version])
_QUEUES: Final = TypeAdapter(dict[str, dict[StorageClass, float]])
_FAULTS: Final = TypeAdapter(list[FaultRule])
_CALL: Final = TypeAdapter(BackgroundCall)
_MESSAGE: Final = TypeAdapter(Message)
_METERS: Final = TypeAdapter(dict[str, float])
_SETTINGS: Final = TypeAdapter(dict[str, str | float | None])


@dataclasses.dataclass(frozen=True)
class StateIdentity:
    """The state's owner and its services' ports, which deployed functions refer to.

    Attributes:
        ended: whether the cloud was shut down cleanly.
    """

    account_id: str
    region: str
    ports: dict[str, int]
    ended: bool


_IDENTITY: Final = TypeAdapter(StateIdentity)


@dataclasses.dataclass(frozen=True)
class Recovery:
    """The result of a recovery at startup.

    Attributes:
        ports: the port of each service.
        ended: whether the previous cloud was shut down cleanly.
        moment: cloud time of the last commit.
        counts: number of records recovered, by kind.
    """

    ports: Mapping[str, int]
    ended: bool
    moment: float
    counts: Mapping[str, int]

    def describe(self) -> str:
        """Return a summary of what was recovered, in a line or two."""
        moment = datetime.fromtimestamp(self.moment, UTC).isoformat(timespec="seconds")
        summary = ", ".join(f"{count} {kind}" for kind, count in self.counts.items() if count)
        how = "was stopped" if self.ended else "was killed"
        return f"recovered as of {moment} (the local cloud {how}): {summary or 'nothing'}"


class StateKeeper:
    """Saves a cloud's state to a database, and restores it to a new cloud.

    Args:
        cloud: the cloud.
        database: the database.
    """

    def __init__(self, cloud: LocalCloud, database: Database) -> None:
        self._cloud = cloud
        self._database = database
        self._ended = False

    def recover(self) -> Recovery | None:
        """Restore the saved state to a new cloud; return None if there is none.

        Raises:
            CloudError: ``InvalidState``, it is of another account or region, or cannot be read.
        """
        try:
            return self._recover()
        except (ValidationError, KeyError, ValueError) as error:
            raise invalid_state(
                self._database.path, f"it was not saved by this version ({error})"
            ) from error

    async def keep(self) -> None:
        """Save everything, then record and commit changes from now on."""
        cloud, journal = self._cloud, self._cloud.core.journal
        journal.open(self._database, self.sources(), always=(("meters",), ("moment",)))
        journal.touch("identity")
        journal.touch("settings")
        for access_key_id in cloud.credentials.ids():
            journal.touch("credential", access_key_id)
        for account_id in cloud.accounts:
            journal.touch("account", account_id)
        cloud.configuration_changed()
        await journal.settle()

    async def end(self) -> None:
        """Commit the remaining changes, and record a clean shutdown."""
        self._ended = True
        self._cloud.core.journal.touch("identity")
        await self._cloud.core.journal.close()

    def sources(self) -> Mapping[str, Source]:
        """Return functions, by kind, that return a record's value; None if it no longer exists."""
        cloud, accounts = self._cloud, self._cloud.accounts

        def of_account(read: Callable[[str], object]) -> Source:
            return lambda record: orjson.dumps(read(record[1]))

        return {
            "identity": lambda _: _IDENTITY.dump_json(self._identity()),
            "moment": lambda _: orjson.dumps(cloud.core.clock.now()),
            "meters": lambda _: orjson.dumps(cloud.core.meters.read()),
            "settings": lambda _: orjson.dumps(cloud.core.settings_changes),
            "faults": lambda _: _FAULTS.dump_json([*cloud.core.faults.rules().values()]),
            "credential": lambda record: cloud.credentials.dump(record[1]),
            "account": of_account(lambda a: accounts[a].root.access_key_id),
            "ram": of_account(lambda a: accounts[a].ram.snapshot()),
            "sls": of_account(lambda a: accounts[a].sls.snapshot()),
            "lines": self._lines,
            "cms": of_account(lambda a: accounts[a].cms.snapshot()),
            "code": lambda record: accounts[record[1]].fc.find_code(record[2]),
            "fc": of_account(lambda a: accounts[a].fc.snapshot()),
            "invocation": self._invocation,
            "callbacks": of_account(lambda a: accounts[a].fnf.callbacks.snapshot()),
            "flow": self._flow,
            "execution": self._execution,
            "events": self._events,
            "message": self._message,
            "restore_queues": lambda _: _QUEUES.dump_json(cloud.oss.thawer.free_at),
            "bucket": self._bucket,
            "object": self._object,
            "uploads": self._uploads,
            "part": self._part,
        }

    def _identity(self) -> StateIdentity:
        settings = self._cloud.core.settings
        return StateIdentity(settings.account_id, settings.region, self._cloud.ports(), self._ended)

    def _lines(self, record: Record) -> bytes | None:
        _, account_id, project, logstore, chunk = record
        try:
            store = self._cloud.accounts[account_id].sls.logstore(project, logstore)
        except CloudError:
            return None
        return store.dump_chunk(int(chunk))

    def _invocation(self, record: Record) -> bytes | None:
        call = self._cloud.accounts[record[1]].fc.pending(record[2])
        return None if call is None else _CALL.dump_json(call)

    def _flow(self, record: Record) -> bytes | None:
        flow = self._cloud.accounts[record[1]].fnf.flows.get(record[2])
        return None if flow is None else dump_flow(flow)

    def _execution(self, record: Record) -> bytes | None:
        execution = self._cloud.accounts[record[1]].fnf.find_execution(*record[2:4])
        return None if execution is None else dump_execution(execution)

    def _events(self, record: Record) -> bytes | None:
        execution = self._cloud.accounts[record[1]].fnf.find_execution(*record[2:4])
        return None if execution is None else execution.history.dump(int(record[4]))

    def _bucket(self, record: Record) -> bytes | None:
        bucket = self._cloud.oss.find_bucket(record[1])
        return None if bucket is None else _BUCKET.dump_json(bucket, exclude=_BUCKET_ITSELF)

    def _object(self, record: Record) -> bytes | None:
        bucket = self._cloud.oss.find_bucket(record[1])
        versions = bucket.versions_of(record[2]) if bucket else ()
        return _VERSIONS.dump_json(list(versions)) if versions else None

    def _uploads(self, record: Record) -> bytes | None:
        bucket = self._cloud.oss.find_bucket(record[1])
        if bucket is None or not bucket.uploads:
            return None
        return _UPLOADS.dump_json(bucket.uploads, exclude=_UPLOAD_ITSELF)

    def _part(self, record: Record) -> bytes | None:
        _, bucket_name, upload_id, number = record
        bucket = self._cloud.oss.find_bucket(bucket_name)
        upload = bucket.uploads.get(upload_id) if bucket else None
        part = upload.parts.get(whole_number(number) or 0) if upload else None
        return None if part is None else _PART.dump_json(part)

    def _message(self, record: Record) -> bytes | None:
        _, account_id, number = record
        return _MESSAGE.dump_json(self._cloud.accounts[account_id].fnf.messages.all[int(number)])

    def _read(self, kind: str) -> Iterator[tuple[Record, bytes]]:
        return self._database.read(kind)

    def _recover(self) -> Recovery | None:
        identity = next((_IDENTITY.validate_json(text) for _, text in self._read("identity")), None)
        if identity is None:
            return None
        settings = self._cloud.core.settings
        if (identity.account_id, identity.region) != (settings.account_id, settings.region):
            raise CloudError(
                "InvalidState",
                f"the saved state belongs to {identity.account_id} in {identity.region}, not to"
                f" {settings.account_id} in {settings.region}",
            )
        moment = self._recover_core()
        counts = Counter[str]()
        self._recover_accounts()
        for kind, recover in (
            ("lines", self._recover_lines),
            ("invocation", self._recover_invocation),
            ("flow", self._recover_flow),
            ("execution", self._recover_execution),
            ("events", self._recover_events),
            ("bucket", self._recover_bucket),
            ("object", self._recover_object),
            ("uploads", self._recover_uploads),
            ("part", self._recover_part),
            ("message", self._recover_message),
        ):
            for record, text in self._read(kind):
                recover(record, text)
                counts[kind] += 1
        return Recovery(
            ports=identity.ports,
            ended=identity.ended,
            moment=moment,
            counts={
                "buckets": counts["bucket"],
                "objects": counts["object"],
                "functions": sum(a.fc.count() for a in self._cloud.accounts.values()),
                "flows": counts["flow"],
                "executions": counts["execution"],
            },
        )

    def _recover_core(self) -> float:
        core, moment = self._cloud.core, 0.0
        for _, text in self._read("moment"):
            moment = float(orjson.loads(text))
            core.clock.advance(max(0.0, moment - core.clock.now()))
        for _, text in self._read("meters"):
            core.meters.take(_METERS.validate_json(text))
        for _, text in self._read("settings"):
            core.change_settings(_SETTINGS.validate_json(text))
        for _, text in self._read("faults"):
            for rule in _FAULTS.validate_json(text):
                core.faults.add(rule)
        for _, text in self._read("restore_queues"):
            self._cloud.oss.thawer.free_at = _QUEUES.validate_json(text)
        return moment

    def _recover_accounts(self) -> None:
        cloud = self._cloud
        for access_key_id in cloud.credentials.ids():  # of accounts whose creation was not saved
            cloud.credentials.revoke(access_key_id)
        for _, text in self._read("credential"):
            cloud.credentials.load(text)
        for (_, account_id), text in self._read("account"):
            cloud.open_account(account_id, cloud.credentials.find(orjson.loads(text)))
        code = {record[1:]: text for record, text in self._read("code")}
        for account_id, account in cloud.accounts.items():
            for kind, restore in (
                ("ram", account.ram.restore),
                ("sls", account.sls.restore),
                ("cms", account.cms.restore),
                ("fc", partial(self._recover_functions, account, code)),
                ("callbacks", account.fnf.callbacks.restore),
            ):
                restore(orjson.loads(self._database.get(kind, account_id)))

    def _recover_functions(
        self, account: Account, code: Mapping[Record, bytes], data: object
    ) -> None:
        account.fc.restore(data, lambda checksum: code[account.account_id, checksum])

    def _recover_lines(self, record: Record, text: bytes) -> None:
        _, account_id, project, logstore, chunk = record
        store = self._cloud.accounts[account_id].sls.logstore(project, logstore)
        store.load_chunk(int(chunk), text)

    def _recover_invocation(self, record: Record, text: bytes) -> None:
        _, account_id, call_id = record
        self._cloud.accounts[account_id].fc.take_later(call_id, _CALL.validate_json(text))

    def _recover_flow(self, record: Record, text: bytes) -> None:
        self._cloud.accounts[record[1]].fnf.flows.add(load_flow(text))

    def _recover_execution(self, record: Record, text: bytes) -> None:
        self._cloud.accounts[record[1]].fnf.adopt(text)

    def _recover_events(self, record: Record, text: bytes) -> None:
        execution = self._cloud.accounts[record[1]].fnf.execution(record[2], record[3])
        execution.history.load(text)

    def _recover_bucket(self, _: Record, text: bytes) -> None:
        self._cloud.oss.adopt(_BUCKET.validate_json(text))

    def _recover_object(self, record: Record, text: bytes) -> None:
        self._cloud.oss.get_bucket(record[1]).put_versions(record[2], _VERSIONS.validate_json(text))

    def _recover_uploads(self, record: Record, text: bytes) -> None:
        self._cloud.oss.get_bucket(record[1]).uploads = _UPLOADS.validate_json(text)

    def _recover_part(self, record: Record, text: bytes) -> None:
        _, bucket_name, upload_id, number = record
        upload = self._cloud.oss.get_bucket(bucket_name).uploads[upload_id]
        upload.parts[int(number)] = _PART.validate_json(text)

    def _recover_message(self, record: Record, text: bytes) -> None:
        self._cloud.accounts[record[1]].fnf.messages.all.append(_MESSAGE.validate_json(text))

"""CloudMonitor (CMS): alarm rules and contact groups.

Rules are stored but never fire: the local cloud has no metrics. Error codes are assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import TypeAdapter, ValidationError

from localcloud.errors import CloudError

PERIOD_SECONDS: Final = (60, 86_400)
TIMES: Final = (1, 10_000)  # assumed
SILENCE_SECONDS: Final = (300, 86_400)  # provider source, 1.289.0
_DIMENSIONS: Final = TypeAdapter(list[dict[str, str]])


@dataclass(frozen=True)
class Escalation:
    """The condition of a rule: ``statistics`` ``operator`` ``threshold``, ``times`` in a row.

    Attributes:
        operator: the operator's name in the API, such as ``GreaterThanThreshold``.
    """

    statistics: str
    operator: str
    threshold: str
    times: int


@dataclass(frozen=True)
class Alarm:
    """An alarm rule.

    Attributes:
        namespace: namespace of the metric, such as ``acs_fc``.
        resources: JSON list of dimensions, each an object of names and values; empty for all.
        period: length of a period in seconds.
        silence: seconds before the same alarm is sent again.
        critical: the condition on which it fires.
    """

    id: str
    name: str
    namespace: str
    metric: str
    contact_groups: tuple[str, ...]
    resources: str
    period: int
    silence: int
    effective: str
    enabled: bool
    labels: Mapping[str, str] = field(default_factory=dict)
    critical: Escalation | None = None

    @property
    def dimensions(self) -> list[dict[str, str]]:
        """The parsed resources; raises ``ParameterInvalid`` if they are malformed."""
        try:
            return _DIMENSIONS.validate_json(self.resources or "[]")
        except ValidationError as error:
            raise CloudError(
                "ParameterInvalid",
                f"resources is not a JSON list of objects of strings: {error.errors()[0]['msg']}",
            ) from error


@dataclass(frozen=True)
class ContactGroup:
    """A group of contacts that alarms notify."""

    name: str
    contacts: tuple[str, ...] = ()
    description: str = ""
    subscribed: bool = False


@dataclass
class _State:
    alarms: dict[str, Alarm] = field(default_factory=dict)
    groups: dict[str, ContactGroup] = field(default_factory=dict)


_STATE: Final = TypeAdapter(_State)


class CloudMonitor:
    """The CloudMonitor of one account."""

    def __init__(self) -> None:
        self._state = _State()

    @property
    def alarms(self) -> Mapping[str, Alarm]:
        """The rules, by id."""
        return self._state.alarms

    @property
    def groups(self) -> Mapping[str, ContactGroup]:
        """The groups, by name."""
        return self._state.groups

    def put_alarm(self, alarm: Alarm) -> None:
        """Create or change a rule; ``ResourceNotFound``, ``ParameterInvalid``."""
        if not alarm.contact_groups:
            raise CloudError("ParameterInvalid", "a rule needs at least one contact group")
        # Assumed: the service refuses a missing group, which would leave a rule without recipients.
        for group in alarm.contact_groups:
            if group not in self._state.groups:
                raise CloudError("ResourceNotFound", f"there is no contact group {group!r}", 404)
        low, high = PERIOD_SECONDS
        if not low <= alarm.period <= high or alarm.period % 60:  # docs: metrics of the services
            raise CloudError(
                "ParameterInvalid",
                f"period {alarm.period} is not a multiple of 60 from {low} to {high}",
            )
        low, high = TIMES
        if alarm.critical is not None and not low <= alarm.critical.times <= high:
            raise CloudError("ParameterInvalid", f"times {alarm.critical.times}: {low} to {high}")
        low, high = SILENCE_SECONDS
        if not low <= alarm.silence <= high:
            raise CloudError(
                "ParameterInvalid", f"silence {alarm.silence}: {low} to {high} seconds"
            )
        _ = alarm.dimensions  # validates them
        self._state.alarms[alarm.id] = alarm

    def switch_alarm(self, id_: str, *, enabled: bool) -> None:
        """Switch a rule on or off; ``ResourceNotFound``."""
        try:
            alarm = self._state.alarms[id_]
        except KeyError:
            raise CloudError("ResourceNotFound", f"there is no rule {id_!r}", 404) from None
        self._state.alarms[id_] = replace(alarm, enabled=enabled)

    def delete_alarm(self, id_: str) -> None:
        """Remove a rule if it exists."""
        self._state.alarms.pop(id_, None)

    def put_group(self, group: ContactGroup) -> None:
        """Create or change a group. Its contacts are not checked (assumed)."""
        self._state.groups[group.name] = group

    def delete_group(self, name: str) -> None:
        """Remove a group if it exists."""
        self._state.groups.pop(name, None)

    def snapshot(self) -> object:
        """Everything, as JSON-compatible data."""
        return _STATE.dump_python(self._state, mode="json")

    def restore(self, data: object) -> None:
        """Replace the current contents with what :meth:`snapshot` returned."""
        self._state = _STATE.validate_python(data)

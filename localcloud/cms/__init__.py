"""CloudMonitor of the local cloud."""

from localcloud.cms.model import Alarm, CloudMonitor, ContactGroup, Escalation

__all__ = ["Alarm", "CloudMonitor", "ContactGroup", "Escalation"]

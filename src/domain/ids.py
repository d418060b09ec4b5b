"""The ids of messages and schedules."""

from __future__ import annotations

from typing import NewType

MessageId = NewType("MessageId", str)
"""The id of a message. It names the message's partition. As text, the ids of a partition sort by their age."""

ScheduleId = NewType("ScheduleId", str)
"""The id of a schedule. It names the partition of the schedule and of its occurrences."""

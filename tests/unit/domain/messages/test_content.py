from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from postdate.domain.ids import MessageId, ScheduleId
from postdate.domain.messages.content import CONTENT_FIELDS, content_of
from postdate.domain.messages.edit import ContentEdit, Edit
from postdate.domain.messages.message import Message
from postdate.domain.schedules.schedule import Schedule, ScheduleEdit, Template

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DISTINCT: dict[str, Any] = {name: object() for name in CONTENT_FIELDS}
"""A distinct value for each field of the content, including fields that are added later."""
MESSAGE = Message(id=MessageId("m"), body=b"1", at=NOON, due_at=NOON, created_at=NOON)
SCHEDULE = Schedule(
    id=ScheduleId("s"), template=Template(body=b"1"), cron="@daily", timezone="UTC", created_at=NOON
)


def test_an_edit_can_change_every_field_of_the_content() -> None:
    assert {field.name for field in fields(ContentEdit)} == set(CONTENT_FIELDS)
    assert content_of(MESSAGE.edited(Edit(**DISTINCT), NOON)) == DISTINCT
    assert content_of(SCHEDULE.edited(ScheduleEdit(**DISTINCT)).template) == DISTINCT


def test_an_occurrence_has_every_field_of_the_content_of_its_template() -> None:
    schedule = replace(SCHEDULE, template=Template(**DISTINCT))
    assert content_of(schedule.occurrence(MessageId("m"), NOON, NOON, None)) == DISTINCT

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.adapters.redis.records.message_record import UnreadableRecordError
from postdate.adapters.redis.records.schedule_record import VERSION, decode_schedule, encode_schedule
from postdate.domain.ids import MessageId, ScheduleId
from postdate.domain.messages.retry import Backoff, RetryPolicy
from postdate.domain.schedules.schedule import Missed, Schedule, ScheduleStatus, Template
from postdate.domain.time.instant import from_ms, to_ms

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = ScheduleId("0RVtzBk4mQ20")
SCHEDULE = Schedule(
    id=ID, template=Template(body=b'"a"'), cron="* * * * *", timezone="UTC", created_at=NOW, revision=7
)
FIRST_MS, LAST_MS = to_ms(datetime(1, 1, 1, tzinfo=UTC)), to_ms(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))

instants = st.integers(FIRST_MS, LAST_MS).map(from_ms)
durations = st.integers(0, 10**12).map(lambda ms: timedelta(milliseconds=ms))
policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 10**6),
    backoff=st.sampled_from(Backoff),
    base=durations,
    cap=durations,
    jitter=st.booleans(),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
templates = st.builds(
    Template,
    body=st.binary(max_size=50),
    to=texts,
    retry=policies,
    labels=st.lists(texts, max_size=3).map(tuple),
    headers=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    expires_after=st.none() | durations,
)
schedules = st.builds(
    Schedule,
    id=st.just(ID),
    template=templates,
    cron=texts,
    timezone=texts,
    created_at=instants,
    missed=st.sampled_from(Missed),
    starts_at=st.none() | instants,
    ends_at=st.none() | instants,
    status=st.sampled_from(ScheduleStatus),
    next_at=st.none() | instants,
    next_id=st.none() | st.just(MessageId("0RVtzBk4mQ210")),
    last_at=st.none() | instants,
    revision=st.integers(1, 2**53),
)


@given(schedules)
def test_a_decoded_record_equals_the_encoded_schedule(schedule: Schedule) -> None:
    assert decode_schedule(ID, encode_schedule(schedule)) == schedule


def test_the_head_has_the_revision_and_the_id_of_the_next_message() -> None:
    record = encode_schedule(replace(SCHEDULE, next_id=MessageId("a message")))
    assert struct.unpack_from(">BqB9s", record) == (VERSION, 7, 9, b"a message")


@pytest.mark.parametrize(
    "junk",
    [b"", b"\x01", encode_schedule(SCHEDULE)[:-3], b"\x02" + encode_schedule(SCHEDULE)[1:], b"\xff" * 100],
    ids=["nothing", "less than a head", "cut short", "a later version", "only ones"],
)
def test_bytes_that_are_no_record_are_refused(junk: bytes) -> None:
    with pytest.raises(UnreadableRecordError):
        decode_schedule(ID, junk)

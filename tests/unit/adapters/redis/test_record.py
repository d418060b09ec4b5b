from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.adapters.redis.record import VERSION, UnreadableRecordError, read_record, status_byte, write_record
from postdate.domain.instant import from_ms, to_ms
from postdate.domain.message import Message, MessageId
from postdate.domain.outcome import Failure
from postdate.domain.retry import Backoff, RetryPolicy
from postdate.domain.status import Status

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = MessageId("0RVtzBk4mQ20")
MESSAGE = Message(id=ID, body=b'"a"', to="console", at=NOW, due_at=NOW, created_at=NOW)
HEAD_BYTES = 12
FIRST_MS, LAST_MS = to_ms(datetime(1, 1, 1, tzinfo=UTC)), to_ms(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))

instants = st.integers(FIRST_MS, LAST_MS).map(from_ms)
waits = st.integers(0, 10**12).map(lambda ms: timedelta(milliseconds=ms))
policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 10**6),
    backoff=st.sampled_from(Backoff),
    base=waits,
    cap=waits,
    jitter=st.booleans(),
)
failures = st.builds(Failure, at=instants, reason=st.text())
messages = st.builds(
    Message,
    id=st.just(ID),
    body=st.binary(),
    to=st.just("console") | st.text(min_size=1),
    at=instants,
    due_at=instants,
    created_at=instants,
    status=st.sampled_from(Status),
    attempts=st.integers(0, 65_535),
    retry=st.just(RetryPolicy()) | policies,
    failures=st.lists(failures, max_size=5).map(tuple),
    expires_at=st.none() | instants,
    labels=st.lists(st.text(), max_size=3).map(tuple),
    headers=st.lists(st.tuples(st.text(), st.text()), max_size=3).map(tuple),
)


@given(messages)
def test_a_message_comes_back_as_it_was_written(message: Message) -> None:
    assert read_record(ID, write_record(message)) == message


@given(messages, instants)
def test_when_it_ended_is_told_from_outside(message: Message, ended_at: datetime) -> None:
    record = write_record(replace(message, ended_at=ended_at))
    assert record == write_record(message)
    assert read_record(ID, record, ended_at=ended_at) == replace(message, ended_at=ended_at)


@given(messages)
def test_a_state_that_is_known_from_elsewhere_counts_more_than_that_of_the_record(message: Message) -> None:
    assert read_record(ID, write_record(message), status=Status.DELIVERING).status is Status.DELIVERING


@given(messages)
def test_the_head_lies_where_scripts_read_and_write_it(message: Message) -> None:
    record = write_record(message)
    assert record[0] == VERSION == 1
    assert record[1:2] == status_byte(message.status)
    assert struct.unpack(">H", record[2:4]) == (message.attempts,)
    assert struct.unpack(">q", record[4:HEAD_BYTES]) == (to_ms(message.due_at),)


def test_the_codes_of_states_are_those_that_are_stored_already() -> None:
    codes = {status: status_byte(status)[0] for status in Status}
    assert codes == {
        Status.SCHEDULED: 0,
        Status.DELIVERING: 1,
        Status.DELIVERED: 2,
        Status.DEAD: 3,
        Status.CANCELLED: 4,
        Status.EXPIRED: 5,
    }


def test_what_version_1_has_written_stays_readable() -> None:
    message = replace(
        MESSAGE,
        body=b'"hi"',
        to="x",
        attempts=3,
        due_at=NOW + timedelta(seconds=1),
        retry=RetryPolicy(attempts=7, backoff=Backoff.FIXED, jitter=False),
        failures=(Failure(at=NOW, reason="no"),),
    )
    head = "01 00 0003 0000019b76daabe8"
    tail = (
        "96 c40422686922 cf0000019b76daa800 a178 cf0000019b76daa800 "
        "95 07 a56669786564 cd03e8 ce0036ee80 c2 91 92 cf0000019b76daa800 a26e6f"
    )
    assert read_record(ID, bytes.fromhex(head + tail)) == message
    assert write_record(message) == bytes.fromhex(head + tail)


def test_fields_that_a_later_version_adds_behind_are_passed_over() -> None:
    record = write_record(replace(MESSAGE, failures=(Failure(at=NOW, reason="r"),)))
    assert record[HEAD_BYTES] == 0x96
    assert read_record(ID, record[:HEAD_BYTES] + b"\x97" + record[HEAD_BYTES + 1 :] + b"\xc0") == read_record(
        ID, record
    )


def test_the_usual_record_is_little_more_than_its_body() -> None:
    assert len(write_record(replace(MESSAGE, body=b'"' + b"x" * 98 + b'"'))) == 100 + 24


def test_more_attempts_than_fit_are_as_many_as_fit() -> None:
    assert read_record(ID, write_record(replace(MESSAGE, attempts=10**6))).attempts == 65_535


@pytest.mark.parametrize("version", [0, 2, 255])
def test_a_record_of_another_version_is_unreadable_and_says_which(version: int) -> None:
    with pytest.raises(UnreadableRecordError, match=f"version is {version}, this instance reads 1"):
        read_record(ID, bytes([version]) + write_record(MESSAGE)[1:])


@given(st.binary(max_size=60))
def test_any_bytes_are_a_record_or_unreadable(junk: bytes) -> None:
    assert_is_read_or_unreadable(junk)


@given(messages, st.data())
def test_a_record_that_was_damaged_is_a_record_or_unreadable(message: Message, data: st.DataObject) -> None:
    record = bytearray(write_record(message))
    for _ in range(data.draw(st.integers(1, 4))):
        record[data.draw(st.integers(1, len(record) - 1))] = data.draw(st.integers(0, 255))
    assert_is_read_or_unreadable(bytes(record[: data.draw(st.integers(0, len(record)))]))


def test_a_text_that_is_no_utf_8_is_unreadable() -> None:
    record = write_record(replace(MESSAGE, to="abc"))
    with pytest.raises(UnreadableRecordError):
        read_record(ID, record.replace(b"abc", b"a\xffc"))


def test_what_is_nested_without_end_is_unreadable() -> None:
    with pytest.raises(UnreadableRecordError):
        read_record(ID, write_record(MESSAGE)[:HEAD_BYTES] + b"\x91" * 100_000)


@pytest.mark.parametrize("code", [6, 255])
def test_a_state_that_there_is_not_is_unreadable(code: int) -> None:
    record = write_record(MESSAGE)
    with pytest.raises(UnreadableRecordError):
        read_record(ID, record[:1] + bytes([code]) + record[2:])


@pytest.mark.parametrize("due_ms", [FIRST_MS - 1, LAST_MS + 1_000, 2**63 - 1, -(2**63)])
def test_a_time_outside_the_calendar_is_unreadable(due_ms: int) -> None:
    record = write_record(MESSAGE)
    with pytest.raises(UnreadableRecordError):
        read_record(ID, record[:4] + struct.pack(">q", due_ms) + record[HEAD_BYTES:])


def assert_is_read_or_unreadable(record: bytes) -> None:
    try:
        message = read_record(ID, record)
    except UnreadableRecordError:
        return
    assert message.id == ID

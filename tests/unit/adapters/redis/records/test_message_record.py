from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.adapters.redis.records.message_record import (
    VERSION,
    UnreadableRecordError,
    decode_message,
    encode_message,
)
from postdate.domain.ids import MessageId
from postdate.domain.messages.history import (
    MAX_HISTORY_ENTRIES,
    Attempt,
    AttemptResult,
    Claim,
    GivenUp,
    Intervention,
    InterventionKind,
)
from postdate.domain.messages.message import Message
from postdate.domain.messages.retry import Backoff, RetryPolicy
from postdate.domain.messages.status import Status
from postdate.domain.time.instant import from_ms, to_ms
from postdate.domain.time.local_time import LocalTime

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = MessageId("0RVtzBk4mQ20")
MESSAGE = Message(id=ID, body=b'"a"', to="console", at=NOW, due_at=NOW, created_at=NOW)
HEAD_BYTES = 14
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
claims = st.builds(Claim, at=instants, instance=st.text())
entries = (
    st.builds(
        Attempt,
        claim=claims,
        at=instants,
        result=st.sampled_from(AttemptResult),
        reason=st.text(),
        detail=st.text(),
    )
    | st.builds(Intervention, at=instants, kind=st.sampled_from(InterventionKind))
    | st.builds(GivenUp, at=instants, reason=st.text(), detail=st.text())
)
messages = st.builds(
    Message,
    id=st.just(ID),
    body=st.binary(),
    to=st.just("console") | st.text(min_size=1),
    at=instants,
    due_at=instants,
    created_at=instants,
    status=st.sampled_from([status for status in Status if status is not Status.DELIVERING]),
    attempts=st.integers(0, 65_535),
    retry=st.just(RetryPolicy()) | policies,
    history=st.lists(entries, max_size=MAX_HISTORY_ENTRIES).map(tuple),
    ended_at=st.none() | instants,
    expires_at=st.none() | instants,
    at_local=st.none() | st.builds(LocalTime, local=st.text(), timezone=st.text()),
    labels=st.lists(st.text(), max_size=3).map(tuple),
    headers=st.lists(st.tuples(st.text(), st.text()), max_size=3).map(tuple),
)


@given(messages)
def test_a_decoded_message_equals_the_encoded_one(message: Message) -> None:
    assert decode_message(ID, encode_message(message)) == message


@given(messages, claims)
def test_a_message_decoded_with_a_claim_is_being_delivered(message: Message, claim: Claim) -> None:
    delivering = replace(message, status=Status.DELIVERING, claim=claim)
    assert decode_message(ID, encode_message(message), claim) == delivering


@given(messages, st.lists(st.tuples(instants, instants, st.text(max_size=60)), max_size=12))
def test_notes_of_lost_owners_are_appended_to_the_history(
    message: Message, lost: list[tuple[datetime, datetime, str]]
) -> None:
    attempts = tuple(
        Attempt(claim=Claim(at=claimed_at, instance=name), at=at, result=AttemptResult.OWNER_LOST)
        for claimed_at, at, name in lost
    )
    noted = replace(message, history=(*message.history, *attempts)[-MAX_HISTORY_ENTRIES:])
    assert decode_message(ID, with_notes(encode_message(message), lost)) == noted


def with_notes(record: bytes, lost: list[tuple[datetime, datetime, str]]) -> bytes:
    """Returns a record with the notes that a script leaves."""
    notes = b"".join(
        struct.pack(">qqB", to_ms(claimed_at), to_ms(at), len(name.encode())) + name.encode()
        for claimed_at, at, name in lost
    )
    return record[: HEAD_BYTES - 2] + struct.pack(">H", len(notes)) + notes + record[HEAD_BYTES:]


@given(messages)
def test_the_head_has_the_layout_that_scripts_expect(message: Message) -> None:
    record = encode_message(message)
    assert record[0] == VERSION == 2
    assert record[1] == list(Status).index(message.status)
    assert struct.unpack(">H", record[2:4]) == (message.attempts,)
    assert struct.unpack(">qH", record[4:HEAD_BYTES]) == (to_ms(message.due_at), 0)


def test_the_codes_of_statuses_are_those_of_existing_records() -> None:
    codes = {status: encode_message(replace(MESSAGE, status=status))[1] for status in Status}
    assert codes == {
        Status.SCHEDULED: 0,
        Status.DELIVERING: 1,
        Status.DELIVERED: 2,
        Status.DEAD: 3,
        Status.CANCELLED: 4,
        Status.EXPIRED: 5,
    }


def test_a_record_of_version_2_stays_readable() -> None:
    claim = Claim(at=NOW, instance="a")
    message = replace(
        MESSAGE,
        body=b'"hi"',
        to="x",
        attempts=3,
        due_at=NOW + timedelta(seconds=1),
        retry=RetryPolicy(attempts=7, backoff=Backoff.FIXED, jitter=False),
        expires_at=NOW,
        labels=("l",),
        headers=(("h", "v"),),
        history=(
            Attempt(claim=claim, at=NOW, result=AttemptResult.FAILED, reason="no", detail="d"),
            Intervention(at=NOW, kind=InterventionKind.REPLAYED),
            Attempt(claim=claim, at=NOW, result=AttemptResult.DELIVERED),
            GivenUp(at=NOW, reason="g"),
        ),
        ended_at=NOW,
    )
    head = "02 00 0003 0000019b76daabe8 0000"
    now = "cf0000019b76daa800"
    tail = (
        f"9a c40422686922 {now} a178 {now} 95 07 a56669786564 cd03e8 ce0036ee80 c2 {now} 91 a16c 91 92 a168 a176 "
        f"94 96 01 {now} {now} a161 a26e6f a164 92 04 {now} 94 00 {now} {now} a161 96 05 {now} 00 a0 a167 a0 {now}"
    )
    assert decode_message(ID, bytes.fromhex(head + tail)) == message
    assert encode_message(message) == bytes.fromhex(head + tail)


def test_fields_appended_by_a_later_version_are_ignored() -> None:
    record = encode_message(replace(MESSAGE, ended_at=NOW))
    assert record[HEAD_BYTES] == 0x9A
    assert decode_message(
        ID, record[:HEAD_BYTES] + b"\x9b" + record[HEAD_BYTES + 1 :] + b"\xc0"
    ) == decode_message(ID, record)


def test_the_usual_record_is_hardly_longer_than_its_body() -> None:
    assert len(encode_message(replace(MESSAGE, body=b'"' + b"x" * 98 + b'"'))) == 100 + 26


def test_a_record_counts_at_most_65_535_attempts() -> None:
    assert decode_message(ID, encode_message(replace(MESSAGE, attempts=10**6))).attempts == 65_535


@pytest.mark.parametrize("version", [0, 1, 255])
def test_a_record_of_another_version_is_unreadable_and_its_version_is_named(version: int) -> None:
    with pytest.raises(UnreadableRecordError, match=f"version is {version}, this instance reads 2"):
        decode_message(ID, bytes([version]) + encode_message(MESSAGE)[1:])


@given(st.binary(max_size=60))
def test_any_bytes_are_a_record_or_unreadable(junk: bytes) -> None:
    assert_is_read_or_unreadable(junk)


@given(messages, st.data())
def test_a_damaged_record_is_a_record_or_unreadable(message: Message, data: st.DataObject) -> None:
    record = bytearray(encode_message(message))
    for _ in range(data.draw(st.integers(1, 4))):
        record[data.draw(st.integers(1, len(record) - 1))] = data.draw(st.integers(0, 255))
    assert_is_read_or_unreadable(bytes(record[: data.draw(st.integers(0, len(record)))]))


def test_a_text_that_is_not_utf_8_is_unreadable() -> None:
    record = encode_message(replace(MESSAGE, to="abc"))
    with pytest.raises(UnreadableRecordError):
        decode_message(ID, record.replace(b"abc", b"a\xffc"))


def test_a_deeply_nested_record_is_unreadable() -> None:
    with pytest.raises(UnreadableRecordError):
        decode_message(ID, encode_message(MESSAGE)[:HEAD_BYTES] + b"\x91" * 100_000)


@pytest.mark.parametrize("code", [6, 255])
def test_an_unknown_status_is_unreadable(code: int) -> None:
    record = encode_message(MESSAGE)
    with pytest.raises(UnreadableRecordError):
        decode_message(ID, record[:1] + bytes([code]) + record[2:])


@pytest.mark.parametrize("due_ms", [FIRST_MS - 1, LAST_MS + 1_000, 2**63 - 1, -(2**63)])
def test_a_time_outside_the_calendar_is_unreadable(due_ms: int) -> None:
    record = encode_message(MESSAGE)
    with pytest.raises(UnreadableRecordError):
        decode_message(ID, record[:4] + struct.pack(">qH", due_ms, 0) + record[HEAD_BYTES:])


def assert_is_read_or_unreadable(record: bytes) -> None:
    try:
        message = decode_message(ID, record)
    except UnreadableRecordError:
        return
    assert message.id == ID

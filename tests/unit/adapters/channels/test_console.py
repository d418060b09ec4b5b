from __future__ import annotations

import asyncio
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.adapters.channels.console import ConsoleChannel, line_of
from postdate.domain.messages.outcome import Delivered, Failed, NotStarted
from postdate.testing.contracts.delivery_channel import DeliveryChannelContract, batch_of, outcomes_of

TIMEOUT_SECONDS = 10


class Lines:
    """A delivery log that stores its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.threads: set[str] = set()

    def log(self, message: str) -> None:
        self.threads.add(threading.current_thread().name)
        self.lines.append(message)

    def error(self, message: str) -> None:
        self.errors.append(message)


class FailingLog(Lines):
    """A delivery log that fails when a line contains one of these words."""

    def __init__(self, *words: str, error_fails: bool = False) -> None:
        super().__init__()
        self._words = words
        self._error_fails = error_fails

    def log(self, message: str) -> None:
        if any(word in message for word in self._words):
            raise BrokenPipeError(32, "Broken pipe")
        super().log(message)

    def error(self, message: str) -> None:
        if self._error_fails:
            raise ValueError("the error log is full")
        super().error(message)


class BlockedLog(Lines):
    """A delivery log that blocks until the test unblocks it."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.unblocked = threading.Event()

    def log(self, message: str) -> None:
        self.begun.set()
        assert self.unblocked.wait(TIMEOUT_SECONDS)
        super().log(message)


@pytest.fixture
def channel() -> ConsoleChannel:
    return ConsoleChannel(Lines())


class TestConsoleChannel(DeliveryChannelContract):
    pass


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b'"hello"', "hello"),
        (b'""', ""),
        (b'"two\\nlines"', "two\\nlines"),
        (b'"\\r\\n"', "\\r\\n"),
        (b'"\\u000a\\u000D"', "\\n\\r"),
        (b'"tab\\tquote\\"slash\\/back\\\\"', 'tab\tquote"slash/back\\'),
        (b'"\\ud83d\\ude00 \\u00e9"', "😀 é"),
        ('"žluťoučký 鳥 🕊"'.encode(), "žluťoučký 鳥 🕊"),
        (b'{"a":[1,2.50,null,"x\\ny"]}', '{"a":[1,2.50,null,"x\\ny"]}'),
        (b"[]", "[]"),
        (b"12345678901234567890.10", "12345678901234567890.10"),
        (b"null", "null"),
    ],
)
def test_a_string_is_printed_without_quotes_and_other_json_unchanged(body: bytes, line: str) -> None:
    assert line_of(body) == line


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.booleans())
def test_a_string_becomes_one_line_with_or_without_json_escapes(text: str, ascii_only: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    line = line_of(json.dumps(text, ensure_ascii=ascii_only).encode())
    assert line == text.replace("\n", "\\n").replace("\r", "\\r")


async def test_lines_are_written_in_the_order_of_the_batches() -> None:
    log = Lines()
    channel = ConsoleChannel(log)
    batches = [batch_of(*(str(n).encode() for n in range(start, start + 50))) for start in range(0, 500, 50)]
    await asyncio.gather(*(outcomes_of(channel, batch) for batch in batches))
    assert log.lines == [str(n) for n in range(500)]


async def test_an_error_of_the_log_fails_only_that_delivery() -> None:
    log = FailingLog("bad")
    outcomes = await outcomes_of(ConsoleChannel(log), batch_of(b'"a"', b'"bad"', b'"b"'))
    assert outcomes == [Delivered(), Failed(reason="BrokenPipeError: [Errno 32] Broken pipe"), Delivered()]
    assert log.lines == ["a", "b"]
    assert log.errors == ["message 1 could not be written: BrokenPipeError: [Errno 32] Broken pipe"]


async def test_an_error_of_the_error_log_is_added_to_the_reason() -> None:
    (outcome,) = await outcomes_of(ConsoleChannel(FailingLog("bad", error_fails=True)), batch_of(b'"bad"'))
    assert isinstance(outcome, Failed)
    assert "Broken pipe" in outcome.reason
    assert "the error log is full" in outcome.reason


@pytest.mark.parametrize("body", [b'"\\ud800"', b'"\xff"', b'"\\x"', b"\xff"])
async def test_a_body_that_cannot_be_printed_fails_only_its_own_message(body: bytes) -> None:
    bad, good = await outcomes_of(ConsoleChannel(Lines()), batch_of(body, b'"good"'))
    assert isinstance(bad, Failed)
    assert good == Delivered()


async def test_a_message_that_may_not_start_is_not_written() -> None:
    log = Lines()
    assert await outcomes_of(ConsoleChannel(log), batch_of(b"1", may_start=lambda: False)) == [NotStarted()]
    assert log.lines == []


async def test_a_log_that_blocks_does_not_block_the_event_loop() -> None:
    log = BlockedLog()
    delivering = asyncio.create_task(outcomes_of(ConsoleChannel(log), batch_of(b"1")))
    while not log.begun.is_set():  # noqa: ASYNC110 - the test shows that the event loop keeps running
        await asyncio.sleep(0)
    assert not delivering.done()
    log.unblocked.set()
    assert await delivering == [Delivered()]


async def test_a_cancelled_delivery_to_a_blocked_log_does_not_change_the_order() -> None:
    log = BlockedLog()
    channel = ConsoleChannel(log)
    cancelled = asyncio.create_task(outcomes_of(channel, batch_of(b"1")))
    while not log.begun.is_set():  # noqa: ASYNC110 - likewise
        await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    log.unblocked.set()
    assert await outcomes_of(channel, batch_of(b"2")) == [Delivered()]
    assert log.lines == ["1", "2"]


async def test_one_daemon_thread_writes_every_line() -> None:
    log = Lines()
    channel = ConsoleChannel(log)
    for _ in range(3):
        await outcomes_of(channel, batch_of(b"1", b"2"))
    assert log.threads == {"postdate-console"}
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "postdate-console")


def test_the_thread_outlives_a_closed_event_loop() -> None:
    log = BlockedLog()
    channel = ConsoleChannel(log)

    async def begin_and_cancel() -> None:
        delivering = asyncio.create_task(outcomes_of(channel, batch_of(b"1")))
        await asyncio.to_thread(log.begun.wait, TIMEOUT_SECONDS)
        delivering.cancel()

    asyncio.run(begin_and_cancel())
    log.unblocked.set()
    written = asyncio.run(asyncio.wait_for(outcomes_of(channel, batch_of(b"2")), TIMEOUT_SECONDS))
    assert written == [Delivered()]
    assert log.lines == ["1", "2"]

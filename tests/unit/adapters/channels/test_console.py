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

PATIENCE_SECONDS = 10


class Lines:
    """A delivery log that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.threads: set[str] = set()

    def log(self, message: str) -> None:
        self.threads.add(threading.current_thread().name)
        self.lines.append(message)

    def error(self, message: str) -> None:
        self.errors.append(message)


class FailingAt(Lines):
    """Fails where a line has one of these words."""

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
            raise ValueError("no errors today")
        super().error(message)


class Blocked(Lines):
    """Waits with every line until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.goes_on = threading.Event()

    def log(self, message: str) -> None:
        self.begun.set()
        assert self.goes_on.wait(PATIENCE_SECONDS)
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
def test_a_string_is_printed_as_it_is_and_other_json_as_it_was_written(body: bytes, line: str) -> None:
    assert line_of(body) == line


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.booleans())
def test_a_string_becomes_one_line_however_its_client_wrote_it(text: str, ascii_only: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    line = line_of(json.dumps(text, ensure_ascii=ascii_only).encode())
    assert line == text.replace("\n", "\\n").replace("\r", "\\r")


async def test_lines_are_written_in_the_order_of_the_batches() -> None:
    log = Lines()
    channel = ConsoleChannel(log)
    batches = [batch_of(*(str(n).encode() for n in range(start, start + 50))) for start in range(0, 500, 50)]
    await asyncio.gather(*(outcomes_of(channel, batch) for batch in batches))
    assert log.lines == [str(n) for n in range(500)]


async def test_a_log_that_raises_makes_that_delivery_fail_and_no_other() -> None:
    log = FailingAt("bad")
    outcomes = await outcomes_of(ConsoleChannel(log), batch_of(b'"a"', b'"bad"', b'"b"'))
    assert outcomes == [Delivered(), Failed(reason="BrokenPipeError: [Errno 32] Broken pipe"), Delivered()]
    assert log.lines == ["a", "b"]
    assert log.errors == ["message 1 could not be written: BrokenPipeError: [Errno 32] Broken pipe"]


async def test_a_log_whose_errors_fail_as_well_has_merely_failed() -> None:
    (outcome,) = await outcomes_of(ConsoleChannel(FailingAt("bad", error_fails=True)), batch_of(b'"bad"'))
    assert isinstance(outcome, Failed)
    assert "Broken pipe" in outcome.reason
    assert "no errors today" in outcome.reason


@pytest.mark.parametrize("body", [b'"\\ud800"', b'"\xff"', b'"\\x"', b"\xff"])
async def test_a_body_that_cannot_be_a_line_fails_by_itself(body: bytes) -> None:
    bad, good = await outcomes_of(ConsoleChannel(Lines()), batch_of(body, b'"good"'))
    assert isinstance(bad, Failed)
    assert good == Delivered()


async def test_what_may_not_start_is_not_written() -> None:
    log = Lines()
    assert await outcomes_of(ConsoleChannel(log), batch_of(b"1", may_start=lambda: False)) == [NotStarted()]
    assert log.lines == []


async def test_a_log_that_blocks_does_not_block_the_event_loop() -> None:
    log = Blocked()
    delivering = asyncio.create_task(outcomes_of(ConsoleChannel(log), batch_of(b"1")))
    while not log.begun.is_set():  # noqa: ASYNC110 - that it comes here again and again is what is tested
        await asyncio.sleep(0)
    assert not delivering.done()
    log.goes_on.set()
    assert await delivering == [Delivered()]


async def test_who_gives_up_waiting_for_a_blocked_log_leaves_it_in_order() -> None:
    log = Blocked()
    channel = ConsoleChannel(log)
    given_up = asyncio.create_task(outcomes_of(channel, batch_of(b"1")))
    while not log.begun.is_set():  # noqa: ASYNC110 - likewise
        await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    log.goes_on.set()
    assert await outcomes_of(channel, batch_of(b"2")) == [Delivered()]
    assert log.lines == ["1", "2"]


async def test_one_thread_that_keeps_nobody_from_ending_writes_everything() -> None:
    log = Lines()
    channel = ConsoleChannel(log)
    for _ in range(3):
        await outcomes_of(channel, batch_of(b"1", b"2"))
    assert log.threads == {"postdate-console"}
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "postdate-console")


def test_an_event_loop_that_is_gone_does_not_end_the_thread() -> None:
    log = Blocked()
    channel = ConsoleChannel(log)

    async def begin_and_leave() -> None:
        delivering = asyncio.create_task(outcomes_of(channel, batch_of(b"1")))
        await asyncio.to_thread(log.begun.wait, PATIENCE_SECONDS)
        delivering.cancel()

    asyncio.run(begin_and_leave())
    log.goes_on.set()
    written = asyncio.run(asyncio.wait_for(outcomes_of(channel, batch_of(b"2")), PATIENCE_SECONDS))
    assert written == [Delivered()]
    assert log.lines == ["1", "2"]

from __future__ import annotations

import asyncio

import pytest
from redis import exceptions

from postdate.adapters.redis.connection import driver_errors as errors
from postdate.adapters.redis.connection.driver_errors import answered, translated
from postdate.domain.errors import LeaseLostError, StoreFullError, StoreUnavailableError


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ConnectionError("Connection closed by server."),
        exceptions.TimeoutError("Timeout reading from socket"),
        exceptions.AuthenticationError("invalid username-password pair"),
        exceptions.BusyLoadingError("Redis is loading the dataset in memory"),
        exceptions.ReadOnlyError("You can't write against a read only replica."),
        exceptions.ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
        exceptions.NoScriptError("No matching script."),
        ConnectionRefusedError(111, "Connection refused"),
        BrokenPipeError(32, "Broken pipe"),
        TimeoutError("it took too long"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_goes_wrong_with_the_store_makes_it_unavailable_and_says_why(error: Exception) -> None:
    with pytest.raises(StoreUnavailableError) as raised, translated():
        raise error
    assert raised.value.reason == str(error)
    assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        exceptions.OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
        exceptions.ResponseError("user_script:9: OOM command not allowed when used memory > 'maxmemory'."),
    ],
)
def test_a_store_without_room_is_full(error: Exception) -> None:
    with pytest.raises(StoreFullError) as raised, translated():
        raise error
    assert raised.value.reason == str(error)
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", [LeaseLostError("one", 3), ValueError("a bug"), asyncio.CancelledError()])
def test_what_does_not_come_from_the_driver_is_let_through(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, translated():
        raise error
    assert raised.value is error


def test_an_error_without_words_gets_some() -> None:
    with pytest.raises(StoreUnavailableError) as raised, translated():
        raise TimeoutError
    assert raised.value.reason


async def test_a_store_that_does_not_answer_in_time_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "ANSWER_WITHIN_SECONDS", 0.001)
    with pytest.raises(StoreUnavailableError, match="did not answer in time"):
        async with answered():
            await asyncio.Event().wait()


async def test_who_is_cancelled_while_the_store_answers_is_cancelled() -> None:
    async def ask() -> None:
        async with answered():
            await asyncio.Event().wait()

    asking = asyncio.create_task(ask())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

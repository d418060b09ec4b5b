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
def test_an_error_of_the_driver_becomes_store_unavailable_with_its_text(error: Exception) -> None:
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
def test_an_out_of_memory_error_becomes_store_full(error: Exception) -> None:
    with pytest.raises(StoreFullError) as raised, translated():
        raise error
    assert raised.value.reason == str(error)
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", [LeaseLostError("one", 3), ValueError("a bug"), asyncio.CancelledError()])
def test_an_error_that_is_not_from_the_driver_is_not_translated(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, translated():
        raise error
    assert raised.value is error


def test_an_error_without_a_text_gets_one() -> None:
    with pytest.raises(StoreUnavailableError) as raised, translated():
        raise TimeoutError
    assert raised.value.reason


async def test_a_store_that_does_not_answer_in_time_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "MAX_ANSWER_SECONDS", 0.001)
    with pytest.raises(StoreUnavailableError, match="did not answer in time"):
        async with answered():
            await asyncio.Event().wait()


async def test_a_cancellation_during_an_answer_is_raised() -> None:
    async def ask() -> None:
        async with answered():
            await asyncio.Event().wait()

    asking = asyncio.create_task(ask())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from postdate.adapters.channels.task_queues.call import InvalidCallError, parse_call
from postdate.testing.contracts.delivery_channel import MESSAGE, NOW

TASK = replace(MESSAGE, to="taskiq:mail:send")


@pytest.mark.parametrize(
    ("body", "args", "kwargs", "options"),
    [
        (b'{"args":[1,"a"],"kwargs":{"k":true}}', (1, "a"), {"k": True}, {}),
        (b'{"args":[]}', (), {}, {}),
        (b'{"kwargs":{"k":1},"options":{"queue":"slow"}}', (), {"k": 1}, {"queue": "slow"}),
        (b'{"args":[1],"more":2}', ({"args": [1], "more": 2},), {}, {}),
        (b'{"options":{}}', ({"options": {}},), {}, {}),
        (b"{}", ({},), {}, {}),
        (b"[1,2]", ([1, 2],), {}, {}),
        (b'"text"', ("text",), {}, {}),
        (b"null", (None,), {}, {}),
    ],
)
def test_a_body_is_a_call_or_the_only_argument(
    body: bytes, args: tuple[Any, ...], kwargs: dict[str, Any], options: dict[str, Any]
) -> None:
    call = parse_call(replace(TASK, body=body), NOW)
    assert (call.task, call.args, call.kwargs, call.options) == ("mail:send", args, kwargs, options)


def test_the_task_id_is_that_of_the_message_unless_the_client_gives_one() -> None:
    assert parse_call(TASK, NOW).task_id == TASK.id
    call = parse_call(replace(TASK, body=b'{"args":[],"options":{"task_id":"mine"}}'), NOW)
    assert (call.task_id, call.options) == ("mine", {})


@pytest.mark.parametrize(("left_ms", "expected_ms"), [(1500, 1500), (0, 1), (-5000, 1)])
def test_the_expiry_of_a_message_limits_how_long_its_call_may_wait(left_ms: int, expected_ms: int) -> None:
    expires_at = NOW + timedelta(milliseconds=left_ms)
    call = parse_call(replace(TASK, expires_at=expires_at), NOW)
    assert (call.expires_at, call.time_left) == (expires_at, timedelta(milliseconds=expected_ms))


def test_a_call_does_not_expire_if_its_message_does_not() -> None:
    call = parse_call(TASK, NOW)
    assert (call.expires_at, call.time_left) == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        b'{"args":"abc"}',
        b'{"args":[],"kwargs":[]}',
        b'{"kwargs":{},"options":1}',
        b'{"args":null}',
        b'{"args":[],"options":{"task_id":7}}',
        b'{"args":[],"options":{"task_id":""}}',
    ],
)
def test_a_call_with_a_field_of_the_wrong_type_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidCallError):
        parse_call(replace(TASK, body=body), NOW)

"""The service answers any request, and never with an internal error."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.entrypoints.http.service import SETTINGS, serving

if TYPE_CHECKING:
    from httpx import Response

PATHS = ("/echoAtTime", "/v1/messages")
FIELDS = ("time", "message", "body", "at", "in", "to")

texts = st.text() | st.sampled_from(["console", "console:x", "15m", "PT1S", "2036", "", "1767225600000"])
numbers = st.integers() | st.floats() | st.sampled_from([0, 1767225600, 1767225600000, 10**17, 2**64, 10**400])
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
documents = st.dictionaries(st.sampled_from(FIELDS) | texts, values, max_size=5)
fragments = st.sampled_from(
    [
        b'{"time":"2036","message":',
        b'{"body":',
        b'"',
        b"\\",
        b"\\ud800",
        b"\xff",
        b"1e999",
        b"-",
        b"[",
        b"{",
        b"}",
        b"]",
    ]
)
near_json = st.lists(fragments | st.binary(max_size=5), max_size=8).map(b"".join)


@settings(deadline=None, max_examples=40)
@given(
    contents=st.lists(
        st.binary() | near_json | (values | documents).map(lambda value: json.dumps(value).encode()), max_size=10
    )
)
def test_arbitrary_bytes_and_json_never_cause_an_internal_error(contents: list[bytes]) -> None:
    responses = anyio.run(_responses, contents)
    assert [
        response.text for response in responses if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    ] == []


@settings(deadline=None, max_examples=40)
@given(bodies=st.lists(values, max_size=10))
def test_every_json_value_can_be_a_body_and_is_returned_as_it_was_sent(bodies: list[Any]) -> None:
    bodies = [body for body in bodies if _is_json(body)]
    responses = anyio.run(_responses, [json.dumps({"body": body}).encode() for body in bodies])
    assert [response.json()["body"] for response in responses if response.url.path == "/v1/messages"] == bodies


async def _responses(contents: list[bytes]) -> list[Response]:
    async with serving() as service:
        return [await service.post(path, content) for content in contents for path in PATHS]


def _is_json(value: object) -> bool:
    """Returns whether a value is standard JSON, without NaN and unpaired surrogates, and within the limit."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        text = json.dumps(value)
        return len(text) <= SETTINGS.max_body_bytes and json.loads(text) == value
    except ValueError:
        return False

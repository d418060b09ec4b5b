"""From the bytes of a request to a typed document, or to a fault that says what is wrong where."""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from ..problems.request_errors import BodyTooLargeError, InvalidRequestError, NotJsonError, WrongContentTypeError

if TYPE_CHECKING:
    from litestar import Request
    from litestar.types import HTTPReceiveMessage

T = TypeVar("T")
_JSON = b"application/json"
_TOO_DEEP = "it is nested too deeply"
_QUOTE = ord('"')
_PLACE = re.compile(r" - at `(\$[^`]*)`$")
_HALF = re.compile(
    rb"""(?<!\\)(?:\\\\)*
    (?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*
    (\\u[dD][89a-fA-F][0-9a-fA-F]{2})""",
    re.VERBOSE,
)
_FIELD = re.compile(r"(?:unknown|required) field `([^`]*)`")


async def read_json_body(request: Request[Any, Any, Any], decoder: msgspec.json.Decoder[T]) -> T:
    """Returns the request's JSON document as the decoder has it.

    Raises:
        WrongContentTypeError: it says that it is something else. Saying nothing is taken for JSON.
        InvalidRequestError: it is not JSON, or not the document that the decoder wants.
    """
    content_type = raw_headers(request).get(b"content-type")
    if content_type is not None and content_type.partition(b";")[0].strip().lower() != _JSON:
        raise WrongContentTypeError(content_type.decode("latin-1"))
    content = await _whole_body(request)
    if not content:
        raise InvalidRequestError("$", "The request has no body")
    return decode(content, decoder)


def decode(content: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Returns a JSON document as the decoder has it.

    Raises:
        InvalidRequestError: it is not JSON, or not the document that the decoder wants.
    """
    try:
        return decoder.decode(content)
    except msgspec.ValidationError as error:
        raise _fault(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJsonError(_half_a_character_in(content) or str(error)) from error
    except RecursionError as error:
        raise NotJsonError(_TOO_DEEP) from error


def _half_a_character_in(content: bytes) -> str | None:
    """Returns a sentence about a half of a surrogate pair that stands alone; `None` if there is none."""
    half = _HALF.search(content)
    return f"{half[1].decode()} is half a character, without its other half" if half else None


def raw_headers(request: Request[Any, Any, Any]) -> dict[bytes, bytes]:
    """Returns a request's headers by their names in lower case; of several of a name, the last.

    Made from what the server hands over: Litestar's mapping takes ten times as long.
    """
    return dict(request.scope["headers"])


async def next_piece(request: Request[Any, Any, Any]) -> tuple[bytes, bool]:
    """Returns the next piece of a request's body, from the server as it comes, and whether there are more.

    Raises:
        InvalidRequestError: the client has left.
    """
    event = cast("HTTPReceiveMessage", await request.receive())
    if event["type"] == "http.disconnect":
        raise InvalidRequestError("$", "The client left before its request was complete")
    return event.get("body", b""), event.get("more_body", False)


async def _whole_body(request: Request[Any, Any, Any]) -> bytes:
    """Returns what the client sent.

    Litestar's `body`, with the headers that it reads for it, took 16 µs, a fifth of all the time that its part of
    a request takes.
    """
    limit_bytes = request.route_handler.resolve_request_max_body_size() or inf
    announced = raw_headers(request).get(b"content-length", b"")
    if announced.isdigit() and int(announced) > limit_bytes:
        raise RequestEntityTooLarge
    parts: list[bytes] = []
    size_bytes, more = 0, True
    while more:
        part, more = await next_piece(request)
        parts.append(part)
        size_bytes += len(part)
        if size_bytes > limit_bytes:
            raise RequestEntityTooLarge
    return b"".join(parts)


def compact_body(raw: msgspec.Raw, path: str, limit_bytes: int) -> bytes:
    """Returns a message's body as JSON text without white space between tokens.

    Raises:
        NotJsonError: it is not UTF-8.
        BodyTooLargeError: it is longer than the limit.
    """
    body = bytes(raw)
    if body[0] != _QUOTE:
        body = _without_blanks(body, path)
    if len(body) > limit_bytes:
        raise BodyTooLargeError(len(body), limit_bytes)
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise NotJsonError(str(error), path) from error
    return body


def _without_blanks(body: bytes, path: str) -> bytes:
    try:
        return bytes(msgspec.json.format(body, indent=-1))
    except RecursionError as error:
        raise NotJsonError(_TOO_DEEP, path) from error


def _fault(sentence: str) -> InvalidRequestError:
    """Takes the place out of a decoder's sentence: it names a field it knows or misses, or ends with a path."""
    place = _PLACE.search(sentence)
    path = place[1] if place else "$"
    if place:
        sentence = sentence[: place.start()]
    field = _FIELD.search(sentence)
    return InvalidRequestError(f"{path}.{field[1]}" if field else path, sentence)

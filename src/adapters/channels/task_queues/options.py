"""The options of a call: which ones a queue accepts, and what their values may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....domain.messages.store_target import RESERVED_PREFIX
from .call import InvalidCallError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_SHOWN_CHARS = 80


def accepted_options(
    options: Mapping[str, Any], accepted: frozenset[str], structured: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Returns a copy of the options of a call after it checked them.

    The list of options is closed, because some options of the queues make a worker call another task, decode
    another format than JSON, or write to a key of the broker.

    Args:
        options: The options.
        accepted: The names of the options that the queue accepts.
        structured: The names of those whose value may be an array or an object. The caller checks these values.

    Raises:
        InvalidCallError: An option is not accepted, or its value is not. The error text names the option.
    """
    require_accepted(options, accepted)
    for name, value in options.items():
        require_value(name, value, structured=name in structured)
    return dict(options)


def require_accepted(options: Mapping[str, Any], accepted: frozenset[str]) -> None:
    """Raises unless every option is accepted.

    Raises:
        InvalidCallError: An option is not accepted. The error text names it and lists the accepted ones.
    """
    refused = sorted(options.keys() - accepted)
    if refused:
        known = ", ".join(sorted({"task_id", *accepted}))
        raise InvalidCallError(f"there is no option {shown(refused[0])}; known are: {known}")


def require_value(name: str, value: object, *, structured: bool = False) -> None:
    """Raises unless the value of an option is one that a queue may receive.

    Raises:
        InvalidCallError: The value is an array or an object, though it may not be; or a string in it begins like
            a key of Postdate. Queues use names as keys, and the broker may be the store.
    """
    if isinstance(value, list | dict) and not structured:
        raise InvalidCallError(f"the option {shown(name)} is not a string, a number, true, false or null")
    if _contains_reserved_name(value):
        raise InvalidCallError(
            f"the option {shown(name)} begins with {RESERVED_PREFIX}, which is reserved for Postdate's own keys"
        )


def shown(name: object) -> str:
    """Returns a name as an error text shows it: quoted, and not too long."""
    return f"{name!r:.{_MAX_SHOWN_CHARS}}"


def _contains_reserved_name(value: object) -> bool:
    if isinstance(value, str):
        return value.startswith(RESERVED_PREFIX)
    if isinstance(value, dict):
        return any(map(_contains_reserved_name, value.values()))
    return isinstance(value, list) and any(map(_contains_reserved_name, value))

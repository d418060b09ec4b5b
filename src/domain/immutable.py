"""Immutable values that are fast to create and to copy."""

from __future__ import annotations

import copy
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def immutable(cls: type[T]) -> type[T]:
    """Makes a slotted, keyword-only dataclass. Only the type checker prevents a change of its fields.

    A frozen dataclass sets each field through `object.__setattr__`. With it, making a message took 3.0 µs instead
    of 0.85 µs, and each delivery makes two. Values that are not made ten thousand times a second should use
    `@dataclass(frozen=True)`.
    """
    made = dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
    made.__copy__ = _make_copier(made)  # type: ignore[attr-defined]
    return made


def copy_with(value: T, changes: Mapping[str, Any]) -> T:
    """Returns a copy of an `@immutable` value with new values for some fields. It carries over all other fields.

    Does what `dataclasses.replace` does in a third of the time.

    Raises:
        AttributeError: The class has no such field.
    """
    copied = copy.copy(value)
    for name, new_value in changes.items():
        setattr(copied, name, new_value)
    return copied


def _make_copier(cls: type[Any]) -> Callable[[Any], Any]:
    """Returns a function that copies every field of the class.

    Its source has one assignment for each field, like the `__init__` that `dataclass` generates. A loop over the
    fields takes three times as long.
    """
    assignments = "".join(f"    copied.{field.name} = value.{field.name}\n" for field in fields(cls))
    source = f"def copier(value):\n    copied = new(cls)\n{assignments}    return copied\n"
    namespace: dict[str, Any] = {"cls": cls, "new": object.__new__}
    exec(source, namespace)  # noqa: S102  # the source has nothing but the names of fields
    copier: Callable[[Any], Any] = namespace["copier"]
    return copier

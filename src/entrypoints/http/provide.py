"""The bridge from the container's providers to Litestar's dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from litestar.di import Provide

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def from_container(provider: Callable[[], T]) -> Provide:
    """Returns a dependency that the provider fills. Litestar wants a function with a signature, it has none."""

    def dependency() -> object:
        return provider()

    return Provide(dependency, sync_to_thread=False)

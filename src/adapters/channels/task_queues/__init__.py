"""The channels to Python task queues. The library of each is imported when its channel is first used."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from ....application.ports.channel_factory import ChannelContext
from ....domain.errors import PostdateError
from ..lazy_channel import LazyChannel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....application.ports.channel_factory import ChannelFactory
    from ....application.ports.clock import Clock
    from ....application.ports.delivery_channel import DeliveryChannel

QUEUES = ("arq", "celery", "dramatiq", "rq", "taskiq")
"""Each name is a scheme, a module of this package, and an extra of Postdate."""


class MissingExtraError(PostdateError):
    """The library of a task queue is not installed.

    Attributes:
        extra: The extra of Postdate that installs it.
    """

    def __init__(self, extra: str) -> None:
        """Builds the error text, which contains the command that installs the extra."""
        super().__init__(f"{extra} is not installed; pip install 'postdate[{extra}]'")
        self.extra = extra


def task_queue_channels(environment: Mapping[str, str], clock: Clock) -> Mapping[str, DeliveryChannel]:
    """Returns a channel for each task queue by its scheme. It imports none of the libraries yet."""
    return {
        name: LazyChannel(
            f"postdate[{name}]",
            partial(_load, name),
            ChannelContext(scheme=name, environment=environment, clock=clock),
        )
        for name in QUEUES
    }


def _load(name: str) -> ChannelFactory:
    try:
        module = import_module(f".{name}", __package__)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == name:
            raise MissingExtraError(name) from error
        raise
    factory: ChannelFactory = module.create
    return factory

"""The contract of a message writer."""

from __future__ import annotations

from .messages.adding import Adding
from .messages.keying import Keying


class MessageWriterContract(Adding, Keying):
    """Needs a fixture `world: StoreWorld`."""

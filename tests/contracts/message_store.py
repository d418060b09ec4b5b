"""The contract of a message store."""

from __future__ import annotations

from .messages.cancelling import Cancelling
from .messages.changing import Changing
from .messages.counting import Counting
from .messages.finding import Finding
from .messages.finding_by_label import FindingByLabel


class MessageStoreContract(Changing, Cancelling, Finding, FindingByLabel, Counting):
    """Needs a fixture `world: StoreWorld`."""

"""The contract of a claim store."""

from __future__ import annotations

from .messages.claiming import Claiming
from .messages.forgetting import Forgetting
from .messages.giving_back import GivingBackUnacknowledged
from .messages.partition_state import ReadingPartitionState
from .messages.publishing import Publishing
from .messages.repeated_tokens import RepeatedTokens
from .messages.settling import Settling
from .messages.taking_over import TakingOver


class ClaimStoreContract(
    Claiming,
    Settling,
    TakingOver,
    RepeatedTokens,
    GivingBackUnacknowledged,
    Publishing,
    Forgetting,
    ReadingPartitionState,
):
    """Needs a fixture `world: StoreWorld`."""

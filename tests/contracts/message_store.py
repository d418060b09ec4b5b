"""What a message store promises."""

from __future__ import annotations

from .messages.adding import Adding
from .messages.cancelling import Cancelling
from .messages.changing import Changing
from .messages.claiming import Claiming
from .messages.counting import Counting
from .messages.finding import Finding
from .messages.finding_by_label import FindingByLabel
from .messages.forgetting import Forgetting
from .messages.giving_back import GivingBackUnacknowledged
from .messages.keying import Keying
from .messages.partition_state import ReadingPartitionState
from .messages.publishing import Publishing
from .messages.settling import Settling
from .messages.taking_over import TakingOver


class MessageStoreContract(
    Adding,
    Keying,
    Changing,
    Cancelling,
    Claiming,
    Settling,
    TakingOver,
    GivingBackUnacknowledged,
    Publishing,
    Forgetting,
    Finding,
    FindingByLabel,
    Counting,
    ReadingPartitionState,
):
    """Wants a fixture `world: StoreWorld`."""

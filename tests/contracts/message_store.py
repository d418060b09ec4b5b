"""What a message store promises."""

from __future__ import annotations

from .message_store_parts.adding import Adding
from .message_store_parts.cancelling import Cancelling
from .message_store_parts.changing import Changing
from .message_store_parts.claiming import Claiming
from .message_store_parts.counting import Counting
from .message_store_parts.finding import Finding
from .message_store_parts.finding_by_label import FindingByLabel
from .message_store_parts.forgetting import Forgetting
from .message_store_parts.giving_back import GivingBackStrays
from .message_store_parts.handing_over import HandingOver
from .message_store_parts.keying import Keying
from .message_store_parts.outlook import LookingAhead
from .message_store_parts.settling import Settling
from .message_store_parts.taking_over import TakingOver


class MessageStoreContract(
    Adding,
    Keying,
    Changing,
    Cancelling,
    Claiming,
    Settling,
    TakingOver,
    GivingBackStrays,
    HandingOver,
    Forgetting,
    Finding,
    FindingByLabel,
    Counting,
    LookingAhead,
):
    """Wants a fixture `world: StoreWorld`."""

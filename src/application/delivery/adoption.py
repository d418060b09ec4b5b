"""Adopting claims: a message that an instance still delivers is not delivered again when it claims it anew."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ...domain.immutable import copy_with
from .claim_context import AdoptedClaim, ClaimContext

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

    from ...domain.ids import MessageId
    from ...domain.lease import Lease
    from ...domain.messages.message import Message


class OwnDeliveries:
    """The messages that one delivery loop delivers now, under all of its leases.

    A lease may end while its owner lives. The deliveries under it go on, but their messages are due again. When
    the owner claims such a message under its next lease, the running delivery adopts the claim and settles it.
    """

    def __init__(self) -> None:
        self._deliveries: dict[MessageId, tuple[ClaimContext, Message]] = {}

    def start(self, context: ClaimContext, messages: Iterable[Message]) -> None:
        """Registers messages whose delivery starts in a context."""
        for message in messages:
            self._deliveries[message.id] = (context, message)

    def end(self, context: ClaimContext, message_ids: Iterable[MessageId]) -> None:
        """Forgets messages of a context: they are settled, or their delivery has ended. A repeat does nothing."""
        for message_id in message_ids:
            delivery = self._deliveries.get(message_id)
            if delivery is not None and delivery[0] is context:
                del self._deliveries[message_id]
        if context.adopted:
            for message_id in message_ids:
                if (adopted := context.adopted.pop(message_id, None)) is not None:
                    adopted.on_settled((message_id,))

    def adopt(self, lease: Lease, claimed: Message, on_settled: Callable[[Collection[MessageId]], None]) -> bool:
        """Returns whether the claim is adopted. Otherwise the message has to be delivered.

        It has to be delivered if no delivery of it is running, if it was claimed under the lease of the running
        delivery, which that delivery must have settled, or if a client has edited the message.
        """
        context, base = self._deliveries.get(claimed.id, (None, claimed))
        if context is None:
            return False
        known, known_lease = base, context.lease
        if (previous := context.adopted.get(claimed.id)) is not None:
            known, base, known_lease = previous.claimed, previous.base, previous.lease
        if known_lease == lease or not _has_same_request(claimed, known):
            return False
        if not _is_only_returned(known, claimed):
            base = claimed
        context.adopted[claimed.id] = AdoptedClaim(lease=lease, claimed=claimed, base=base, on_settled=on_settled)
        return True


async def settle_adopted(
    settle: Callable[[Lease, Sequence[Message]], Awaitable[frozenset[MessageId]]],
    context: ClaimContext,
    messages: Sequence[Message],
    lost: frozenset[MessageId],
) -> frozenset[MessageId]:
    """Settles the messages whose claims were adopted, after a settlement under the lease of their context.

    That settlement lost the claims in `lost`. The adopted ones among them are settled under their new leases. A
    message that it did settle was claimed again afterwards, before the answer arrived: nobody delivers that new
    claim, so it is given back.

    Returns:
        The ids whose claims are lost.

    Raises:
        StoreUnavailableError: The store did not answer.
    """
    by_id = {message.id: message for message in messages}
    claimed_again = [
        adopted
        for message_id in by_id
        if message_id not in lost and (adopted := context.adopted.get(message_id)) is not None
    ]
    for adopted in claimed_again:
        await settle(adopted.lease, [adopted.claimed.given_back()])
    tried: set[tuple[MessageId, Lease]] = set()
    while groups := _group_by_lease(context, lost, tried):
        for lease, message_ids in groups.items():
            tried.update((message_id, lease) for message_id in message_ids)
            refused = await settle(lease, [by_id[message_id] for message_id in message_ids])
            lost = lost.difference(message_ids) | refused
    return lost


def _group_by_lease(
    context: ClaimContext, lost: Iterable[MessageId], tried: Collection[tuple[MessageId, Lease]]
) -> dict[Lease, list[MessageId]]:
    """Groups the lost messages that were adopted by their new leases, except under leases that were tried."""
    groups: dict[Lease, list[MessageId]] = defaultdict(list)
    for message_id in lost:
        adopted = context.adopted.get(message_id)
        if adopted is not None and (message_id, adopted.lease) not in tried:
            groups[adopted.lease].append(message_id)
    return groups


def _has_same_request(one: Message, other: Message) -> bool:
    """Returns whether two states of a message ask for the same delivery: no client has edited it in between."""
    progress = {"attempts": 0, "history": (), "claim": None, "due_at": one.at, "begin_by": None}
    return copy_with(one, progress) == copy_with(other, progress)


def _is_only_returned(known: Message, claimed: Message) -> bool:
    """Returns whether a claimed message was only given back or taken over since it was known: nobody tried it."""
    if claimed.claim is None:
        return False
    states = [known.given_back()]
    if claimed.history:
        states.append(known.taken_over(claimed.history[-1].at))
    return any(state.claimed(claimed.claim) == claimed for state in states)

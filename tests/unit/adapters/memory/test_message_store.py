from __future__ import annotations

from tests.contracts.message_store import MessageStoreContract


class TestMemoryMessageStore(MessageStoreContract):
    pass

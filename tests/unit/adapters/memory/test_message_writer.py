from __future__ import annotations

from tests.contracts.message_writer import MessageWriterContract


class TestMemoryMessageWriter(MessageWriterContract):
    pass

"""The contract of a delivery log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postdate.application.ports.delivery_log import DeliveryLog


class DeliveryLogContract:
    """Needs a fixture `log: DeliveryLog`. `written` returns the lines that survive the end of the process."""

    def written(self, log: DeliveryLog) -> Sequence[str]:
        raise NotImplementedError

    def test_a_logged_line_is_written_when_the_call_returns(self, log: DeliveryLog) -> None:
        log.log("first")
        assert self.written(log) == ["first"]
        log.log("second")
        assert self.written(log) == ["first", "second"]

    @pytest.mark.parametrize("line", ["", " ", "žluťoučký 鳥 🕊", "a\tb\x1b[31mc", "x" * 30_000])
    def test_a_line_is_written_as_it_is(self, log: DeliveryLog, line: str) -> None:
        log.log(line)
        assert self.written(log) == [line]

    def test_an_error_is_not_written_as_a_delivered_line(self, log: DeliveryLog) -> None:
        log.error("message 1 could not be written")
        assert self.written(log) == []

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.adapters.cron.cron_reader import CronsimReader
from postdate.domain.errors import InvalidCronError
from tests.contracts.cron_reader import CronReaderContract


class TestCronsimReader(CronReaderContract):
    @pytest.fixture
    def reader(self) -> CronsimReader:
        return CronsimReader()


@given(st.lists(st.text("0123456789*/-,L#WFRIJAN ", max_size=6), min_size=5, max_size=6).map(" ".join) | st.text())
def test_any_text_is_either_read_or_refused(text: str) -> None:
    with suppress(InvalidCronError):
        CronsimReader().read(text, "UTC")

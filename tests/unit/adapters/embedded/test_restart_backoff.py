from __future__ import annotations

from postdate.adapters.embedded.restart_backoff import RestartBackoff


def test_the_delay_doubles_up_to_its_maximum_while_servers_end_early() -> None:
    backoff = RestartBackoff()
    assert [backoff.after(0) for _ in range(7)] == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_a_server_that_ran_long_resets_the_delay() -> None:
    backoff = RestartBackoff()
    for _ in range(5):
        backoff.after(9.9)
    assert backoff.after(10) == 0
    assert backoff.after(0) == 0.1

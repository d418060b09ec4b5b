from __future__ import annotations

from postdate.adapters.embedded.restart_backoff import RestartBackoff


def test_pauses_double_up_to_the_longest_while_servers_die_young() -> None:
    pauses = RestartBackoff()
    assert [pauses.after(0) for _ in range(7)] == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_after_a_server_that_lived_long_there_is_no_pause_and_the_next_is_short() -> None:
    pauses = RestartBackoff()
    for _ in range(5):
        pauses.after(9.9)
    assert pauses.after(10) == 0
    assert pauses.after(0) == 0.1

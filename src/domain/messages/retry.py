"""The retry policy: how often, and after which wait, a failed delivery is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Backoff(StrEnum):
    """How the wait grows from one attempt to the next."""

    EXPONENTIAL = "exponential"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a message is tried, and how long it waits between attempts.

    Attributes:
        attempts: The maximum number of attempts, including the first.
        backoff: Whether the wait doubles or stays the same.
        base: The wait after the first failure.
        cap: The longest wait.
        jitter: Whether the wait is drawn evenly from zero up to the full wait, so that messages that failed at the
            same time are not retried at the same time. Source: Marc Brooker, "Exponential Backoff And Jitter",
            2015.
    """

    attempts: int = 5
    backoff: Backoff = Backoff.EXPONENTIAL
    base: timedelta = timedelta(seconds=1)
    cap: timedelta = timedelta(hours=1)
    jitter: bool = True

    def allows_another(self, attempts_made: int) -> bool:
        """Returns whether another attempt is allowed after this many."""
        return attempts_made < self.attempts

    def wait_after(self, attempts_made: int, fraction: float) -> timedelta:
        """Returns the wait after this many attempts.

        Args:
            attempts_made: How many attempts were made so far.
            fraction: A random number in [0, 1). With jitter, the wait is this fraction of the full wait.
        """
        full = self._full_wait(attempts_made)
        return full * fraction if self.jitter else full

    def _full_wait(self, attempts_made: int) -> timedelta:
        if self.backoff is Backoff.FIXED or not self.base:
            return min(self.base, self.cap)
        # A timedelta has fewer than 2^67 microseconds, so by then every cap is reached.
        factor = 2 ** min(max(attempts_made - 1, 0), 67)
        # The product itself could overflow.
        return self.base * factor if factor <= self.cap // self.base else self.cap


DEFAULT_RETRY = RetryPolicy()

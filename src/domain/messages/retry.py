"""How long to wait before a failed delivery is tried again."""

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
    """When to try again, and when to give up.

    Attributes:
        attempts: deliveries tried in all, the first one included.
        backoff: whether the wait doubles or stays.
        base: the wait after the first failure.
        cap: the longest wait.
        jitter: whether the wait is drawn evenly from zero up to the full wait, so that messages which failed
            together do not come back together. Source: Marc Brooker, "Exponential Backoff And Jitter", 2015.
    """

    attempts: int = 5
    backoff: Backoff = Backoff.EXPONENTIAL
    base: timedelta = timedelta(seconds=1)
    cap: timedelta = timedelta(hours=1)
    jitter: bool = True

    def allows_another(self, attempts_made: int) -> bool:
        """Whether a message that was tried this often may be tried once more."""
        return attempts_made < self.attempts

    def wait_after(self, attempts_made: int, fraction: float) -> timedelta:
        """Returns how long to wait after that many attempts; `fraction` in [0, 1) is the jitter's draw."""
        full = self._full_wait(attempts_made)
        return full * fraction if self.jitter else full

    def _full_wait(self, attempts_made: int) -> timedelta:
        if self.backoff is Backoff.FIXED or not self.base:
            return min(self.base, self.cap)
        # A timedelta has fewer than 2^67 microseconds, so by then every cap is reached.
        factor = 2 ** min(max(attempts_made - 1, 0), 67)
        # The product itself might overflow.
        return self.base * factor if factor <= self.cap // self.base else self.cap


DEFAULT_RETRY = RetryPolicy()

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.domain.messages.retry import Backoff, RetryPolicy

JUST_BELOW_1 = math.nextafter(1.0, 0.0)

policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 100),
    backoff=st.sampled_from(Backoff),
    base=st.timedeltas(min_value=timedelta(0)),
    cap=st.timedeltas(min_value=timedelta(0)),
    jitter=st.booleans(),
)


@given(
    policy=policies,
    attempts=st.integers(0, 100) | st.integers(0, 10**30),
    fraction=st.floats(0, 1, exclude_max=True) | st.just(JUST_BELOW_1),
)
def test_a_wait_is_never_negative_nor_longer_than_the_cap(
    policy: RetryPolicy, attempts: int, fraction: float
) -> None:
    assert timedelta(0) <= policy.wait_after(attempts, fraction) <= policy.cap


@given(policy=policies, attempts=st.integers(0, 200))
def test_the_full_wait_never_shrinks(policy: RetryPolicy, attempts: int) -> None:
    assert policy.wait_after(attempts, JUST_BELOW_1) <= policy.wait_after(attempts + 1, JUST_BELOW_1)


@pytest.mark.parametrize(
    ("attempts", "expected_seconds"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (12, 2048), (13, 3600), (99, 3600)]
)
def test_an_exponential_wait_doubles_up_to_its_cap(attempts: int, expected_seconds: int) -> None:
    policy = RetryPolicy(jitter=False)
    assert policy.wait_after(attempts, 0) == timedelta(seconds=expected_seconds)


@pytest.mark.parametrize("attempts", [1, 2, 50])
def test_a_fixed_wait_stays_the_same(attempts: int) -> None:
    policy = RetryPolicy(backoff=Backoff.FIXED, base=timedelta(seconds=7), jitter=False)
    assert policy.wait_after(attempts, 0) == timedelta(seconds=7)


def test_a_fixed_wait_is_capped_too() -> None:
    policy = RetryPolicy(backoff=Backoff.FIXED, base=timedelta(hours=2), cap=timedelta(minutes=1), jitter=False)
    assert policy.wait_after(1, 0) == timedelta(minutes=1)


@pytest.mark.parametrize(("fraction", "expected_ms"), [(0.0, 0), (0.25, 500), (JUST_BELOW_1, 2000)])
def test_jitter_draws_from_zero_up_to_the_full_wait(fraction: float, expected_ms: int) -> None:
    assert RetryPolicy().wait_after(2, fraction) == timedelta(milliseconds=expected_ms)


def test_without_jitter_the_random_fraction_does_not_matter() -> None:
    policy = RetryPolicy(jitter=False)
    assert policy.wait_after(2, 0.25) == policy.wait_after(2, 0.75) == timedelta(seconds=2)


def test_a_long_base_does_not_overflow() -> None:
    policy = RetryPolicy(base=timedelta(days=1), cap=timedelta.max, jitter=False)
    assert policy.wait_after(10**9, 0) == timedelta.max


def test_as_many_attempts_are_allowed_as_the_policy_says() -> None:
    policy = RetryPolicy(attempts=2)
    assert [policy.allows_another(made) for made in range(4)] == [True, True, False, False]

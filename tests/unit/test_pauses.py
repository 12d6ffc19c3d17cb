"""Pauses between attempts: each longer than the last, up to an hour, and no two alike."""

from datetime import timedelta

import pytest

from clarion.bus.backoff import pause_after, retry_horizon


def test_the_longest_time_that_retries_may_take_is_known() -> None:
    assert retry_horizon(1) == timedelta(0)
    assert retry_horizon(3) == timedelta(seconds=(30 + 60) * 1.25)
    assert retry_horizon(100) < timedelta(days=5)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (9, 3600), (100, 3600)]
)
def test_pauses_double_up_to_an_hour_with_jitter(attempts: int, seconds: int) -> None:
    pauses = {pause_after(attempts).total_seconds() for _ in range(50)}

    assert len(pauses) > 1
    assert min(pauses) >= seconds * 0.75
    assert max(pauses) <= seconds * 1.25

"""How fast letters may go."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notification.sending.pace import ServerRest, pace
from tests.harness import MORNING


@given(st.integers(1, 2_000))
def test_a_burst_is_a_quarter_of_a_second_and_at_least_one_letter(per_second: int):
    limiter = pace(per_second)

    assert limiter.max_rate == max(1, per_second / 4)
    assert round(limiter.max_rate / limiter.time_period) == per_second


def test_a_server_that_is_away_is_left_alone_longer_and_longer_and_tried_with_one_letter():
    rest, now, rests = ServerRest(), MORNING, list[float]()
    for _ in range(7):
        rest.failed(now)
        rest.failed(now)
        assert rest.until is not None
        assert rest.allows(now, 40) == 0
        rests.append((rest.until - now).total_seconds())
        now = rest.until
        assert rest.allows(now, 40) == 1

    assert rests == [2, 4, 8, 16, 30, 30, 30]
    rest.answered()
    assert rest.allows(now + timedelta(seconds=1), 40) == 40

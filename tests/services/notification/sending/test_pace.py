"""How fast letters may go."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notification.sending.pace import Pace, ServerRest
from tests.harness import MORNING


@given(st.integers(1, 2_000), st.lists(st.floats(0.001, 1.5), min_size=1, max_size=60))
def test_no_more_letters_go_than_the_rate_and_one_burst_allow(per_second: int, pauses: list[float]):
    at = [0.0]
    pace = Pace(per_second, clock=lambda: at[0])
    went = 0
    for pause in pauses:
        allowed = pace.allowed()
        pace.went(allowed)
        went += allowed
        at[0] += pause

    assert went <= pace.burst + per_second * at[0] + 1e-6


def test_a_slow_rate_lets_one_letter_through_at_a_time():
    at = [0.0]
    pace = Pace(1, clock=lambda: at[0])
    assert pace.allowed() == 1
    pace.went(1)
    assert pace.allowed() == 0
    at[0] = 60
    assert pace.allowed() == 1


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

"""The stage waits for slow services, and not for those that stand still."""

import pytest

from tests.faults import mix_stage
from tests.faults.mix_stage import Patience


@pytest.fixture
def time_is(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock shows: the last of these."""
    shown = [0.0]
    monkeypatch.setattr(mix_stage.time, "monotonic", lambda: shown[-1])
    return shown


def test_patience_lasts_as_long_as_something_moves(time_is: list[float]):
    patience = Patience(180)
    for left in range(100, 0, -1):
        assert not patience.over({"claims": left})
        time_is.append(time_is[-1] + 170)


def test_patience_is_over_when_nothing_has_moved_for_so_long(time_is: list[float]):
    patience = Patience(180)
    over: list[bool] = []
    for _ in range(5):
        over.append(patience.over({"claims": 7}))
        time_is.append(time_is[-1] + 50)

    assert over == [False, False, False, False, True]

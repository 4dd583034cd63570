"""When a process gives up on a consumer that does not come back to its group."""

from shared.process.lost_groups import LONGEST_SECONDS, OutOfGroup


def test_who_stays_out_while_the_broker_answers_is_lost():
    watched = OutOfGroup()

    assert not watched.lost(0, member=False, answers=True)
    assert not watched.lost(LONGEST_SECONDS, member=False, answers=True)
    assert watched.lost(LONGEST_SECONDS + 1, member=False, answers=True)


def test_who_came_back_between_is_not_lost():
    watched = OutOfGroup()
    watched.lost(0, member=False, answers=True)

    assert not watched.lost(100, member=True, answers=True)
    assert not watched.lost(LONGEST_SECONDS + 1, member=False, answers=True)


def test_the_time_that_the_broker_was_away_does_not_count():
    watched = OutOfGroup()
    watched.lost(0, member=False, answers=True)

    assert not watched.lost(LONGEST_SECONDS + 1, member=False, answers=False)
    assert not watched.lost(LONGEST_SECONDS + 2, member=False, answers=True)

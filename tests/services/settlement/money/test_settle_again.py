"""What settling again does when an answer is corrected, a refund fails or an answer fits no request."""

from dataclasses import replace

from services.settlement.answers.payment_answer import Moved
from services.settlement.ledger.ledger import Account, balances
from tests.services.settlement.happening import (
    OPENING,
    PRIMARY,
    SECONDARY_AGAIN,
    SECONDARY_BACK,
    STORY,
    P,
    S,
    Session,
    adjudicated,
    answered,
    cleared,
    deadline,
)
from tests.services.settlement.remittances import claim, of


def test_a_correction_after_the_refund_moves_only_the_difference() -> None:
    session = Session()
    session.happens(*STORY)
    refund, cents = session.asked[0]
    session.happens(answered(Moved.SUCCEEDED, cents, refund))

    target = session.happens(adjudicated(SECONDARY_BACK), adjudicated(SECONDARY_AGAIN))

    assert (target.final_cost_cents, target.balance_due_cents, len(session.asked)) == (1000, 400, 1)
    assert balances(session.posted)[Account.CLIENT_RECEIVABLE] == 400
    assert any(entry.reverses for entry in session.posted)


def test_a_correction_in_the_clients_favour_gives_back_the_rest_under_a_key_of_its_own() -> None:
    session = Session()
    session.happens(*OPENING, adjudicated(PRIMARY), adjudicated(replace(SECONDARY_AGAIN, adjudicated_on=None)))
    better = of(S, claim("2", 2900, "OA-23:19000 PR-2:100", icn="ICN-3"), day=28, position=1)
    back = of(S, claim("22", 2000, "OA-23:19000 PR-2:1000", icn="ICN-2B"), day=28)

    session.happens(adjudicated(back), adjudicated(better))

    assert [cents for _, cents in session.asked] == [2000, 900]
    assert len({key for key, _ in session.asked}) == 2


def test_a_refund_that_failed_waits_for_a_person_and_is_not_asked_for_again() -> None:
    session = Session()
    session.happens(*STORY)

    target = session.happens(answered(Moved.FAILED, 2400, session.asked[0][0]), deadline)

    assert len(session.asked) == 1
    assert balances(session.posted)[Account.CLIENT_CREDIT] == -2400
    assert [review.reason for review in target.review] == ["refund_failed"]


def test_an_answer_to_a_request_never_made_moves_nothing_and_is_shown() -> None:
    session = Session()
    target = session.happens(*OPENING, answered(Moved.SUCCEEDED, 99900, "someone-elses-charge"))

    assert balances(session.posted)[Account.CASH] == 3000
    assert [review.reason for review in target.review] == ["answer_without_request"]


def test_a_primary_that_answers_for_another_charge_holds_the_cost() -> None:
    session = Session()
    target = session.happens(cleared(P), *OPENING[1:], adjudicated(of(P, claim("1", 2000, "PR-2:1000", charge=3000))))

    assert target.final_cost_cents is None
    assert [review.reason for review in target.review] == ["charges_differ"]

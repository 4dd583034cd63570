"""The mix's checker can fail: a right outcome has nothing against it, and each kind of wrong one is found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.payers.characters.characters import CHARACTERS
from shared.events.payments import PaymentSucceeded, RefundSucceeded
from shared.events.settlement import ChargeRequested, CostFinalized, PayoutPaid, RefundRequested
from tests.faults.mix_cast import LEE, ONE, OUT, TWO, Cover, Kind, Person, Visit, turning
from tests.faults.mix_checker import check
from tests.faults.mix_evidence import Evidence, Waits
from tests.faults.mix_kinds import kinds
from tests.faults.mix_x12 import Benefits, Remitted, SentClaim

DAY = date(2026, 3, 2)
NOW = datetime(2026, 9, 1, tzinfo=UTC)
OWN, SPOUSES = Cover(ONE), Cover(TWO, "spouse")
MEMBER, SECOND = OWN.member_id(1), SPOUSES.member_id(1)
WHOSE = {"client_id": "c", "session_id": "s"}


def person(*covers: Cover, **changes: Any) -> Person:
    """A client with one session of 90837 at 220.00."""
    kind = Kind("a kind", covers or (OWN, SPOUSES), **changes)
    return Person(1, kind, "c", kind.covers, (Visit("s", DAY, (("90837", ("95",), 22_000),)),))


def sent(number: int, payer_id: str, control: str, **changes: Any) -> SentClaim:
    """One of our 837Ps."""
    member = MEMBER if payer_id == ONE else SECOND
    claim = SentClaim(number, DAY + timedelta(days=number), payer_id, member, DAY, control, "1", "10", 22_000)
    return replace(claim, **changes)


def said(number: int, payer_id: str, paid: int, owed: int, **changes: Any) -> Remitted:
    """One claim of an 835."""
    day, adjusted = DAY + timedelta(days=number), 22_000 - paid
    told = ("s-P" if payer_id == ONE else "s-S", f"{payer_id}-1", "1" if payer_id == ONE else "2")
    claim = Remitted(number, day, payer_id, f"T{number}", *told, 22_000, paid, owed, adjusted, lines=1)
    return replace(claim, **changes)


def right(who: Person | None = None) -> Evidence:
    """Plan One pays 120.00 and leaves 30.00, Plan Two pays 24.00 and leaves 6.00; 24.00 went back."""
    first, second = (cover.member_id(1) for cover in (who or person()).covers)
    final = CostFinalized.model_validate(
        {**WHOSE, "date_of_service": DAY, "charged_cents": 3000, "final_cost_cents": 600, "refund_cents": 2400}
        | {"primary_paid_cents": 12000, "secondary_paid_cents": 2400, "reason": "secondary_paid"}
    )
    refund = {**WHOSE, "idempotency_key": "r", "amount_cents": 2400}
    charge = {**WHOSE, "idempotency_key": "k", "amount_cents": 3000}
    evidence = Evidence(NOW)
    evidence.sent = [sent(1, ONE, "s-P", member_id=first)]
    evidence.sent.append(sent(8, TWO, "s-S", member_id=second, others={ONE: 12000}))
    evidence.remitted = [said(7, ONE, 12000, 3000), said(14, TWO, 2400, 600)]
    evidence.benefits = [Benefits(first, DAY, 0, 0, 20, told=True)]
    evidence.events["s"] = [
        ChargeRequested.model_validate(charge),
        PaymentSucceeded.model_validate(charge),
        final,
        RefundRequested.model_validate(refund),
        RefundSucceeded.model_validate(refund),
        PayoutPaid.model_validate({**WHOSE, "provider_id": "provider-kim", "amount_cents": 15000, "paid_on": DAY}),
    ]
    evidence.final_cents["s"] = 600
    evidence.ledger_cents["s"] = {"cash": 600, "cob_variance": -600}
    return evidence


def without(kind: type[Any]) -> Callable[[Evidence], None]:
    """The session as if no such event had been published."""

    def doctored(evidence: Evidence) -> None:
        evidence.events["s"] = [event for event in evidence.events["s"] if not isinstance(event, kind)]

    return doctored


def again(kind: type[Any], **changes: Any) -> Callable[[Evidence], None]:
    """The session as if an event had been published once more."""

    def doctored(evidence: Evidence) -> None:
        event = next(event for event in evidence.events["s"] if isinstance(event, kind))
        evidence.events["s"].append(event.model_copy(update=changes))

    return doctored


def changed(kind: type[Any], **changes: Any) -> Callable[[Evidence], None]:
    """The session as if an event had said something else."""

    def doctored(evidence: Evidence) -> None:
        evidence.events["s"] = [
            event.model_copy(update=changes) if isinstance(event, kind) else event for event in evidence.events["s"]
        ]

    return doctored


def held(**changes: Any) -> Callable[[Evidence], None]:
    """The evidence with other fields."""

    def doctored(evidence: Evidence) -> None:
        for name, value in changes.items():
            setattr(evidence, name, value)

    return doctored


def nobody_knows(evidence: Evidence) -> None:
    """The second payer never answers, nobody waits for it, and no person is told."""
    evidence.remitted.pop()
    evidence.final_cents["s"] = None


def test_every_character_of_the_stand_in_is_in_the_mix():
    played = {word.partition("=")[0] for kind in kinds() for cover in kind.covers for word in cover.characters}
    turned = {word.partition("=")[0] for cover in turning(person().kind, DAY) for word in cover.characters}
    of_insurers = {"disputes_until_confirmed"}  # Harbor Life's, whoever the member

    assert {*CHARACTERS} - {"ordinary"} <= played | turned | of_insurers


def test_a_right_outcome_has_nothing_against_it():
    (finding,) = check([person()], right())

    assert (finding.end, finding.wrong) == ("settled", ())


FULL = said(7, ONE, 15000, 0)
FORWARDED = said(7, ONE, 12000, 3000, status="19", crossed_to=TWO)


@pytest.mark.parametrize(
    ("doctored", "expected"),
    [
        pytest.param(held(sent=[sent(1, ONE, "s-P", member_id="X")]), "nobody's plan", id="a claim for nobody"),
        pytest.param(nobody_knows, "nothing will ever happen", id="lost"),
        pytest.param(held(final_cents={"s": None}), "every payer has decided", id="not settled"),
        pytest.param(held(final_cents={"s": 700}), "it costs 600, and 700", id="settled at another cost"),
        pytest.param(changed(CostFinalized, final_cost_cents=700), "700 was told", id="another cost told"),
        pytest.param(held(remitted=[said(7, ONE, 12000, 3000)]), "PLANTWO has not decided", id="settled too early"),
        pytest.param(changed(RefundSucceeded, amount_cents=2000), "got 2000 back", id="another refund"),
        pytest.param(without(RefundSucceeded), "got 0 back", id="no refund"),
        pytest.param(again(RefundRequested), "refund was asked for twice", id="a refund twice"),
        pytest.param(again(ChargeRequested, idempotency_key="k2"), "charged twice", id="charged twice"),
        pytest.param(changed(ChargeRequested, amount_cents=4000), "first plan's share is 3000", id="another estimate"),
        pytest.param(changed(PayoutPaid, amount_cents=14000), "and the rate is 15000", id="another pay"),
        pytest.param(without(PayoutPaid), "was paid 0", id="no pay"),
        pytest.param(again(PayoutPaid), "was paid 30000", id="paid out twice"),
        pytest.param(
            held(ledger_cents={"s": {"cash": 1}}), "ledger sums to 1", id="a ledger that does not sum to zero"
        ),
        pytest.param(
            held(ledger_cents={"s": {"client_credit": -2400, "cash": 2400}}),
            "client's accounts are not at zero",
            id="a credit that nobody gave back",
        ),
        pytest.param(held(reviewed={"s": ["payment_differs"]}), "asked in vain", id="a person asked in vain"),
        pytest.param(
            held(sent=[sent(1, ONE, "s-P"), sent(6, TWO, "s-S", others={ONE: 12000})]),
            "before PLANONE had decided",
            id="a secondary claim too early",
        ),
        pytest.param(
            held(sent=[sent(1, ONE, "s-P"), sent(8, TWO, "s-S", others={ONE: 11000})]),
            "was told 11000",
            id="other figures than the primary's",
        ),
        pytest.param(
            held(remitted=[FULL, said(14, TWO, 0, 0)]), "PLANONE left nothing", id="a secondary claim for nothing"
        ),
        pytest.param(
            held(remitted=[FORWARDED, said(14, TWO, 2400, 600)]), "had forwarded", id="a crossover billed again"
        ),
        pytest.param(
            held(sent=[sent(1, ONE, "s-P"), sent(2, ONE, "s-P2"), sent(8, TWO, "s-S", others={ONE: 12000})]),
            "more than one original",
            id="two originals",
        ),
        pytest.param(
            held(sent=[sent(1, ONE, "s-P"), sent(8, TWO, "s-P", others={ONE: 12000})]),
            "control number was used twice",
            id="a number twice",
        ),
        pytest.param(held(set_aside={"claims": 1}), "1 messages were set aside", id="a handler that failed"),
    ],
)
def test_each_kind_of_wrong_outcome_is_found(doctored: Callable[[Evidence], None], expected: str):
    evidence = right()
    doctored(evidence)

    assert any(expected in wrong for finding in check([person()], evidence) for wrong in finding.wrong)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(person(Cover(OUT), SPOUSES), "was not refused", id="a first plan that cannot be billed"),
        pytest.param(person(provider=LEE), "PLANTWO got a claim and cannot be billed", id="a second plan"),
        pytest.param(person(OWN, SPOUSES, ends=("queued",)), "it ought to be queued", id="another end than told"),
    ],
)
def test_what_the_plans_do_not_allow_is_found(who: Person, expected: str):
    assert any(expected in wrong for finding in check([who], right()) for wrong in finding.wrong)


@pytest.mark.parametrize(("queued", "right_reason"), [("remittance_unbalanced", True), ("payer_silent", False)])
def test_a_person_must_find_it_under_the_right_reason(queued: str, right_reason: bool):
    who = person(Cover(ONE, characters=("unbalanced",)), SPOUSES)
    evidence = right(who)
    evidence.sent.pop()
    evidence.remitted = [said(7, ONE, 12100, 3000, adjusted_cents=10000)]
    evidence.final_cents["s"] = None
    evidence.queued["s"] = [queued]

    (finding,) = check([who], evidence)

    assert finding.end == "queued"
    complained = any("a person ought to find it" in wrong for wrong in finding.wrong)
    assert complained is not right_reason


def test_a_payer_that_went_by_figures_taken_back_since_has_not_decided():
    evidence = right()
    back = said(20, ONE, -12000, -3000, status="22", charge_cents=-22_000, adjusted_cents=-10_000)
    evidence.remitted += [back, said(20, ONE, 11000, 4000)]

    (finding,) = check([person()], evidence)

    assert "it is settled, and PLANTWO has not decided" in finding.wrong


def test_a_timer_that_is_still_to_come_is_a_wait():
    who = person(OWN, Cover(TWO, "spouse", ("never_answers",)))
    evidence = right(who)
    nobody_knows(evidence)
    evidence.waits["s"] = [Waits("claims", "chase", NOW + timedelta(days=3))]

    (finding,) = check([who], evidence)

    assert finding.end == "waiting"

"""What an insurer of the stand-in pays: worked cases, and that everything it writes adds up."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payers.adjudication.adjudication import Decision, adjudicate, deny
from services.payers.adjudication.remittance import remittance, remitted, reversal
from services.payers.book.book import Figures, Insurer, Plan
from services.payers.book.cost_share import Used
from shared.codes.payment_method import Method
from shared.x12.claim_837.claim import LineAdjudication, OtherPayer, ProfessionalClaim
from shared.x12.remittance_835.reader import RemittanceTotals, read_remittances
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.remittance_835.writer import write_remittances
from shared.x12.syntax.adjustments import Adjustment, total_cents
from shared.x12.syntax.envelope_writer import Envelope
from tests.services.payers.claim_samples import LINE, PLAN_TWO, claim, decided_by_plan_one, secondary

NOTHING_USED = Used()


def plan(allowed: int | None, method: Method = Method.LESSER_OF, writes_off: bool = False) -> Plan:
    """A plan that has agreed one fee, or none."""
    fees = {} if allowed is None else {"90837": allowed}
    return Plan(name="Plan", allowed_cents=fees, coordination=method, writes_off_above_own_fee=writes_off)


def adjustments(line: RemittedLine) -> list[tuple[str, str, int]]:
    """Group, reason and cents of each adjustment."""
    return [(adjustment.group, adjustment.reason, adjustment.amount_cents) for adjustment in line.adjustments]


def charged(charge: int) -> ProfessionalClaim:
    """A primary claim of one line."""
    return claim(lines=[replace(LINE, charge_cents=charge)])


def after(charge: int, paid: int, left: int) -> ProfessionalClaim:
    """A secondary claim of one line, after a primary that paid and left these amounts."""
    prior = decided_by_plan_one(paid, left, charge)
    return replace(secondary(prior), charge_cents=charge, lines=(replace(LINE, charge_cents=charge),))


@pytest.mark.parametrize(
    ("figures", "used", "paid", "expected"),
    [
        pytest.param(Figures(), NOTHING_USED, 150_00, [("CO", "45", 70_00)], id="no share"),
        pytest.param(
            Figures(coinsurance_percent=20), NOTHING_USED, 120_00, [("CO", "45", 70_00), ("PR", "2", 30_00)], id="20 %"
        ),
        pytest.param(
            Figures(copay_cents=25_00), NOTHING_USED, 125_00, [("CO", "45", 70_00), ("PR", "3", 25_00)], id="copay"
        ),
        pytest.param(
            Figures(deductible_cents=100_00, copay_cents=20_00, coinsurance_percent=10),
            Used(deductible_cents=60_00),
            81_00,
            [("CO", "45", 70_00), ("PR", "1", 40_00), ("PR", "3", 20_00), ("PR", "2", 9_00)],
            id="what is left of the deductible, then copay, then coinsurance",
        ),
        pytest.param(
            Figures(deductible_cents=500_00),
            NOTHING_USED,
            0,
            [("CO", "45", 70_00), ("PR", "1", 150_00)],
            id="all of it goes to the deductible",
        ),
        pytest.param(
            Figures(coinsurance_percent=20, out_of_pocket_cents=1000_00),
            Used(out_of_pocket_cents=990_00),
            140_00,
            [("CO", "45", 70_00), ("PR", "2", 10_00)],
            id="the out-of-pocket limit ends the share",
        ),
    ],
)
def test_a_primary_pays_its_fee_less_the_members_share(
    figures: Figures, used: Used, paid: int, expected: list[tuple[str, str, int]]
):
    decided = adjudicate(charged(220_00), plan(150_00), figures, used)

    assert decided.status == "1"
    assert (decided.paid_cents, decided.lines[0].allowed_cents) == (paid, 150_00)
    assert adjustments(decided.lines[0]) == expected


CASES = [
    pytest.param(200, (120, 90, 30), Method.LESSER_OF, 110, Figures(), False, (30, 0, 0), id="lesser of, no share"),
    pytest.param(
        200, (120, 0, 120), Method.LESSER_OF, 110, Figures(copay_cents=20_00), False, (90, 30, 0), id="lesser of, copay"
    ),
    pytest.param(
        200,
        (120, 0, 120),
        Method.LESSER_OF,
        110,
        Figures(copay_cents=20_00),
        True,
        (90, 20, 10),
        id="lesser of, writes off what is above its own fee",
    ),
    pytest.param(
        200, (150, 120, 30), Method.LESSER_OF, 150, Figures(coinsurance_percent=20), False, (30, 0, 0), id="lesser, 20%"
    ),
    pytest.param(
        200,
        (150, 120, 30),
        Method.NON_DUPLICATION,
        150,
        Figures(coinsurance_percent=10),
        False,
        (15, 15, 0),
        id="non-duplication",
    ),
    pytest.param(
        220,
        (150, 120, 30),
        Method.MAINTENANCE_OF_BENEFITS,
        150,
        Figures(coinsurance_percent=20),
        False,
        (24, 6, 0),
        id="maintenance of benefits",
    ),
    pytest.param(
        200, (120, 96, 24), Method.MEDICAID_LESSER_OF, 85, Figures(), False, (0, 0, 24), id="Medicaid pays nothing more"
    ),
    pytest.param(
        500, (375, 300, 75), Method.MEDICAID_LESSER_OF, 365, Figures(), False, (65, 0, 10), id="Medicaid, X12 RFI 1696"
    ),
    pytest.param(
        175, (150, 120, 30), Method.MEDICARE_SECONDARY, 125, Figures(), False, (30, 0, 0), id="42 CFR 411.33 example"
    ),
    pytest.param(
        1200, (900, 450, 450), Method.BASIC, 650, Figures(coinsurance_percent=50), False, (200, 250, 0), id="basic"
    ),
    pytest.param(
        1200,
        (650, 325, 325),
        Method.NAIC_STANDARD,
        900,
        Figures(coinsurance_percent=50),
        False,
        (450, 0, 0),
        id="standard, higher fee of the second",
    ),
    pytest.param(
        200, (120, 90, 30), Method.SUPPLEMENT, 120, Figures(copay_cents=5_00), False, (25, 5, 0), id="supplement"
    ),
    pytest.param(200, (120, 90, 30), Method.NONE, 120, Figures(), False, (0, 30, 0), id="pays nothing after another"),
]


@pytest.mark.parametrize(("charge", "prior", "method", "fee", "figures", "writes_off", "expected"), CASES)
def test_a_secondary_pays_by_its_method(
    charge: int,
    prior: tuple[int, int, int],
    method: Method,
    fee: int,
    figures: Figures,
    writes_off: bool,
    expected: tuple[int, int, int],
):
    """Dollars: charge; fee, payment and share of the primary; what the secondary pays, leaves and writes off."""
    _, paid, left = (100 * dollars for dollars in prior)
    sent = after(charge * 100, paid, left)

    decided = adjudicate(sent, plan(fee * 100, method, writes_off), figures, NOTHING_USED)

    adjustments = decided.lines[0].adjustments
    written_off = sum(adjustment.amount_cents for adjustment in adjustments if adjustment.reason == "45")
    assert decided.status == "2"
    assert (decided.paid_cents, total_cents(adjustments, "PR"), written_off) == tuple(
        100 * dollars for dollars in expected
    )


def test_the_secondary_of_the_wrong_order_story_pays_24_and_leaves_6():
    sent = secondary(decided_by_plan_one())

    decided = adjudicate(
        sent, plan(150_00, Method.MAINTENANCE_OF_BENEFITS), Figures(coinsurance_percent=20), NOTHING_USED
    )

    assert decided.lines == (
        RemittedLine(
            charge_cents=220_00,
            paid_cents=24_00,
            procedure="90837",
            modifiers=("95",),
            control="S1-1",
            allowed_cents=150_00,
            adjustments=(Adjustment("OA", "23", 190_00), Adjustment("PR", "2", 6_00)),
            service_from=LINE.service_from,
        ),
    )


def test_what_the_prior_payers_share_costs_beyond_the_own_terms_is_told_as_such():
    decided = adjudicate(after(200_00, 0, 120_00), plan(110_00), Figures(copay_cents=20_00), NOTHING_USED)

    assert adjustments(decided.lines[0]) == [("OA", "23", 80_00), ("PR", "3", 20_00), ("PR", "275", 10_00)]


def test_a_secondary_pays_as_if_alone_what_the_primary_denied():
    prior = decided_by_plan_one(0, 0)
    line = replace(prior.lines[0], adjustments=(Adjustment("CO", "96", 220_00),))
    sent = secondary(replace(prior, lines=(line,)))

    decided = adjudicate(sent, plan(150_00), Figures(copay_cents=20_00), NOTHING_USED)

    assert adjustments(decided.lines[0]) == [("CO", "45", 70_00), ("PR", "3", 20_00)]


def test_money_that_went_to_the_patient_counts_as_paid():
    prior = decided_by_plan_one(0, 0)
    line = replace(prior.lines[0], adjustments=(Adjustment("CO", "45", 70_00), Adjustment("PR", "100", 150_00)))
    sent = secondary(replace(prior, lines=(line,)))

    decided = adjudicate(sent, plan(150_00), Figures(), NOTHING_USED)

    assert (decided.paid_cents, adjustments(decided.lines[0])) == (0, [("OA", "23", 220_00)])


def test_a_decision_on_the_whole_claim_is_spread_over_its_lines():
    prior = OtherPayer("P", PLAN_TWO, claim().subscriber, paid_cents=240_00)
    prior = replace(prior, adjustments=(Adjustment("CO", "45", 140_00), Adjustment("PR", "2", 60_00)))
    sent = replace(secondary(prior), charge_cents=440_00, lines=(LINE, replace(LINE, control="S1-2")))

    decided = adjudicate(sent, plan(150_00), Figures(), NOTHING_USED)

    assert [line.paid_cents for line in decided.lines] == [30_00, 30_00]


def test_a_visit_has_one_copay():
    sent = claim(lines=[LINE, replace(LINE, control="S1-2")])

    decided = adjudicate(sent, plan(150_00), Figures(copay_cents=25_00), NOTHING_USED)

    assert [line.paid_cents for line in decided.lines] == [125_00, 150_00]


def test_a_service_that_the_plan_does_not_cover_is_denied():
    decided = adjudicate(charged(220_00), plan(None), Figures(), NOTHING_USED)

    assert decided.denied
    assert adjustments(decided.lines[0]) == [("PR", "204", 220_00)]


def test_a_denial_puts_its_remarks_where_they_belong():
    decided = deny(charged(220_00), "CO", "22", ("MA04", "N197"))

    assert (decided.status, decided.remarks, decided.lines[0].remarks) == ("4", ("MA04",), ("N197",))
    assert adjustments(decided.lines[0]) == [("CO", "22", 220_00)]


def test_what_a_service_uses_up_counts_for_the_next():
    first = adjudicate(charged(220_00), plan(150_00), Figures(deductible_cents=200_00), NOTHING_USED)
    second = adjudicate(charged(220_00), plan(150_00), Figures(deductible_cents=200_00), first.used)

    assert first.used == Used(150_00, 150_00)
    assert (second.paid_cents, second.used) == (100_00, Used(200_00, 200_00))


INSURER = Insurer(payer_id="PLANTWO", name="Plan Two Mutual", plans=(plan(1),))
TODAY = date(2026, 3, 9)


def read_back(*claims: RemittedClaim, owed: int = 0) -> tuple[list[RemittedClaim], RemittanceTotals, int]:
    """The claims of the 835 that pays these, as read; its totals; and what is owed after it."""
    told, carried = remittance(INSURER, claim().billing, claims, "123", TODAY, owed)
    written = write_remittances([told], Envelope("PLANTWO", "MARKETPLACE", 1, datetime(2026, 3, 9, tzinfo=UTC)))
    parts = list(read_remittances(written))
    totals = parts[-1]
    assert isinstance(totals, RemittanceTotals)
    return [part for part in parts if isinstance(part, RemittedClaim)], totals, carried


def told(sent: ProfessionalClaim, decided: Decision) -> RemittedClaim:
    """The claim as the 835 tells it."""
    return remitted(sent, decided, plan(1), "PLANTWO1", TODAY)


money = st.integers(min_value=0, max_value=500_00)
figures = st.builds(
    Figures,
    deductible_cents=money,
    copay_cents=st.integers(0, 60_00),
    coinsurance_percent=st.integers(0, 100),
    out_of_pocket_cents=st.none() | money,
)
plans = st.builds(plan, st.none() | money, st.sampled_from(Method), st.booleans())


@st.composite
def prior_decisions(draw: st.DrawFn, charges: list[int], place: str) -> OtherPayer:
    """A balanced decision of another payer on lines of these charges, at line or at claim level, denials included."""
    lines: list[LineAdjudication] = []
    for number, charge in enumerate(charges, 1):
        paid = draw(st.integers(0, charge))
        left = draw(st.integers(0, charge - paid))
        reason = draw(st.sampled_from(["1", "2", "3", "100"]))
        parts = [Adjustment("PR", reason, left), Adjustment("CO", "45", charge - paid - left)]
        parts = [adjustment for adjustment in parts if adjustment.amount_cents]
        lines.append(LineAdjudication(number, paid, "90837", adjustments=tuple(parts)))
    payer = OtherPayer(place, PLAN_TWO, claim().subscriber, paid_cents=sum(line.paid_cents for line in lines))
    if draw(st.booleans()):
        return replace(payer, lines=tuple(lines))
    return replace(payer, adjustments=tuple(adjustment for line in lines for adjustment in line.adjustments))


@st.composite
def claims(draw: st.DrawFn) -> ProfessionalClaim:
    """A claim of up to three lines, as primary, secondary or tertiary."""
    charges = draw(st.lists(money, min_size=1, max_size=3))
    place = draw(st.sampled_from("PST"))
    before = "PST"["PST".index(place) - 1 :: -1] if place != "P" else ""
    priors = tuple(draw(prior_decisions(charges, level)) for level in before)
    lines = [replace(LINE, charge_cents=charge, control=f"S1-{n}") for n, charge in enumerate(charges, 1)]
    return replace(claim(lines=lines), responsibility=place, other_payers=priors)


@settings(max_examples=100, deadline=None)
@given(claims(), plans, figures, money)
def test_whatever_the_plan_and_the_claim_the_835_balances(
    sent: ProfessionalClaim, terms: Plan, shares: Figures, used: int
):
    decided = adjudicate(sent, terms, shares, Used(deductible_cents=used, out_of_pocket_cents=used))
    payment = told(sent, decided)

    read, totals, _ = read_back(payment)

    assert read == [payment]
    assert (read[0].problems, totals.problems) == ((), ())
    assert all(line.paid_cents >= 0 for line in decided.lines)
    assert all(total_cents(line.adjustments, "PR") >= 0 for line in decided.lines)


@settings(max_examples=40, deadline=None)
@given(claims(), plans, figures, money)
def test_a_payment_taken_back_balances_and_what_is_owed_is_carried_on(
    sent: ProfessionalClaim, terms: Plan, shares: Figures, owed: int
):
    paid = told(sent, adjudicate(sent, terms, shares, NOTHING_USED))

    back, totals, carried = read_back(reversal(paid), owed=owed)
    again, later, left = read_back(paid, owed=carried)

    assert (back[0].problems, totals.problems) == ((), ())
    assert (again[0].problems, later.problems) == ((), ())
    assert (carried, left) == (owed + paid.paid_cents, owed)

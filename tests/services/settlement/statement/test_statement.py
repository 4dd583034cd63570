"""What a client's statement says."""

from dataclasses import replace
from datetime import date

import pytest

from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.session_facts import ChargeRequest, Moved, PaymentAnswer, SessionFacts
from services.settlement.money.settle import settle
from services.settlement.statement.reasons import in_words
from services.settlement.statement.statement import Billing, Outcome, PlanPart, SessionStatement, Told, Why, statement
from tests.services.settlement.remittances import claim, of

P, S = Level.PRIMARY, Level.SECONDARY
PAID = of(P, claim("1", 12000, "CO-45:7000 PR-2:3000"))
PAID_2 = of(S, claim("2", 2400, "OA-23:19000 PR-2:600", icn="ICN-2"))
FIRST = of(P, claim("1", 14000, "CO-45:7000 PR-2:1000"))
TAKEN_BACK = of(P, claim("22", 14000, "CO-45:7000 PR-2:1000"), day=2)
CORRECTED = of(P, claim("1", 12000, "CO-45:7000 PR-2:3000"), day=2, position=1)
BILLING = Billing(date(2026, 3, 2), {P: "Plan One", S: "Plan Two"}, plans=2)


def facts(*answers: Adjudication, expected: frozenset[Level] = frozenset({P, S}), asked: int = 3000) -> SessionFacts:
    return SessionFacts(
        charge_cents=22000,
        rate_cents=15000,
        expected=expected,
        completed=True,
        charges={"c": ChargeRequest(asked)},
        payment_answers={"c": PaymentAnswer(Moved.SUCCEEDED, asked)},
        answers={answer.id: answer for answer in answers},
    )


def told(known: SessionFacts, billing: Billing = BILLING, forgive: int = 0) -> SessionStatement:
    return statement("session-1", known, settle("session-1", known, forgive), billing, "en")


def test_two_plans_and_a_refund() -> None:
    assert told(facts(PAID, PAID_2)) == SessionStatement(
        session_id="session-1",
        date_of_service=date(2026, 3, 2),
        charged_cents=3000,
        paid_cents=3000,
        refunded_cents=2400,
        final_cost_cents=600,
        balance_due_cents=0,
        forgiven_cents=0,
        credit_cents=0,
        plans=(
            PlanPart(
                P,
                "Plan One",
                12000,
                3000,
                (
                    Told("A discount agreed with the plan. Nobody bills you.", 7000, False),
                    Told("Your coinsurance: your share of the cost.", 3000, True),
                ),
            ),
            PlanPart(
                S,
                "Plan Two",
                2400,
                600,
                (
                    Told("Another plan has taken care of this part.", 19000, False),
                    Told("Your coinsurance: your share of the cost.", 600, True),
                ),
            ),
        ),
        outcome=Outcome.REFUND,
        why=None,
    )


NOTHING = of(S, claim("2", 0, "OA-23:19000 PR-2:3000", icn="ICN-2"))
ALONE = frozenset({P})


@pytest.mark.parametrize(
    ("known", "billing", "outcome", "why"),
    [
        pytest.param(facts(PAID), BILLING, Outcome.OPEN, None, id="the second plan is awaited"),
        pytest.param(
            facts(PAID, expected=ALONE), replace(BILLING, plans=1), Outcome.UNCHANGED, Why.ONE_PLAN, id="one plan"
        ),
        pytest.param(
            facts(PAID, expected=ALONE), BILLING, Outcome.UNCHANGED, Why.SECONDARY_NOT_BILLED, id="second not billed"
        ),
        pytest.param(
            facts(PAID, NOTHING), BILLING, Outcome.UNCHANGED, Why.SECONDARY_PAID_NOTHING, id="second paid nothing"
        ),
        pytest.param(facts(PAID, PAID_2, asked=600), BILLING, Outcome.UNCHANGED, Why.AS_ESTIMATED, id="as estimated"),
        pytest.param(
            facts(PAID, PAID_2, asked=550),
            BILLING,
            Outcome.UNCHANGED,
            Why.BALANCE_FORGIVEN,
            id="small balance forgiven",
        ),
        pytest.param(
            facts(PAID, expected=ALONE, asked=1000),
            BILLING,
            Outcome.BALANCE,
            Why.ESTIMATE_TOO_LOW,
            id="estimate too low",
        ),
        pytest.param(
            replace(facts(PAID, expected=ALONE), charges={}, payment_answers={}),
            BILLING,
            Outcome.BALANCE,
            Why.NOTHING_CHARGED,
            id="nothing charged",
        ),
        pytest.param(
            facts(of(P, claim("1", 0, "CO-45:7000 PR-1:15000")), expected=ALONE),
            BILLING,
            Outcome.BALANCE,
            Why.DEDUCTIBLE,
            id="deductible",
        ),
        pytest.param(
            facts(of(P, claim("1", 0, "PR-204:22000")), expected=ALONE),
            BILLING,
            Outcome.BALANCE,
            Why.PLAN_DID_NOT_PAY,
            id="not covered",
        ),
        pytest.param(
            facts(FIRST, TAKEN_BACK, CORRECTED, expected=ALONE, asked=1000),
            replace(BILLING, corrected=True),
            Outcome.BALANCE,
            Why.PAYER_CORRECTED,
            id="corrected",
        ),
    ],
)
def test_the_statement_says_why(known: SessionFacts, billing: Billing, outcome: Outcome, why: Why | None) -> None:
    statement = told(known, billing, forgive=100)

    assert (statement.outcome, statement.why) == (outcome, why)


def test_a_credit_that_waits_for_a_charge_under_way_is_shown() -> None:
    known = facts(PAID, PAID_2)
    known = replace(known, charges={**known.charges, "d": ChargeRequest(100)})

    assert (told(known).credit_cents, told(known).refunded_cents) == (2400, 0)


@pytest.mark.parametrize(
    ("group", "reason", "language", "words"),
    [
        ("PR", "3", "en", "Your copay: a fixed amount for each visit."),
        ("PR", "03", "es", "Su copago: una cantidad fija por cada cita."),
        ("PR", "204", "en", "This service is not part of your plan. A part that your plan leaves to you."),
        ("CO", "42", "en", "A discount agreed with the plan. Nobody bills you."),
        ("CO", "999", "en", "A part that nobody bills you."),
        ("PR", "999", "es", "Una parte que su plan le deja a usted."),
        ("ZZ", "999", "en", "A part that another plan takes care of."),
    ],
)
def test_an_adjustment_is_told_in_plain_words(group: str, reason: str, language: str, words: str) -> None:
    assert in_words(group, reason, language) == words  # type: ignore[arg-type]

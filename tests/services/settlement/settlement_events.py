"""The events of one session as the other services and upstream publish them, and its balances."""

from collections.abc import Mapping, Sequence

from services.settlement.money.request_keys import estimate_key, session_name
from shared.events.answers_awaited import AnswersAwaited
from shared.events.claims import ClaimAdjudicated, ClaimReversed, ClaimSubmitted, PaymentRemitted, SecondaryWithheld
from shared.events.directory import RateAgreed
from shared.events.notification import LetterSent
from shared.events.payments import PaymentDisputed, PaymentFailed, PaymentSucceeded, RefundFailed, RefundSucceeded
from shared.events.sessions import SessionCancelled
from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    CostFinalized,
    CostOverdue,
    RefundRequested,
    SettlementReviewRequested,
)
from tests.builders import cleared, completed
from tests.harness import ServiceUnderTest

WHOSE = {"client_id": "c", "session_id": "s"}
NAME = session_name("c", "s")
CHARGE = estimate_key(NAME)
BALANCE_LETTER = {"letter_id": "letter-1", "letter": "cost-final-balance", "template_version": "v"}
RATE = RateAgreed.model_validate(
    {"payer_id": "ONE", "provider_id": "p", "procedure": "90837", "rate_cents": 15000, "from_day": "2026-01-01"}
)


COMPLETED = completed()


def answered(level: str, paid: int, adjustments: list[tuple[str, str, int]], number: int = 1, **changes):
    payer = {"primary": "ONE", "secondary": "TWO"}[level]
    kept = [{"group": group, "reason": reason, "amount_cents": cents} for group, reason, cents in adjustments]
    line = {"control": "s-1", "procedure": "90837", "modifiers": ["95"], "charge_cents": 22000, "paid_cents": paid}
    facts = {
        **WHOSE,
        "control": f"s-{level[0].upper()}",
        "level": level,
        "plan_id": {"primary": "own", "secondary": "spouses"}[level],
        "payer_id": payer,
        "adjudication_id": f"{level}-{number}",
        "number": number,
        "payer_claim_id": f"{payer}-ICN",
        "trace": f"{payer}-{number}",
        "claim_status": {"primary": "1", "secondary": "2"}[level],
        "adjudicated_on": "2026-03-20",
        "charge_cents": 22000,
        "paid_cents": paid,
        "patient_responsibility_cents": sum(cents for group, _, cents in adjustments if group == "PR"),
        "lines": [{**line, "adjustments": kept}],
    }
    return ClaimAdjudicated.model_validate({**facts, **changes})


PRIMARY = answered("primary", 12000, [("CO", "45", 7000), ("PR", "2", 3000)])
SECONDARY = answered("secondary", 2400, [("OA", "23", 19000), ("PR", "2", 600)])
DEDUCTIBLE = answered("primary", 0, [("CO", "45", 7000), ("PR", "1", 15000)], number=2)
WAITS_FOR_SECOND = {"secondary": "sent"}


def balance_letter(edition: int = 1) -> LetterSent:
    """The mail server took the letter that announces the balance of that edition."""
    return LetterSent.model_validate({**WHOSE, **BALANCE_LETTER, "edition": edition})


def reversed_(event: ClaimAdjudicated, number: int) -> ClaimReversed:
    facts = event.model_dump()
    lines = [
        {
            **line,
            "charge_cents": -line["charge_cents"],
            "paid_cents": -line["paid_cents"],
            "adjustments": [
                {**adjustment, "amount_cents": -adjustment["amount_cents"]} for adjustment in line["adjustments"]
            ],
        }
        for line in facts["lines"]
    ]
    return ClaimReversed.model_validate(
        {
            **facts,
            "adjudication_id": f"{event.level}-{number}",
            "number": number,
            "claim_status": "22",
            "charge_cents": -event.charge_cents,
            "paid_cents": -event.paid_cents,
            "patient_responsibility_cents": -event.patient_responsibility_cents,
            "lines": lines,
            "reverses": event.adjudication_id,
        }
    )


def paid(cents: int, key: str = CHARGE) -> PaymentSucceeded:
    return PaymentSucceeded.model_validate({**WHOSE, "idempotency_key": key, "amount_cents": cents})


CANCELLED = SessionCancelled.model_validate(WHOSE)


def rate(cents: int, payer: str = "ONE", **changes) -> RateAgreed:
    return RateAgreed.model_validate({**RATE.model_dump(), "payer_id": payer, "rate_cents": cents, **changes})


def submitted(level: str, plan: str, payer: str, frequency: str = "1") -> ClaimSubmitted:
    facts = {"control": f"s-{level}", "level": level, "plan_id": plan, "payer_id": payer, "frequency": frequency}
    days = {"charge_cents": 22000, "date_of_service": "2026-03-02", "submitted_on": "2026-03-03"}
    return ClaimSubmitted.model_validate({**WHOSE, **facts, **days})


def withheld(reason: str = "nothing_left") -> SecondaryWithheld:
    facts = {"level": "secondary", "plan_id": "spouses", "payer_id": "TWO", "reason": reason}
    return SecondaryWithheld.model_validate({**WHOSE, **facts})


def failed(cents: int, key: str = CHARGE) -> PaymentFailed:
    return PaymentFailed.model_validate(
        {**WHOSE, "idempotency_key": key, "amount_cents": cents, "reason": "card_declined"}
    )


def disputed(cents: int, key: str = CHARGE) -> PaymentDisputed:
    return PaymentDisputed.model_validate({**WHOSE, "idempotency_key": key, "amount_cents": cents, "reason": "unknown"})


def refunded(cents: int, key: str) -> RefundSucceeded:
    return RefundSucceeded.model_validate({**WHOSE, "idempotency_key": key, "amount_cents": cents})


def refund_failed(cents: int, key: str) -> RefundFailed:
    return RefundFailed.model_validate({**WHOSE, "idempotency_key": key, "amount_cents": cents, "reason": "closed"})


def remitted(payer: str, trace: str, cents: int, **changes) -> PaymentRemitted:
    facts = {"payer_id": payer, "trace": trace, "payment_cents": cents, "claims_cents": cents, "matched_cents": cents}
    return PaymentRemitted.model_validate({**facts, **changes})


async def balances(sut: ServiceUnderTest) -> dict[str, int]:
    rows = await sut.pool.fetch("select * from balances_of('c', 's', 'infinity')")
    return {row["account"]: row["cents"] for row in rows}


__all__ = [
    "CANCELLED",
    "COMPLETED",
    "PRIMARY",
    "RATE",
    "SECONDARY",
    "answered",
    "balances",
    "cleared",
    "disputed",
    "failed",
    "paid",
    "rate",
    "refund_failed",
    "refunded",
    "remitted",
    "reversed_",
    "submitted",
    "withheld",
]


OWN = {"plan_id": "own", "payer_id": "ONE", "level": "primary"}
SPOUSES = {"plan_id": "spouses", "payer_id": "TWO", "level": "secondary"}


def claims_say(
    version: int,
    *posted: ClaimAdjudicated | ClaimReversed,
    current: Sequence[ClaimAdjudicated] = (),
    waits: Mapping[str, str] | None = None,
    over: Mapping[str, str] | None = None,
    decision: int = 1,
) -> AnswersAwaited:
    """The claims service's word: `waits` are levels with why they are awaited; the others were answered, or `over`."""
    waits, over = waits or {}, over or {}
    plans = [OWN, SPOUSES]
    awaited = [{**plan, "why": waits[plan["level"]], "since": "2026-03-02"} for plan in plans if plan["level"] in waits]
    rest = [{**plan, "why": over.get(plan["level"], "answered")} for plan in plans if plan["level"] not in waits]
    said = {"version": version, "decision": decision, "awaited": awaited, "not_awaited": rest}
    ids = {"posted": [event.adjudication_id for event in posted], "current": [e.adjudication_id for e in current]}
    return AnswersAwaited.model_validate({**WHOSE, **said, **ids})


def reasons(sut: ServiceUnderTest) -> list[str]:
    """Why a person was asked, in order."""
    return [event.reason for event in sut.all(SettlementReviewRequested)]


def nothing_moves(sut: ServiceUnderTest) -> bool:
    """Whether nothing was told about money, or asked of the payment system, since the last message."""
    return all(map(sut.none, (CostFinalized, RefundRequested, ChargeRequested, BalanceDue, CostOverdue)))

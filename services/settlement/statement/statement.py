"""What a client's statement says of one session: charged, what each plan did, the sum, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.settlement.answers.adjudication import LEVELS, Adjudication, Level
from services.settlement.answers.session_facts import SessionFacts
from services.settlement.money.reasons import charge_failed, payer_corrected
from services.settlement.money.settle import Target
from services.settlement.statement.reasons import in_words
from shared.events.types import Language


class Outcome(StrEnum):
    """What a session's cost means for its client."""

    OPEN = "open"
    REFUND = "refund"
    BALANCE = "balance"
    UNCHANGED = "unchanged"


class Why(StrEnum):
    """Why there is no refund, or why there is a balance."""

    ONE_PLAN = "one_plan"
    SECONDARY_NOT_BILLED = "secondary_not_billed"
    SECONDARY_PAID_NOTHING = "secondary_paid_nothing"
    BALANCE_FORGIVEN = "balance_forgiven"
    AS_ESTIMATED = "as_estimated"
    ESTIMATE_TOO_LOW = "estimate_too_low"
    DEDUCTIBLE = "deductible"
    PLAN_DID_NOT_PAY = "plan_did_not_pay"
    PAYER_CORRECTED = "payer_corrected"
    PAID_TO_CLIENT = "paid_to_client"
    CHARGE_FAILED = "charge_failed"
    NOTHING_CHARGED = "nothing_charged"


@dataclass(frozen=True, slots=True)
class Told:
    """One adjustment in words, with its cents and whether the client bears it."""

    words: str
    cents: int
    is_yours: bool


@dataclass(frozen=True, slots=True)
class PlanPart:
    """What one plan did: paid, left to the client, and each adjustment."""

    level: Level
    payer: str
    paid_cents: int
    left_cents: int
    adjustments: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class SessionStatement:
    """One session on the statement. All cents; `final_cost_cents` is None while a plan has not answered.

    `refunded_cents` was or is being given back; `credit_cents` waits until a charge under way is answered. Once it is
    final: paid - refunded - credit = final cost - balance due - forgiven, checked before anyone sees it.
    """

    session_id: str
    date_of_service: date
    charged_cents: int
    paid_cents: int
    refunded_cents: int
    final_cost_cents: int | None
    balance_due_cents: int
    forgiven_cents: int
    credit_cents: int
    plans: tuple[PlanPart, ...]
    outcome: Outcome
    why: Why | None

    def __post_init__(self) -> None:
        if self.final_cost_cents is not None:
            assert self.paid_cents - self.refunded_cents - self.credit_cents == (
                self.final_cost_cents - self.balance_due_cents - self.forgiven_cents
            ), f"the statement of {self.session_id} does not add up"


@dataclass(frozen=True, slots=True)
class Billing:
    """What the statement has to know beside the money: the plans' names, which exist, what changed."""

    date_of_service: date
    payers: Mapping[Level, str]
    plans: int
    corrected: bool = False


def statement(
    session_id: str, facts: SessionFacts, target: Target, billing: Billing, language: Language
) -> SessionStatement:
    """The facts of a session's statement in the client's language."""
    outcome = _outcome(facts, target)
    owed = 0
    if target.final_cost_cents is not None:
        kept = facts.paid_cents - target.client.credited_cents
        owed = target.final_cost_cents - kept - target.client.forgiven_cents
    return SessionStatement(
        session_id=session_id,
        date_of_service=billing.date_of_service,
        charged_cents=facts.estimate_cents,
        paid_cents=facts.paid_cents,
        refunded_cents=target.client.credited_cents,
        final_cost_cents=target.final_cost_cents,
        balance_due_cents=max(0, owed),
        forgiven_cents=target.client.forgiven_cents,
        credit_cents=max(0, -owed),
        plans=_plans(facts, target, billing, language),
        outcome=outcome,
        why=_why(facts, target, billing, outcome),
    )


def _plans(facts: SessionFacts, target: Target, billing: Billing, language: Language) -> tuple[PlanPart, ...]:
    decided = [answer for answer in target.answers if answer.id in target.cost.decided_by]
    parts: list[PlanPart] = []
    for level in LEVELS:
        answers = [answer for answer in decided if answer.level is level]
        if answers:
            paid, left = target.cost.paid_cents[level], target.cost.left_cents[level]
            parts.append(PlanPart(level, billing.payers.get(level, level.value), paid, left, _told(answers, language)))
    return tuple(parts)


def _told(decided: Iterable[Adjudication], language: Language) -> tuple[Told, ...]:
    """The adjustments that move money, alike ones together, in the order in which the plan gave them."""
    sums: dict[tuple[str, bool], int] = {}
    for adjustment in (adjustment for answer in decided for adjustment in answer.claim.all_adjustments):
        key = (in_words(adjustment.group, adjustment.reason, language), adjustment.group.upper() == "PR")
        sums[key] = sums.get(key, 0) + adjustment.amount_cents
    return tuple(Told(words, cents, yours) for (words, yours), cents in sums.items() if cents)


def _outcome(facts: SessionFacts, target: Target) -> Outcome:
    if target.final_cost_cents is None:
        return Outcome.OPEN
    if target.client.balance_due_cents:
        return Outcome.BALANCE
    return Outcome.REFUND if target.client.credited_cents else Outcome.UNCHANGED


def _why(facts: SessionFacts, target: Target, billing: Billing, outcome: Outcome) -> Why | None:
    match outcome:
        case Outcome.OPEN:
            return None
        case Outcome.REFUND:
            return Why.PAYER_CORRECTED if billing.corrected and payer_corrected(facts) else None
        case Outcome.BALANCE:
            return _why_a_balance(facts, target, billing)
        case Outcome.UNCHANGED:
            return _why_no_refund(target, billing)


def _why_no_refund(target: Target, billing: Billing) -> Why:
    if target.client.forgiven_cents:
        return Why.BALANCE_FORGIVEN
    if billing.plans < 2:
        return Why.ONE_PLAN
    later = [level for level in target.cost.paid_cents if level is not Level.PRIMARY]
    if not later:
        return Why.SECONDARY_NOT_BILLED
    paid_nothing = all(target.cost.paid_cents[level] == 0 for level in later)
    return Why.SECONDARY_PAID_NOTHING if paid_nothing else Why.AS_ESTIMATED


def _why_a_balance(facts: SessionFacts, target: Target, billing: Billing) -> Why:
    if target.cost.paid_to_client_cents > 0:
        return Why.PAID_TO_CLIENT
    if charge_failed(facts, target.balance_due_cents):
        return Why.CHARGE_FAILED
    if billing.corrected and payer_corrected(facts):
        return Why.PAYER_CORRECTED
    decided = [answer for answer in target.answers if answer.id in target.cost.decided_by]
    primary = [answer for answer in decided if answer.level is Level.PRIMARY]
    if primary and all(answer.claim.paid_cents == 0 for answer in primary):
        deductible = _shares(primary, "1")
        return Why.DEDUCTIBLE if deductible else Why.PLAN_DID_NOT_PAY
    if not facts.estimate_cents:
        return Why.NOTHING_CHARGED
    return Why.DEDUCTIBLE if _shares(primary, "1") > facts.estimate_cents else Why.ESTIMATE_TOO_LOW


def _shares(answers: Sequence[Adjudication], reason: str) -> int:
    """What the answers leave to the client for one reason."""
    return sum(
        adjustment.amount_cents
        for answer in answers
        for adjustment in answer.claim.all_adjustments
        if adjustment.group == "PR" and adjustment.reason.lstrip("0") == reason
    )

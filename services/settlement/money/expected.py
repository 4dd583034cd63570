"""Between what and what the final cost will be while a plan's answer is awaited: the forecast, else what is certain."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.session_facts import SessionFacts
from services.settlement.money.forecast import PrimaryResult, SecondaryTerms, forecast
from services.settlement.money.settle import Target
from shared.codes.payment_method import Method
from shared.events.coverage import CostShare
from shared.x12.syntax.adjustments import total_cents


@dataclass(frozen=True, slots=True)
class SecondaryKnown:
    """What is known of the secondary: how it coordinates, its rate for the session, and its 271's cost share."""

    method: str
    rate_cents: int | None
    cost_share: CostShare | None


def expected_range(facts: SessionFacts, target: Target, secondary: SecondaryKnown | None) -> tuple[int, int] | None:
    """The least and the most the session will cost the client; None while the primary has not decided.

    The most is what the primary left, for a later payer can't raise it. The least is what the forecast makes of the
    secondary's terms, and 0 where they are not known.
    """
    primary = [
        adjudication
        for adjudication in target.answers
        if adjudication.level is Level.PRIMARY and adjudication.id in target.cost.decided_by
    ]
    if not primary:
        return None
    left = max(0, target.cost.left_cents[Level.PRIMARY])
    later = target.awaited.levels - {Level.PRIMARY} - target.cost.paid_cents.keys()
    if not later:
        return (left, left)
    terms = None if secondary is None or len(later) > 1 else _terms(secondary)
    if terms is None:
        return (0, left)
    expected = forecast(facts.charge_cents, _result(primary, target), terms, facts.paid_cents)
    return (min(left, expected.client_owes_least_cents), min(left, expected.client_owes_most_cents))


def _terms(secondary: SecondaryKnown) -> SecondaryTerms | None:
    """The secondary's terms, where all of them are known."""
    share = secondary.cost_share
    if secondary.method not in list(Method) or secondary.rate_cents is None or share is None:
        return None
    if share.confidence != "high" or (share.coinsurance_percent is None and share.copay_cents is None):
        return None
    return SecondaryTerms(
        Method(secondary.method),
        allowed_cents=secondary.rate_cents,
        deductible_remaining_cents=share.deductible_remaining_cents or 0,
        coinsurance_percent=Decimal(repr(share.coinsurance_percent or 0)),
        copay_cents=share.copay_cents or 0,
    )


def _result(primary: Sequence[Adjudication], target: Target) -> PrimaryResult:
    """What the primary allowed and paid, its share by deductible, copay and the rest."""
    stated = [adjustment for adjudication in primary for adjustment in adjudication.claim.all_adjustments]
    paid, left = target.cost.paid_cents[Level.PRIMARY], target.cost.left_cents[Level.PRIMARY]
    by_reason = {
        code: total_cents([adjustment for adjustment in stated if adjustment.reason.lstrip("0") == code], "PR")
        for code in ("1", "3")
    }
    return PrimaryResult(
        allowed_cents=paid + left,
        deductible_cents=by_reason["1"],
        coinsurance_cents=left - by_reason["1"] - by_reason["3"],
        copay_cents=by_reason["3"],
        paid_cents=paid,
        denied=paid == 0 and left == 0,
    )

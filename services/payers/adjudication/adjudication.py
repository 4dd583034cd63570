"""What an insurer pays of a claim, from its plan and from what the payers before it decided. Pure.

Every line it makes balances, and accounts for the whole charge (005010X221A1 1.10.2.1, X12 RFI 2143 and 2548):
    as the first payer   charge = paid + CO 45 + PR
    as a later one       charge = paid + OA 23 + CO 45 + PR, where OA 23 is what the payers before took over
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from services.payers.book.book import Figures, Plan
from services.payers.book.coordination import Prior, owes_cents, pays_cents, shared_base_cents
from services.payers.book.cost_share import Share, Used, share_of
from services.payers.book.prior_payers import prior_lines, rank
from shared.money import half_up
from shared.x12.claim_837.claim import ProfessionalClaim, ServiceLine
from shared.x12.remittance_835.remittance import RemittedLine
from shared.x12.syntax.adjustments import Adjustment, total_cents

DENIED = "4"
_NOT_COVERED = "204"
_PRIOR_SHARE_NOT_COVERED = "275"


@dataclass(frozen=True, slots=True)
class Decision:
    """A payer's decision about a claim. `status` is CLP02; `used` what the member has used up after it."""

    status: str
    lines: tuple[RemittedLine, ...]
    used: Used = field(default_factory=Used)
    remarks: tuple[str, ...] = ()

    @property
    def denied(self) -> bool:
        """Whether nothing was decided about benefits."""
        return self.status == DENIED

    @property
    def paid_cents(self) -> int:
        """What is paid."""
        return sum(line.paid_cents for line in self.lines)

    @property
    def patient_responsibility_cents(self) -> int:
        """What is left to the patient."""
        return sum(total_cents(line.adjustments, "PR") for line in self.lines)


def adjudicate(
    claim: ProfessionalClaim, plan: Plan, figures: Figures, used: Used, *, place: int | None = None
) -> Decision:
    """What `plan` pays of `claim`, for a member who has used up `used` of the year's `figures`.

    `place` is the plan's own place in the order (1 first); None: as the claim says.
    """
    place = place or rank(claim.responsibility)
    priors = [_ALONE] * len(claim.lines) if place == 1 else prior_lines(claim)
    lines: list[RemittedLine] = []
    copay_due = True
    for line, prior in zip(claim.lines, priors, strict=True):
        decided = _line(line, prior, plan, figures, used, copay_due)
        copay_due = copay_due and decided.share.copay_cents == 0
        used = used.adding(decided.share.deductible_cents, decided.owed_cents)
        lines.append(decided.remitted)
    if lines and all(_is_refused(line) for line in lines):
        return Decision(DENIED, tuple(lines), used)
    return Decision(str(min(place, 3)), tuple(lines), used)


def deny(claim: ProfessionalClaim, group: str, reason: str, remarks: tuple[str, ...] = ()) -> Decision:
    """A denial of the whole claim for one reason; the MA remarks go to the claim, the others to its lines."""
    of_claim = tuple(code for code in remarks if code.startswith("M"))
    of_line = tuple(code for code in remarks if not code.startswith("M"))
    lines = [replace(_refused(line, group, reason), remarks=of_line) for line in claim.lines]
    return Decision(DENIED, tuple(lines), remarks=of_claim)


@dataclass(frozen=True, slots=True)
class _LineDecision:
    remitted: RemittedLine
    share: Share = field(default_factory=Share)
    owed_cents: int = 0


@dataclass(frozen=True, slots=True)
class _Amounts:
    """What becomes of a line's charge, in cents."""

    fee: int
    pays: int
    owes: int
    written_off: int


_ALONE = Prior(0, 0, denied=True)


def _line(line: ServiceLine, prior: Prior, plan: Plan, figures: Figures, used: Used, copay_due: bool) -> _LineDecision:
    fee = fee_cents(line, plan)
    if fee is None:
        return _LineDecision(_refused(line, "PR", _NOT_COVERED))
    if prior.denied:
        share = share_of(fee, figures, used, copay_due=copay_due)
        owes = share.total_cents
        return _decided(line, prior, share, _Amounts(fee, fee - owes, owes, line.charge_cents - fee))
    method, charge = plan.coordination, line.charge_cents
    base = shared_base_cents(method, fee, prior)
    share = share_of(base, figures, used, copay_due=copay_due)
    pays = pays_cents(method, charge, fee, base - share.total_cents, prior)
    owes = owes_cents(method, fee, share.copay_cents, pays, prior, plan.writes_off_above_own_fee)
    written_off = max(0, prior.left_cents - pays - owes)
    return _decided(line, prior, share, _Amounts(fee, pays, owes, written_off))


def _decided(line: ServiceLine, prior: Prior, share: Share, cents: _Amounts) -> _LineDecision:
    """The line with its adjustments; what the plan's own share does not explain of what the member owes is the prior
    payer's.

    The plan credits its own deductible as if it were alone (WAC 284-51-230), whatever is left to the member.
    """
    own = share.within(cents.owes)
    impact = line.charge_cents - cents.pays - cents.owes - cents.written_off
    wanted = (
        ("OA", "23", impact),
        ("CO", "45", cents.written_off),
        ("PR", "1", own.deductible_cents),
        ("PR", "3", own.copay_cents),
        ("PR", "2", own.coinsurance_cents),
        ("PR", _PRIOR_SHARE_NOT_COVERED, cents.owes - own.total_cents),
    )
    adjustments = tuple(Adjustment(group, reason, amount) for group, reason, amount in wanted if amount)
    remitted = replace(_as_billed(line), paid_cents=cents.pays, allowed_cents=cents.fee, adjustments=adjustments)
    assert line.charge_cents == cents.pays + total_cents(adjustments), "the line does not balance"
    assert impact == 0 or not prior.denied, "nothing came before, so nothing has an impact"
    return _LineDecision(remitted, share, cents.owes)


def fee_cents(line: ServiceLine, plan: Plan) -> int | None:
    """The fee that the plan has agreed for the line, up to its charge; None where it does not cover it."""
    fee = plan.allowed_cents.get(line.procedure)
    if fee is None and plan.otherwise_allowed_percent is None:
        return None
    if fee is None:
        return half_up(Decimal(line.charge_cents * (plan.otherwise_allowed_percent or 0)) / 100)
    return min(line.charge_cents, half_up(fee * Decimal(line.units)))


def _as_billed(line: ServiceLine) -> RemittedLine:
    return RemittedLine(
        charge_cents=line.charge_cents,
        paid_cents=0,
        procedure=line.procedure,
        modifiers=line.modifiers,
        units=line.units,
        control=line.control,
        service_from=line.service_from,
        service_to=line.service_to,
        qualifier=line.qualifier,
    )


def _refused(line: ServiceLine, group: str, reason: str) -> RemittedLine:
    """The line unpaid for one reason; a line charged at nothing has nothing to adjust."""
    adjustments = (Adjustment(group, reason, line.charge_cents),) if line.charge_cents else ()
    return replace(_as_billed(line), adjustments=adjustments)


def _is_refused(line: RemittedLine) -> bool:
    return any(adjustment.reason == _NOT_COVERED for adjustment in line.adjustments)

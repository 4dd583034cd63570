"""Why an insurer denies a claim before it looks at benefits. Pure.

Sources: 005010X221A1 with the claim adjustment reason codes 16, 18, 22, 26, 27 and 29; remark codes MA04 and N522.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from services.payers.adjudication.adjudication import Decision, deny
from services.payers.book.membership import Membership
from services.payers.book.prior_payers import earlier, rank
from shared.x12.claim_837.claim import ProfessionalClaim

FIRST_IN_ORDER = 1


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another claim for the same services that stands; `crossed_over`: another insurer forwarded it."""

    crossed_over: bool


def place(claim: ProfessionalClaim, membership: Membership) -> int:
    """The insurer's place in the order of benefits: its own opinion, or else what the claim says."""
    stated = rank(claim.responsibility)
    match membership.member.role():
        case "primary":
            return FIRST_IN_ORDER
        case "secondary":
            return max(2, stated)
        case "tertiary":
            return max(3, stated)
        case None:
            return stated


def service_day(claim: ProfessionalClaim) -> date | None:
    """The first date of service."""
    return min((line.service_from for line in claim.lines if line.service_from), default=None)


def denial(
    claim: ProfessionalClaim, membership: Membership, same_services: Earlier | None, received_on: date
) -> Decision | None:
    """The denial of `claim`, or None where its benefits are to be adjudicated."""
    on = service_day(claim) or received_on
    if not membership.member.active_on(on):
        began = min(span.since for span in membership.member.active) if membership.member.active else on
        return deny(claim, "PR", "26" if on < began else "27")
    if same_services is not None:
        return deny(claim, "OA", "18", ("N522",) if same_services.crossed_over else ())
    if received_on > filing_limit(claim, membership, on):
        return deny(claim, "CO", "29")
    return _wrong_order(claim, membership)


def _wrong_order(claim: ProfessionalClaim, membership: Membership) -> Decision | None:
    """The insurer pays after another: it wants that one's decision first."""
    if place(claim, membership) == FIRST_IN_ORDER:
        return None
    before = earlier(claim)
    if not before:
        return deny(claim, "CO", "22")
    if not all(payer.adjudicated for payer in before):
        return deny(claim, "CO", "16", ("MA04",))
    return None


def filing_limit(claim: ProfessionalClaim, membership: Membership, on: date) -> date:
    """The last day to file: from the date of service, or from the decision of the payer before."""
    decided = [payer.adjudicated_on for payer in earlier(claim) if payer.adjudicated_on]
    decided += [line.adjudicated_on for payer in earlier(claim) for line in payer.lines if line.adjudicated_on]
    if decided:
        return max(decided) + timedelta(days=membership.insurer.secondary_filing_limit_days)
    return on + timedelta(days=membership.insurer.filing_limit_days)

"""A claim that goes on to the next payer without us: as the forwarding payer hands it over.

Source: 005010X222A1 loops 2320 and 2430 (payer-to-payer coordination); the claim keeps our control number.
"""

from dataclasses import replace

from services.payers.book.membership import Membership
from shared.x12.claim_837.claim import OtherPayer, ProfessionalClaim
from shared.x12.next_payer import next_claim
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim
from shared.x12.syntax.parties import Party, Payer, Subscriber


def next_payer(claim: ProfessionalClaim, membership: Membership) -> OtherPayer | None:
    """Who comes next in the order of benefits: as the claim says, or else as the insurer has it on file."""
    return next_claim.next_payer(claim) or _on_file(claim, membership)


def _on_file(claim: ProfessionalClaim, membership: Membership) -> OtherPayer | None:
    for other in membership.member.other_plans:
        if other.role == "secondary" and other.member_id:
            payer = Payer(other.name, other.payer_id)
            return OtherPayer("S", payer, Subscriber(claim.patient_person, other.member_id))
    return None


def as_party(payer: OtherPayer) -> Party:
    """The payer as NM1*TT names it."""
    return Party(payer.payer.name, id=payer.payer.id, id_kind="PI")


def forwarded(
    claim: ProfessionalClaim, plain: RemittedClaim, header: RemittanceHeader, to: OtherPayer
) -> ProfessionalClaim | None:
    """The claim as it reaches the payer `to`, with the decision `plain` (told without crossover signals).

    None where nothing is left for that payer to pay.
    """
    if to not in claim.other_payers:
        claim = replace(claim, other_payers=(*claim.other_payers, to))
    made = next_claim.next_claim(claim, plain, header)
    if isinstance(made, next_claim.Refusal):
        return None
    return replace(made, id=claim.id, frequency="1", original_claim_id="")

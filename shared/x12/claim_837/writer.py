"""Writing 837Ps (005010X222A1), to the primary, the secondary or the tertiary.

Source of the rule: 005010X222A1, loops 1000A to 2330B; the service lines are in `line_writer`.
"""

from collections.abc import Sequence

from shared.x12.claim_837.claim import SELF, OtherPayer, ProfessionalClaim
from shared.x12.claim_837.line_writer import write_line
from shared.x12.syntax.elements import amount_text, day_text
from shared.x12.syntax.envelope_writer import Envelope, SetWriter, write_interchange
from shared.x12.syntax.loops_writer import (
    write_address,
    write_adjustments,
    write_date,
    write_demographics,
    write_payer,
    write_person,
    write_provider,
)

IMPLEMENTATION = "005010X222A1"
_CLAIM_ORDER = ("DTP", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CRC", "HI", "HCP")
_MOST_DIAGNOSES = 12


def write_claims(claims: Sequence[ProfessionalClaim], envelope: Envelope) -> bytes:
    """One interchange with one 837 set that holds `claims`. Check them with `edits.coordination_edits` first.

    A claim's line without a control number gets `<claim id>-<line number>`.
    """
    writer = SetWriter("837", envelope.delimiters)
    _write_heading(writer, claims, envelope)
    last: ProfessionalClaim | None = None
    billing_level, level = 0, 0
    for claim in claims:
        if last is None or (claim.billing, claim.pay_to) != (last.billing, last.pay_to):
            billing_level = level = level + 1
            _write_billing(writer, claim, level)
        level = _write_subscriber(writer, claim, level + 1, billing_level)
        _write_claim(writer, claim)
        last = claim
    return write_interchange(envelope, IMPLEMENTATION, [writer])


def _write_heading(writer: SetWriter, claims: Sequence[ProfessionalClaim], envelope: Envelope) -> None:
    written, text = envelope.written_at, writer.text
    reference = f"{envelope.control:09}"
    writer.add("BHT", "0019", "00", reference, day_text(written.date()), f"{written:%H%M}", "CH")
    submitter = text(envelope.submitter_name) or (text(claims[0].billing.name) if claims else "")
    receiver = text(envelope.receiver_name) or (text(claims[0].payer.name) if claims else "")
    writer.add("NM1", "41", "2", submitter, "", "", "", "", "46", text(envelope.submitter_id or envelope.sender_id))
    writer.add("PER", "IC", text(envelope.contact_name), "TE", text(envelope.contact_phone))
    writer.add(
        "NM1", "40", "2", receiver, "", "", "", "", "46", text(envelope.claim_receiver_id or envelope.receiver_id)
    )


def _write_billing(writer: SetWriter, claim: ProfessionalClaim, level: int) -> None:
    billing, text = claim.billing, writer.text
    writer.add("HL", str(level), "", "20", "1")
    if billing.taxonomy:
        writer.add("PRV", "BI", "PXC", text(billing.taxonomy))
    write_provider(writer, "85", billing)
    write_address(writer, billing.address)
    if billing.tax_id:
        writer.add("REF", billing.tax_id_kind, text(billing.tax_id))
    if billing.phone:
        writer.add("PER", "IC", text(billing.contact), "TE", text(billing.phone))
    if claim.pay_to is not None:
        writer.add("NM1", "87", "1" if billing.first_name else "2")
        write_address(writer, claim.pay_to)


def _write_subscriber(writer: SetWriter, claim: ProfessionalClaim, level: int, parent: int) -> int:
    """Loops 2000B and, for a dependent, 2000C; returns the last level that was used."""
    person, text = claim.subscriber.person, writer.text
    dependent = claim.patient
    writer.add("HL", str(level), str(parent), "22", "1" if dependent else "0")
    writer.add(
        "SBR",
        claim.responsibility,
        "" if dependent else SELF,
        text(claim.group_number),
        "" if claim.group_number else text(claim.group_name),
        claim.medicare_secondary_reason,
        "",
        "",
        "",
        claim.filing_indicator,
    )
    write_person(writer, "IL", person, "MI", claim.subscriber.member_id)
    write_address(writer, person.address)
    write_demographics(writer, person, sex_required=True)
    write_payer(writer, claim.payer)
    write_address(writer, claim.payer.address)
    if dependent is None:
        return level
    writer.add("HL", str(level + 1), str(level), "23", "0")
    writer.add("PAT", claim.relation)
    write_person(writer, "QC", dependent)
    write_address(writer, dependent.address)
    write_demographics(writer, dependent, sex_required=True)
    return level + 1


def _write_claim(writer: SetWriter, claim: ProfessionalClaim) -> None:
    text = writer.text
    writer.add(
        "CLM",
        text(claim.id),
        amount_text(claim.charge_cents),
        "",
        "",
        writer.composite(text(claim.place), "B", claim.frequency),
        claim.provider_signature,
        claim.assignment,
        claim.benefits_assigned,
        claim.release,
    )
    _write_claim_details(writer, claim)
    for role, provider in (("DN", claim.referring), ("82", claim.rendering), ("77", claim.facility)):
        if provider is not None:
            write_provider(writer, role, provider)
            if role == "82" and provider.taxonomy:
                writer.add("PRV", "PE", "PXC", text(provider.taxonomy))
            if role == "77":
                write_address(writer, provider.address)
    for other in claim.other_payers:
        _write_other_payer(writer, other)
    for number, line in enumerate(claim.lines, 1):
        write_line(writer, claim, number, line)


def _write_claim_details(writer: SetWriter, claim: ProfessionalClaim) -> None:
    """The segments between CLM and the providers, in the order of the guide."""
    text = writer.text
    for name in _CLAIM_ORDER:
        if name == "REF":
            if claim.prior_authorization:
                writer.add("REF", "G1", text(claim.prior_authorization))
            if claim.original_claim_id:
                writer.add("REF", "F8", text(claim.original_claim_id))
        if name == "HI" and claim.diagnoses:
            kinds = [claim.diagnosis_kind, *[claim.diagnosis_kind.replace("BK", "BF")] * (_MOST_DIAGNOSES - 1)]
            codes = map(text, claim.diagnoses)
            writer.add("HI", *(writer.composite(*pair) for pair in zip(kinds, codes, strict=False)))
        for segment in claim.carried:
            if segment[0] == name:
                writer.add_carried(segment)


def _write_other_payer(writer: SetWriter, other: OtherPayer) -> None:
    text = writer.text
    writer.add(
        "SBR",
        other.responsibility,
        other.relation,
        text(other.group_number),
        "" if other.group_number else text(other.group_name),
        other.medicare_secondary_reason,
        "",
        "",
        "",
        other.filing_indicator,
    )
    write_adjustments(writer, other.adjustments)
    amounts = (("D", other.paid_cents), ("A8", other.noncovered_cents), ("EAF", other.remaining_liability_cents))
    for qualifier, cents in amounts:
        if cents is not None:
            writer.add("AMT", qualifier, amount_text(cents))
    writer.add("OI", "", "", other.benefits_assigned, "", "", other.release)
    if other.remarks:
        writer.add("MOA", "", "", *map(text, other.remarks[:5]))
    write_person(writer, "IL", other.subscriber.person, "MI", other.subscriber.member_id)
    write_address(writer, other.subscriber.person.address)
    write_payer(writer, other.payer)
    write_address(writer, other.payer.address)
    write_date(writer, "573", other.adjudicated_on)
    if other.claim_id:
        writer.add("REF", "F8", text(other.claim_id))

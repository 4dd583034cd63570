"""What every claim must say, and how long its identifiers may be, before a payer's reader takes it.

Source of the rule: the required elements of 005010X222A1, loops 2010AA to 2430, with their lengths. Names and streets
that are too long are cut when they are written; an identifier is never cut, because it would be another's.
"""

from collections.abc import Iterator

from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.syntax.envelope_writer import SetWriter
from shared.x12.syntax.parties import Payer, Subscriber

_LONGEST_ID = 80
_LONGEST_REFERENCE = 50
_written = SetWriter("837").text

Found = Iterator[tuple[str, str]]


def _is_writable(said: str) -> bool:
    """Whether something is left of it in X12: a letter or a digit, not marks alone."""
    return any(character.isalnum() for character in _written(said))


def missing_elements(claim: ProfessionalClaim) -> Found:
    """Names, member ids, relations and dates that the guide requires; a name in another script counts as missing."""
    patient = claim.patient_person
    if not _is_writable(claim.billing.name):
        yield "billing_name_missing", "the billing provider's name is missing or not in Latin letters"
    if not _is_writable(patient.last_name):
        yield "patient_name_missing", "the patient's last name is missing or not in Latin letters"
    if patient.birth_date is None:
        yield "birth_date_missing", "the patient has no birth date"
    if claim.patient is not None and not claim.relation:
        yield "relation_missing", "the patient's relation to the subscriber is not stated"
    plans = [(claim.responsibility, claim.payer, claim.subscriber)]
    plans += [(other.responsibility, other.payer, other.subscriber) for other in claim.other_payers]
    for level, payer, subscriber in plans:
        yield from _plan(f"payer {payer.id or level}", payer, subscriber, patient_is_named=patient is subscriber.person)
    for other in claim.other_payers:
        if not other.relation:
            yield (
                "relation_missing",
                f"the patient's relation to the subscriber of payer {other.payer.id} is not stated",
            )
    for number, line in enumerate(claim.lines, 1):
        if line.service_from is None:
            yield "service_date_missing", f"line {number} has no date of service"
        if not _is_writable(line.procedure):
            yield "procedure_missing", f"line {number} has no procedure"


def _plan(who: str, payer: Payer, subscriber: Subscriber, *, patient_is_named: bool) -> Found:
    if not _is_writable(payer.name):
        yield "payer_name_missing", f"the name of {who} is missing or not in Latin letters"
    if not patient_is_named and not _is_writable(subscriber.person.last_name):
        yield "subscriber_name_missing", f"the last name of the subscriber of {who} is missing or not in Latin letters"
    if not _is_writable(subscriber.member_id):
        yield "member_id_missing", f"the member id of {who} is missing or not in Latin letters and digits"


def unfit_identifiers(claim: ProfessionalClaim) -> Found:
    """Identifiers that are longer than their elements."""
    plans = [(claim.payer, claim.subscriber, claim.group_number, claim.original_claim_id)]
    plans += [(other.payer, other.subscriber, other.group_number, other.claim_id) for other in claim.other_payers]
    references = [("prior authorization", claim.prior_authorization)]
    references += [(f"control number of line {number}", line.control) for number, line in enumerate(claim.lines, 1)]
    ids: list[tuple[str, str]] = []
    for payer, subscriber, group_number, claim_number in plans:
        ids += [("id of a payer", payer.id), (f"member id at payer {payer.id[:_LONGEST_ID]}", subscriber.member_id)]
        of_payer = f"of payer {payer.id[:_LONGEST_ID]}"
        references += [(f"group number {of_payer}", group_number), (f"claim number {of_payer}", claim_number)]
    for longest, named in ((_LONGEST_ID, ids), (_LONGEST_REFERENCE, references)):
        for name, value in named:
            if len(value) > longest:
                yield "identifier_too_long", f"the {name} is longer than {longest} characters"


def decided_before_service(claim: ProfessionalClaim) -> Found:
    """A payer decides after the service: a decision dated before it answers something else."""
    first = min((line.service_from for line in claim.lines if line.service_from is not None), default=None)
    for other in claim.other_payers:
        decided = [other.adjudicated_on, *(line.adjudicated_on for line in other.lines)]
        if first is not None and any(day is not None and day < first for day in decided):
            payer = other.payer.id[:_LONGEST_ID]
            yield "decided_before_service", f"payer {payer} decided before the day of the service"

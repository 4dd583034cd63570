"""To which of our claims, and which of its lines, a remitted claim belongs; in doubt to none.

The store hands in every claim on file that shares a key with the remitted one (control number, payer claim number, or
patient, date and charge), all payer levels of those sessions included; the rules choose. A claim is posted only where
the signs agree: what could belong to two clients goes to the work queue.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from services.claims.claim import control_number
from services.claims.claim.level import MOST_LEVELS
from services.claims.claim.line_on_file import LineOnFile
from shared.x12.remittance_835.remittance import LEVEL_OF_STATUS, RemittanceHeader, RemittedClaim
from shared.x12.remittance_835.whose import letters, named_alike, people
from shared.x12.syntax.parties import Party

POSTED_FROM = 80
"""The least confidence, in percent, with which a remitted claim is posted without a person."""


@dataclass(frozen=True)
class ClaimOnFile:
    """A claim of ours, as much of it as tells it from others.

    `controls` are the control numbers of all its submissions. `payer_id` is the payer it is addressed to; `level` is
    1 for the primary's claim, 2 for the secondary's. `other_payer_keys` are keys of other numbers of the payer's.
    `plan_id` is the plan that the claim is for, in whatever place that is later.
    """

    client_id: str
    session_id: str
    level: int
    controls: tuple[str, ...]
    payer_id: str
    patient_last_name: str
    patient_first_name: str
    member_id: str
    service_on: date
    charge_cents: int
    payer_claim_id: str = ""
    lines: tuple[LineOnFile, ...] = ()
    other_payer_keys: tuple[str, ...] = ()
    plan_id: str = ""

    @property
    def payer_keys(self) -> set[str]:
        """The payer's numbers of the claim, as they are compared."""
        return {control_number.key(self.payer_claim_id), *self.other_payer_keys} - {""}


class By(StrEnum):
    """The sign that led to a claim."""

    CONTROL = "control"
    MANGLED_CONTROL = "mangled_control"
    PAYER_CLAIM_ID = "payer_claim_id"
    PATIENT_DATE_CHARGE = "patient_date_charge"


class Unmatched(StrEnum):
    """Why a remitted claim belongs to no claim of ours that we could name."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    CONFLICT = "conflict"
    UNSURE = "unsure"
    ANOTHER_PROVIDER = "another_provider"
    FOURTH_PAYER = "fourth_payer"


@dataclass(frozen=True)
class Match:
    """The claim that a remitted one belongs to; `confidence` in percent, at least POSTED_FROM."""

    claim: ClaimOnFile
    by: By
    confidence: int


@dataclass(frozen=True)
class NoMatch:
    """Nothing to post to: why, and the sessions that came closest, for the person who looks.

    `client_id`: whose session its number names, where it names one: the person's task stands under that session.
    """

    reason: Unmatched
    sessions: tuple[str, ...] = ()
    client_id: str | None = None


class OnFile:
    """Our claims that an 835 may answer, found by what a remitted claim states: thousands against thousands.

    Keys are (client, session): where one claim of a session fits, all levels of that session are candidates.
    """

    def __init__(self, claims: Iterable[ClaimOnFile]) -> None:
        self._sessions: dict[tuple[str, str], dict[int, ClaimOnFile]] = {}
        self._stated: dict[tuple[object, ...], set[tuple[str, str]]] = {}
        self.add(claims)

    def add(self, claims: Iterable[ClaimOnFile]) -> None:
        """Know these claims, too."""
        for claim in claims:
            session = (claim.client_id, claim.session_id)
            self._sessions.setdefault(session, {})[claim.level] = claim
            for sign in _signs(claim):
                self._stated.setdefault(sign, set()).add(session)

    def candidates(self, remitted: RemittedClaim, payer_id: str) -> list[ClaimOnFile]:
        """The claims that share a number with `remitted`, from the payer `payer_id`; else those of its day and charge.

        Many claims share day and charge, and where a number is known they have no say.
        """
        signs = _days_and_charge(remitted) if self.lacks(remitted, payer_id) else _numbers(remitted, payer_id)
        sessions = {session for sign in signs for session in self._stated.get(sign, ())}
        return [claim for session in sorted(sessions) for claim in self._sessions[session].values()]

    def lacks(self, remitted: RemittedClaim, payer_id: str) -> bool:
        """Whether no claim is known by a number of `remitted`."""
        return not any(sign in self._stated for sign in _numbers(remitted, payer_id))


def _signs(claim: ClaimOnFile) -> Iterable[tuple[object, ...]]:
    yield from (("control", control_number.key(control)) for control in claim.controls)
    yield from (("payer", claim.payer_id, key) for key in claim.payer_keys)
    yield (claim.service_on, claim.charge_cents)


def _numbers(remitted: RemittedClaim, payer_id: str) -> Sequence[tuple[object, ...]]:
    return (
        ("control", control_number.key(remitted.id)),
        ("payer", payer_id, control_number.key(remitted.payer_claim_id)),
    )


def _days_and_charge(remitted: RemittedClaim) -> Iterable[tuple[object, ...]]:
    for day in {remitted.service_from, *(line.service_from for line in remitted.lines)}:
        yield (day, abs(remitted.charge_cents))


def is_our_provider(header: RemittanceHeader, npis: Sequence[str], tax_ids: Sequence[str]) -> bool:
    """Whether the payee of a remittance is us; a remittance that names no payee is taken to be."""
    named = {header.payee.id, header.payee_tax_id} - {""}
    return not named or not named.isdisjoint({*npis, *(tax_id.replace("-", "") for tax_id in tax_ids), *tax_ids})


def match(remitted: RemittedClaim, payer_id: str, on_file: Sequence[ClaimOnFile]) -> Match | NoMatch:
    """The claim of ours that `remitted`, from the payer `payer_id`, belongs to.

    Control number as it is, then as payers mangle it, then the payer's own number, then patient, date and charge. A
    number that leads to a claim of another patient, or two numbers that lead to different sessions, are a conflict.
    What answers a claim in a place after the third is for a person, as that place is: its session has three payers.
    """
    found = _named(remitted, payer_id, on_file)
    if isinstance(found, Match) and found.claim.level > MOST_LEVELS:
        return NoMatch(Unmatched.FOURTH_PAYER, (found.claim.session_id,), found.claim.client_id)
    return found


def _named(remitted: RemittedClaim, payer_id: str, on_file: Sequence[ClaimOnFile]) -> Match | NoMatch:
    by_control = [claim for claim in on_file if remitted.id in claim.controls]
    by_key = [] if by_control else _by_key(remitted.id, on_file)
    by_payer = _by_payer_number(remitted.payer_claim_id, payer_id, on_file)
    numbered = by_control or by_key or by_payer
    if not numbered:
        return _by_patient(remitted, payer_id, on_file)
    whose = _whose(numbered)
    if len(whose) > 1:
        return NoMatch(Unmatched.AMBIGUOUS, _sessions(numbered))
    if by_payer and _whose(by_payer) != whose:
        return NoMatch(Unmatched.CONFLICT, _sessions([*numbered, *by_payer]))
    by, confidence = (By.CONTROL, 100) if by_control else (By.MANGLED_CONTROL, 95)
    if not (by_control or by_key):
        by, confidence = By.PAYER_CLAIM_ID, 95
    return _at_its_level(Match(numbered[0], by, confidence), remitted, payer_id, on_file)


def _by_key(control: str, on_file: Sequence[ClaimOnFile]) -> list[ClaimOnFile]:
    key = control_number.key(control)
    return [claim for claim in on_file if key and key in map(control_number.key, claim.controls)]


def _by_payer_number(number: str, payer_id: str, on_file: Sequence[ClaimOnFile]) -> list[ClaimOnFile]:
    key = control_number.key(number)
    return [claim for claim in on_file if claim.payer_id == payer_id and key in claim.payer_keys]


def _whose(claims: Sequence[ClaimOnFile]) -> set[tuple[str, str]]:
    """Client and session: two clients may have sessions of the same name."""
    return {(claim.client_id, claim.session_id) for claim in claims}


def _sessions(claims: Sequence[ClaimOnFile]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim.session_id for claim in claims))


def _at_its_level(
    numbered: Match, remitted: RemittedClaim, payer_id: str, on_file: Sequence[ClaimOnFile]
) -> Match | NoMatch:
    """The claim of the session of `numbered` that went to this payer: a forwarded one comes back under the primary's
    number.

    Where the payer holds both coverages it may answer both under one number: its place (CLP02) and the member number
    tell them apart.
    """
    claim = numbered.claim
    levels = [sent for sent in on_file if _whose([sent]) == _whose([claim])]
    to_payer = [sent for sent in levels if sent.payer_id == payer_id]
    if claim not in to_payer and len(to_payer) == 1:
        claim = to_payer[0]
    if len(to_payer) > 1 and LEVEL_OF_STATUS.get(remitted.status) != claim.level:
        claim = next((sent for sent in to_payer if _is_of_the_other_coverage(sent, claim, remitted)), claim)
    if not to_payer and LEVEL_OF_STATUS.get(remitted.status, claim.level) != claim.level:
        return NoMatch(Unmatched.UNSURE, (claim.session_id,), claim.client_id)
    if _is_someone_else(claim, remitted):
        return NoMatch(Unmatched.CONFLICT, (claim.session_id,), claim.client_id)
    return replace(numbered, claim=claim)


def _is_of_the_other_coverage(sent: ClaimOnFile, claim: ClaimOnFile, remitted: RemittedClaim) -> bool:
    in_its_place = (
        sent.controls and sent.level == LEVEL_OF_STATUS.get(remitted.status) and sent.member_id != claim.member_id
    )
    return bool(in_its_place) and any(_is_member(sent, person) for person in people(remitted))


def _is_someone_else(claim: ClaimOnFile, remitted: RemittedClaim) -> bool:
    """A number alone is not trusted. Half a name (married since, a nickname) will do where charge and date fit."""
    if _same_patient(claim, remitted) is not False:
        return False
    half_named = any(_is_named_alike(claim, person) for person in people(remitted))
    return not half_named or abs(remitted.charge_cents) != claim.charge_cents or not _same_day(claim, remitted)


def _same_patient(claim: ClaimOnFile, remitted: RemittedClaim) -> bool | None:
    """True, False, or None where the remittance names nobody. A corrected name or member id counts as named."""
    named = people(remitted)
    if not named:
        return None
    return any(_is_member(claim, person) or _is_named(claim, person) for person in named)


def _is_member(claim: ClaimOnFile, person: Party) -> bool:
    if not person.id:
        return False
    return person.id == claim.member_id or control_number.key(person.id) == control_number.key(claim.member_id)


def _is_named(claim: ClaimOnFile, person: Party) -> bool:
    return (letters(person.name), letters(person.first_name)) == (
        letters(claim.patient_last_name),
        letters(claim.patient_first_name),
    )


def _is_named_alike(claim: ClaimOnFile, person: Party) -> bool:
    ours, theirs = (claim.patient_last_name, claim.patient_first_name), (person.name, person.first_name)
    return named_alike(ours, theirs)


def _same_day(claim: ClaimOnFile, remitted: RemittedClaim) -> bool:
    days = [remitted.service_from, *(line.service_from for line in remitted.lines)]
    return claim.service_on in days or all(day is None for day in days)


def _by_patient(remitted: RemittedClaim, payer_id: str, on_file: Sequence[ClaimOnFile]) -> Match | NoMatch:
    """Patient, date of service and charge must all be stated and fit, and no second claim may fit as well."""
    fitting = [claim for claim in on_file if claim.payer_id == payer_id and _fits(claim, remitted)]
    if not fitting:
        return NoMatch(Unmatched.UNKNOWN)
    if len(fitting) > 1:
        return NoMatch(Unmatched.AMBIGUOUS, _sessions(fitting))
    member = any(_is_member(fitting[0], person) for person in people(remitted))
    confidence = 90 if member and _first_name_fits(fitting[0], remitted) else 60
    if _same_procedures(fitting[0], remitted):
        confidence += 5
    if confidence < POSTED_FROM:
        return NoMatch(Unmatched.UNSURE, _sessions(fitting))
    return Match(fitting[0], By.PATIENT_DATE_CHARGE, confidence)


def _first_name_fits(claim: ClaimOnFile, remitted: RemittedClaim) -> bool:
    """A family shares one member id and often the day: a patient who is named must be named like ours."""
    named = [person for person in (remitted.patient, remitted.corrected_patient) if person and person.first_name]
    return not named or any(letters(person.first_name) == letters(claim.patient_first_name) for person in named)


def _fits(claim: ClaimOnFile, remitted: RemittedClaim) -> bool:
    dated = any(day is not None for day in (remitted.service_from, *(line.service_from for line in remitted.lines)))
    charged = abs(remitted.charge_cents) == claim.charge_cents
    return dated and charged and _same_day(claim, remitted) and _same_patient(claim, remitted) is True


def _same_procedures(claim: ClaimOnFile, remitted: RemittedClaim) -> bool:
    return sorted(line.procedure for line in claim.lines) == sorted(line.procedure for line in remitted.lines)

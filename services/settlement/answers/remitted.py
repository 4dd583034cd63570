"""A claim in a remittance file: found by its number, never mistaken for another, and fit to be counted or not."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from services.settlement.answers.adjudication import LEVEL_OF_STATUS, Adjudication, Level, identity
from services.settlement.answers.review import Review
from shared.x12.document.interchange import X12File
from shared.x12.remittance_835.balance import is_sound
from shared.x12.remittance_835.remittance import Remittance, RemittanceHeader, RemittedClaim
from shared.x12.syntax.adjustments import total_cents
from shared.x12.syntax.problems import Problem


@dataclass(frozen=True, slots=True)
class Remitted:
    """A claim and the payment it came with. `problems` are those of the payment and of the envelope around it."""

    claim: RemittedClaim
    header: RemittanceHeader
    position: int
    problems: tuple[Problem, ...]

    @property
    def payer(self) -> str:
        """Who pays: the payer's tax id (TRN03), else its id, else its name."""
        payer = self.header.payer
        return self.header.payer_tax_id or payer.id or payer.name

    @property
    def repeated(self) -> bool:
        """Whether the payment lists a claim twice, and so may have paid it twice."""
        return any(problem.name == "claim_repeated" for problem in self.problems)

    def adjudication(self, level: Level, arrived: int) -> Adjudication:
        """This claim as an answer of the payer at `level`."""
        known_by = identity(self.claim, self.payer, self.header.trace)
        return Adjudication(
            id=sha256(repr(known_by).encode()).hexdigest()[:20],
            level=level,
            claim=self.claim,
            payer=self.payer,
            trace=self.header.trace,
            adjudicated_on=self.header.produced_on or self.header.paid_on,
            arrived=arrived,
            position=self.position,
        )


def find(file: X12File, number: str, level: Level, payer_numbers: Collection[str] = ()) -> list[Remitted | Review]:
    """The claims of that number in `file` that answer us at `level`; what can't be used is a Review instead.

    A number differs in case, padding or leading zeros and is still ours; one that fits exactly wins. A reversal that
    lost our number is found by the payer's (`payer_numbers`, those known at this level).
    """
    every = list(_claims(file))
    if not every:
        return [Review("not_a_remittance", level, number)]
    candidates = _numbered(every, number, payer_numbers)
    if not candidates:
        return [Review("claim_not_in_remittance", level, number)]
    payers = {candidate.payer for candidate in candidates}
    if len(payers) > 1:
        candidates = [candidate for candidate in candidates if candidate.payer in _payers_at(level, candidates)]
        payers = {candidate.payer for candidate in candidates}
    candidates = _at_level(level, candidates)
    if len({candidate.claim.id for candidate in candidates}) > 1 or len(payers) != 1:
        return [Review("claim_ambiguous", level, number)]
    return [_fit(candidate, level) for candidate in candidates]


def _at_level(level: Level, candidates: Sequence[Remitted]) -> Sequence[Remitted]:
    """The answers at `level`: a payer that holds both coverages answers twice under one number (CLP02 tells them).

    A reversal or denial states no level; it belongs to that of its payer claim number.
    """
    stated = [LEVEL_OF_STATUS.get(candidate.claim.status) for candidate in candidates]
    if level not in stated or not {*stated} - {None, level}:
        return candidates
    others = {
        candidate.claim.payer_claim_id
        for candidate, states in zip(candidates, stated, strict=True)
        if states not in (None, level)
    }
    return [
        candidate
        for candidate, states in zip(candidates, stated, strict=True)
        if states is level or (states is None and candidate.claim.payer_claim_id not in others)
    ]


def _claims(file: X12File) -> Iterable[Remitted]:
    for interchange in file.interchanges:
        for transaction in interchange.transactions:
            if isinstance(transaction.content, Remittance):
                sound = is_sound(transaction.content)
                problems = (problem for problem in transaction.problems if not (sound and problem.grave))
                around = (*interchange.problems, *problems)
                for position, claim in enumerate(transaction.content.claims):
                    yield Remitted(claim, transaction.content.header, position, around)


def _numbered(every: list[Remitted], number: str, payer_numbers: Collection[str]) -> list[Remitted]:
    for spelled in (_as_it_is, _in_one_case, _without_padding):
        same = [remitted for remitted in every if spelled(remitted.claim.id) == spelled(number) != ""]
        if same:
            return same
    return [
        remitted
        for remitted in every
        if remitted.claim.reversal and remitted.claim.payer_claim_id in set(payer_numbers) - {""}
    ]


def _as_it_is(number: str) -> str:
    return number


def _in_one_case(number: str) -> str:
    return "".join(number.split()).casefold()


def _without_padding(number: str) -> str:
    return _in_one_case(number).lstrip("0")


def _payers_at(level: Level, candidates: Iterable[Remitted]) -> set[str]:
    """The payers that say they processed the claim at `level`: one file may hold the remittances of several."""
    return {candidate.payer for candidate in candidates if LEVEL_OF_STATUS.get(candidate.claim.status) is level}


def _fit(remitted: Remitted, level: Level) -> Remitted | Review:
    claim = remitted.claim
    stated, summed = claim.patient_responsibility_cents, total_cents(claim.all_adjustments, "PR")
    if stated is not None and stated != summed and not claim.reversal:
        return Review("patient_responsibility_disagrees", level, f"stated {stated}, adjustments {summed}")
    for problem in (*remitted.problems, *claim.problems):
        if problem.kind == "balance":
            off = f", off by {problem.off_by_cents}" if problem.off_by_cents is not None else ""
            return Review("remittance_unbalanced", level, f"{problem.name}{off}")
        if problem.grave:
            return Review("remittance_incomplete", level, problem.name)
    return remitted

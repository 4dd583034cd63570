"""Which of a payer's answers to one claim stand. Pure; the one rule for posting, the final cost and the next claim.

Source of the rule: 005010X221A1 section 1.10.2.8 and X12 RFI 288: a revision takes back the whole earlier answer (a
reversal repeats it with the amounts negated) and then states the claim anew. What takes nothing back either answers
other lines of the claim, or is a supplement that charges nothing; anything else is for a person.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment

Sums = tuple[tuple[str, str, int], ...]
"""What is taken off a payment by group and reason, in cents, in order; what comes to nothing is left out."""


class Doubt(StrEnum):
    """Why nobody but a person can say which answers stand."""

    REVERSAL_DIFFERS = "reversal_differs"
    ANSWERED_IN_PART = "answered_in_part"
    ANSWERED_TWICE_AT_ONCE = "answered_twice_at_once"
    DISPUTED = "disputed"


class Relation(StrEnum):
    """What a decision that takes nothing back is to the decisions before it."""

    PIECE = "piece"
    SUPPLEMENT = "supplement"
    AGAIN = "again"
    PART = "part"


@dataclass(frozen=True, slots=True)
class StatedLine:
    """A line of an answer: `control` is our line number, as sure as the reader knows it."""

    charge_cents: int
    paid_cents: int
    control: str = ""
    procedure: str = ""
    service_on: date | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """An answer, as far as it matters for what stands; cents, negative in a reversal.

    `decides`: about benefits. `disputes`: it says that another plan is first. `payment` names the payment it came
    with ("" unknown), `position` its place there. `reverses` are the ids that a reversal is known to take back.
    `adjustments` None: they were not kept.
    """

    id: str
    payer_claim_id: str
    charge_cents: int
    paid_cents: int
    adjustments: Sums | None = None
    lines: tuple[StatedLine, ...] = ()
    reversal: bool = False
    decides: bool = True
    disputes: bool = False
    payment: str = ""
    position: int = 0
    reverses: tuple[str, ...] = ()

    @property
    def supplement(self) -> bool:
        """Whether it charges nothing and pays or leaves something more: it adds to what was decided before."""
        charges = (self.charge_cents, *(line.charge_cents for line in self.lines))
        return not self.reversal and not any(charges) and self.paid_cents >= 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left: `decisions` whose figures count together, `refusals` that decide nothing.

    `replaced` are decisions about the same claim that a later one replaced without taking them back. With a `doubt`
    nothing is certain; `doubtful` is the answer that raised it.
    """

    decisions: tuple[Stated, ...] = ()
    refusals: tuple[Stated, ...] = ()
    replaced: tuple[Stated, ...] = ()
    reversed: bool = False
    doubt: Doubt | None = None
    doubtful: Stated | None = None


def stated_claim(claim: RemittedClaim, own_id: str) -> Stated:
    """A remitted claim as an answer; what the claim does not say of itself is left to the caller."""
    return Stated(
        id=own_id,
        payer_claim_id=claim.payer_claim_id,
        charge_cents=claim.charge_cents,
        paid_cents=claim.paid_cents,
        adjustments=sums(
            (adjustment.group, adjustment.reason, adjustment.amount_cents) for adjustment in claim.all_adjustments
        ),
        lines=tuple(_stated_line(line) for line in claim.lines),
        reversal=claim.reversal,
    )


def _stated_line(line: RemittedLine) -> StatedLine:
    return StatedLine(
        line.charge_cents,
        line.paid_cents,
        control=line.control.strip().upper(),
        procedure=(line.billed_procedure or line.procedure).upper(),
        service_on=line.service_from,
    )


def sums(adjustments: Iterable[tuple[str, str, int]]) -> Sums:
    """The adjustments summed by group and reason."""
    totals: Counter[tuple[str, str]] = Counter()
    for group, reason, cents in adjustments:
        totals[group, reason] += cents
    return tuple((*key, cents) for key, cents in sorted(totals.items()) if cents)


def standing(answers: Sequence[Stated]) -> Standing:
    """What stands of `answers`, each given once, in the order in which the payer gave them."""
    left = [answer for answer in answers if not answer.reversal]
    reversed_any, differing = False, None
    for at, reversal in enumerate(answers):
        if not reversal.reversal:
            continue
        reversed_any = True
        earlier = [answer for answer in answers[:at] if answer in left and not _corrects(answer, reversal)]
        later = [answer for answer in answers[at:] if answer in left and not _corrects(answer, reversal)]
        taken = taken_back(reversal, earlier, later, answers)
        if not taken and not reversal.reverses and any(_another_payment(answer, reversal) for answer in earlier):
            differing = reversal
        left = [answer for answer in left if answer not in taken]
    if differing is not None:
        return Standing(reversed=True, doubt=Doubt.REVERSAL_DIFFERS, doubtful=differing)
    return _decided(left, reversed_any)


def taken_back(
    reversal: Stated, earlier: Sequence[Stated], later: Sequence[Stated] = (), known: Sequence[Stated] = ()
) -> tuple[Stated, ...]:
    """What `reversal` takes back of the answers that stand: one, or the pieces of one; none where no figures fit.

    Those under the same payer claim number are looked at first, and exact figures before charge and payment alone. An
    answer that arrived `later` counts where no earlier one fits: messages overtake each other. `known` are all answers
    of the payer: a reversal of one that is gone already takes back no other.
    """
    possible = [*earlier, *later]
    if reversal.reverses:
        return tuple(answer for answer in possible if answer.id in reversal.reverses)
    numbered = [answer for answer in possible if answer.payer_claim_id == reversal.payer_claim_id]
    if not numbered and _is_named(reversal, known):
        return ()
    for group in (numbered, possible):
        if exact := [answer for answer in group if _negates(reversal, [answer])]:
            return (_likeliest(exact, earlier),)
        pieces = _pieces(reversal, [answer for answer in group if answer in earlier]) or _pieces(reversal, group)
        if pieces:
            return pieces
    for group in (numbered, possible):
        if alike := [answer for answer in group if _amounts_negated(reversal, [answer])]:
            return (_likeliest(alike, earlier),)
    return ()


def _is_named(reversal: Stated, known: Sequence[Stated]) -> bool:
    number = reversal.payer_claim_id
    return bool(number) and any(answer.payer_claim_id == number for answer in known if not answer.reversal)


def _corrects(answer: Stated, reversal: Stated) -> bool:
    """What follows a reversal in its own payment is the correction, never what it takes back."""
    return bool(answer.payment) and answer.payment == reversal.payment and answer.position > reversal.position


def _another_payment(answer: Stated, reversal: Stated) -> bool:
    return not answer.payment or answer.payment != reversal.payment


def _likeliest(fitting: Sequence[Stated], earlier: Sequence[Stated]) -> Stated:
    return next((answer for answer in reversed(fitting) if answer in earlier), fitting[0])


def _amounts_negated(reversal: Stated, answers: Sequence[Stated]) -> bool:
    return -reversal.charge_cents == sum(answer.charge_cents for answer in answers) and -reversal.paid_cents == sum(
        answer.paid_cents for answer in answers
    )


def _negates(reversal: Stated, answers: Sequence[Stated]) -> bool:
    """Whether charge, payment and each adjustment's sum are exactly the opposite of the answers' together."""
    if reversal.adjustments is None or any(answer.adjustments is None for answer in answers):
        return False
    taken = sums((group, reason, -cents) for group, reason, cents in reversal.adjustments)
    stated = sums(adjustment for answer in answers for adjustment in answer.adjustments or ())
    return taken == stated and _amounts_negated(reversal, answers)


def _pieces(reversal: Stated, group: Sequence[Stated]) -> tuple[Stated, ...]:
    """The pieces of one answer in `group`, and its supplements, that `reversal` takes back together; else none.

    Pieces answer different lines. Of the answers about one line a decision counts before a refusal, and the later
    before the earlier; a reversal that names lines is about these alone.
    """
    pieces: list[Stated] = []
    latest_first = list(reversed(group))
    for answer in sorted(latest_first, key=lambda stated: not stated.decides):
        new = answer.lines and not any(_share_a_line(answer, piece) for piece in pieces)
        if new and (not reversal.lines or all(_is_among(line, reversal.lines) for line in answer.lines)):
            pieces.append(answer)
    supplements = [answer for answer in group if answer.supplement]
    for taken in (pieces, [*pieces, *supplements], [*(answer for answer in group if answer.decides)]):
        undone = tuple(answer for answer in group if answer in taken)
        if len(undone) > 1 and _negates(reversal, undone) and _lines_negated(reversal, undone):
            return undone
    return ()


def _lines_negated(reversal: Stated, answers: Sequence[Stated]) -> bool:
    taken = sorted((-line.charge_cents, -line.paid_cents) for line in reversal.lines)
    stated = sorted((line.charge_cents, line.paid_cents) for answer in answers for line in answer.lines)
    return taken in ([], stated)


def relation(later: Stated, decisions: Sequence[Stated]) -> Relation:
    """What the decision `later` is to the `decisions` that stand (at least one)."""
    if later.supplement:
        return Relation.SUPPLEMENT
    whole = [decision for decision in decisions if not decision.supplement]
    if all(answer.lines for answer in (later, *whole)) and not any(
        _share_a_line(later, decision) for decision in whole
    ):
        return Relation.PIECE
    before = [line for decision in whole for line in decision.lines]
    same_lines = not later.lines or not before or all(_is_among(line, before) for line in later.lines)
    if same_lines and later.charge_cents == sum(decision.charge_cents for decision in whole):
        return Relation.AGAIN
    return Relation.PART


def _share_a_line(answer: Stated, other: Stated) -> bool:
    return any(_is_among(line, other.lines) for line in answer.lines)


def _is_among(line: StatedLine, lines: Iterable[StatedLine]) -> bool:
    return any(_may_be_the_same(line, other) for other in lines)


def _may_be_the_same(line: StatedLine, other: StatedLine) -> bool:
    """Whether two lines cannot be told apart: by our number if it came with both, else by procedure and day."""
    same_procedure = line.procedure == other.procedure
    if line.control and other.control:
        same_charge = abs(line.charge_cents) == abs(other.charge_cents)
        return line.control == other.control and (same_procedure or same_charge)
    days = {line.service_on, other.service_on} - {None}
    return same_procedure and len(days) < 2


def _decided(left: Sequence[Stated], reversed_any: bool) -> Standing:
    """The decisions among the answers that nothing took back."""
    decisions, replaced = tuple[Stated, ...](), tuple[Stated, ...]()
    doubt: tuple[Doubt, Stated] | tuple[None, None] = (None, None)
    for answer in left:
        if not answer.decides:
            continue
        before = [decision for decision in decisions if not decision.supplement]
        match relation(answer, before) if before else None:
            case None | Relation.PIECE | Relation.SUPPLEMENT:
                decisions = (*decisions, answer)
            case Relation.AGAIN | Relation.PART if any(answer.payment == decision.payment != "" for decision in before):
                doubt = Doubt.ANSWERED_TWICE_AT_ONCE, answer
            case Relation.AGAIN:
                decisions, replaced = (answer,), (*replaced, *decisions)
            case Relation.PART:
                doubt = Doubt.ANSWERED_IN_PART, answer
    refusals = tuple(answer for answer in left if not answer.decides)
    return Standing(decisions, refusals, replaced, reversed_any, *(_doubt_of_all(left, decisions) or doubt))


def _doubt_of_all(left: Sequence[Stated], decisions: Sequence[Stated]) -> tuple[Doubt, Stated] | None:
    """What makes the decisions together doubtful: supplements of nothing, or a dispute after the last of them."""
    if not decisions:
        return None
    if all(decision.supplement for decision in decisions):
        return Doubt.ANSWERED_IN_PART, decisions[0]
    last = max(at for at, answer in enumerate(left) if answer in decisions)
    disputed = [answer for answer in left[last:] if answer.disputes and not answer.decides]
    return (Doubt.DISPUTED, disputed[-1]) if disputed else None


def joined(decisions: Sequence[RemittedClaim]) -> RemittedClaim:
    """The decisions that stand together, pieces and supplements, as one remitted claim; at least one decision."""
    first, *others = decisions
    if not others:
        return first
    stated = [claim.patient_responsibility_cents for claim in decisions]
    return replace(
        first,
        charge_cents=sum(claim.charge_cents for claim in decisions),
        paid_cents=sum(claim.paid_cents for claim in decisions),
        patient_responsibility_cents=None if None in stated else sum(cents for cents in stated if cents is not None),
        adjustments=_added(adjustment for claim in decisions for adjustment in claim.adjustments),
        lines=tuple(line for claim in decisions for line in claim.lines),
        remarks=tuple(dict.fromkeys(remark for claim in decisions for remark in claim.remarks)),
        crossover_to=next((claim.crossover_to for claim in decisions if claim.crossover_to is not None), None),
        problems=tuple(problem for claim in decisions for problem in claim.problems),
    )


def _added(adjustments: Iterable[Adjustment]) -> tuple[Adjustment, ...]:
    """The claims' own adjustments; two of one group and reason may not stand in one claim, so they are added up."""
    added: dict[tuple[str, str], Adjustment] = {}
    for adjustment in adjustments:
        key = (adjustment.group, adjustment.reason)
        known = added.get(key)
        cents = adjustment.amount_cents + (known.amount_cents if known else 0)
        added[key] = replace(adjustment, amount_cents=cents)
    return tuple(added.values())

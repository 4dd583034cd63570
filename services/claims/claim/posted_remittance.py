"""Posting rules: what a remitted claim does to the claim it was matched to. Nothing is ever invented to make it fit.

Sources: 005010X221A1 balancing and reversal-and-correction. What a reversal takes back, and what a later answer is to
those before it, is the rule of `shared.x12.remittance_835.standing`. A posting is never changed: a reversal is one more
posting, and what stands is the rest.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from services.claims.claim.claim_state import Cause
from services.claims.claim.control_number import key, taken_apart
from services.claims.codes.classification import Classification
from services.claims.codes.payer_codes import AnswerClass
from shared.x12.remittance_835.remittance import PREDETERMINATION, REVERSAL, RemittedClaim, RemittedLine
from shared.x12.remittance_835.standing import Relation, Stated, StatedLine, relation, stated_claim, sums, taken_back
from shared.x12.syntax.adjustments import total_cents

PASSED_ON = "23"
MOST_CENTS = 100_000_000_000
"""The largest amount that events carry; whatever states more is a slip."""


@dataclass(frozen=True)
class PostedLine:
    """What a posting says of one of our lines (`line` from 0); cents. `decided`: on benefits, or by a payment."""

    line: int
    charge_cents: int
    paid_cents: int
    patient_responsibility_cents: int
    decided: bool = True
    allowed_cents: int | None = None


@dataclass(frozen=True)
class Posting:
    """One remitted claim as posted; a reversal has negative amounts. Cents.

    `lines` is empty where the payer adjudicated the claim as a whole. `decided`: on benefits, at least in part.
    `reverses` is the identity of the posting that this one takes back, `also_reverses` those of the other pieces of
    the same answer. `adjustments` are the sums by group and reason, in order; None where they were not kept.
    `named_level` is the level in the control number that it names (P, S or T): another payer may have passed the claim
    on under the number of its own. Empty where that was not kept, or the number is none of ours.
    """

    identity: str
    payer_claim_id: str
    status: str
    charge_cents: int
    paid_cents: int
    patient_responsibility_cents: int
    answer: AnswerClass
    decided: bool
    lines: tuple[PostedLine, ...] = ()
    reverses: str | None = None
    also_reverses: tuple[str, ...] = ()
    adjustments: tuple[tuple[str, str, int], ...] | None = None
    named_level: str = ""

    @property
    def taken_back(self) -> tuple[str, ...]:
        """The identities of all postings that this one takes back; none where it is no reversal."""
        return () if self.reverses is None else (self.reverses, *self.also_reverses)


class Queued(StrEnum):
    """Why a remitted claim waits for a person instead of being posted."""

    UNBALANCED = "unbalanced"
    PREDETERMINATION = "predetermination"
    NEGATIVE_PAYMENT = "negative_payment"
    IMPOSSIBLE_AMOUNT = "impossible_amount"
    UNKNOWN_LINES = "unknown_lines"
    CHARGE_DIFFERS = "charge_differs"
    REVERSAL_OF_NOTHING = "reversal_of_nothing"
    REVERSAL_DIFFERS = "reversal_differs"
    PAID_TWICE = "paid_twice"
    SECOND_DECISION = "second_decision"


@dataclass(frozen=True, slots=True)
class Answer:
    """A remitted claim that was matched to one of ours, read beside it.

    `line_pairs` maps its lines to ours, both from 0. `undecided_lines` are those of its lines that were refused for a
    reason that says nothing about benefits (`remittance_answer.undecided_lines`).
    """

    claim: RemittedClaim
    identity: str
    classification: Classification
    line_pairs: Mapping[int, int]
    undecided_lines: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Billed:
    """What the answer is to: our lines' charges in cents, what was posted before in order, the payer's other numbers.

    `refusal_counts`: it is a replacement that is not decided yet, so a refusal is no duplicate's.
    """

    charges_cents: Sequence[int]
    posted: Sequence[Posting] = ()
    refusal_counts: bool = False
    other_payer_keys: Collection[str] = ()


@dataclass(frozen=True)
class Post:
    """Post it, and move the claim by `cause`. `complete`: every line of ours is answered by what stands now."""

    posting: Posting
    cause: Cause
    complete: bool


@dataclass(frozen=True)
class Queue:
    """Leave it to a person, as it came."""

    reason: Queued
    why: str


@dataclass(frozen=True)
class Ignore:
    """Nothing to do: the same one was posted before, or a duplicate's denial beside a decision that stands."""

    why: str


def identity(payer_id: str, trace: str, claim: RemittedClaim, occurrence: int = 0) -> str:
    """What makes a remitted claim the same one when its 835 comes again, in whatever interchange: 32 hex digits.

    Payer, payment trace (TRN02), both claim numbers however spelt, status and all figures in any order; `occurrence`
    counts equal ones within one 835, from 0, because a payer that lists a claim twice pays it twice.
    """
    figures = (
        claim.charge_cents,
        claim.paid_cents,
        sorted((a.group, a.reason, a.amount_cents) for a in claim.all_adjustments),
        sorted((line.procedure, line.charge_cents, line.paid_cents) for line in claim.lines),
    )
    said = (payer_id, trace, key(claim.id), key(claim.payer_claim_id), claim.status, figures, occurrence)
    return sha256(repr(said).encode()).hexdigest()[:32]


def in_posting_order(claims: Iterable[RemittedClaim]) -> list[RemittedClaim]:
    """The claims of one 835 with the reversals first, so that a correction finds its reversal done."""
    return sorted(claims, key=lambda claim: not claim.reversal)


def post(answer: Answer, billed: Billed) -> Post | Queue | Ignore:
    """What to do with the answer to a claim of ours."""
    if any(earlier.identity == answer.identity for earlier in billed.posted):
        return Ignore("the same remittance was posted before")
    standing = standing_postings(billed.posted)
    supplement = is_supplement(answer.claim) and any(earlier.decided for earlier in standing)
    obstacle = _obstacle(answer) or (None if supplement else _misfit(answer, billed.charges_cents))
    if obstacle is not None:
        return obstacle
    posting = _posting(answer)
    if answer.claim.reversal:
        return _reverse(posting, billed)
    return _decide(posting, standing, billed)


def standing_postings(posted: Sequence[Posting]) -> tuple[Posting, ...]:
    """The postings that no reversal took back."""
    taken_back = {identity for posting in posted for identity in posting.taken_back}
    return tuple(posting for posting in posted if posting.reverses is None and posting.identity not in taken_back)


@dataclass(frozen=True)
class Totals:
    """What the decisions that stand add up to, in cents."""

    paid_cents: int
    patient_responsibility_cents: int


def totals(posted: Sequence[Posting]) -> Totals:
    """What the payer has paid for the claim and left to the patient, by the decisions that stand."""
    decisions = [posting for posting in standing_postings(posted) if posting.decided]
    return Totals(
        paid_cents=sum(posting.paid_cents for posting in decisions),
        patient_responsibility_cents=sum(posting.patient_responsibility_cents for posting in decisions),
    )


def answers_every_line(standing: Sequence[Posting], lines: int) -> bool:
    """Whether the decisions on benefits that stand answer each of our `lines`; one for the whole claim answers all."""
    decisions = [posting for posting in standing if posting.decided and not _stated(posting).supplement]
    answered = {line for posting in decisions for line in _decided_lines(posting)}
    return any(not posting.lines for posting in decisions) or answered >= set(range(lines))


def _decided_lines(posting: Posting) -> set[int]:
    """Our lines that it decides; a line that the payer split is decided once all its parts are."""
    return {line.line for line in posting.lines} - {line.line for line in posting.lines if not line.decided}


def is_supplement(claim: RemittedClaim) -> bool:
    """Whether it charges nothing and only adds to what the payer has decided before."""
    return stated_claim(claim, "").supplement


def _obstacle(answer: Answer) -> Queue | None:
    claim = answer.claim
    if not claim.balanced:
        return Queue(Queued.UNBALANCED, "the claim does not add up")
    if claim.status == PREDETERMINATION:
        return Queue(Queued.PREDETERMINATION, "a predetermination pays nothing")
    if not claim.reversal and any(min(said.paid_cents, said.charge_cents) < 0 for said in (claim, *claim.lines)):
        return Queue(Queued.NEGATIVE_PAYMENT, "a payment below zero that is no reversal")
    if len(answer.line_pairs) < len(claim.lines):
        return Queue(Queued.UNKNOWN_LINES, "lines that we did not bill")
    if any(abs(adjustment.amount_cents) > MOST_CENTS for adjustment in claim.all_adjustments):
        return Queue(Queued.IMPOSSIBLE_AMOUNT, "an amount beyond all measure")
    return None


def _misfit(answer: Answer, our_charges_cents: Sequence[int]) -> Queue | None:
    """Why the figures cannot be those of our claim; the parts of a line that the payer split make its charge."""
    claim = answer.claim
    if not claim.lines and abs(claim.charge_cents) != sum(our_charges_cents):
        return Queue(Queued.CHARGE_DIFFERS, "the charge is not ours")
    charges = Counter[int]()
    for at, line in enumerate(claim.lines):
        charges[answer.line_pairs[at]] += abs(line.charge_cents)
    if any(cents != our_charges_cents[own] for own, cents in charges.items()):
        return Queue(Queued.CHARGE_DIFFERS, "a line's charge is not ours")
    if not _is_possible(claim):
        return Queue(Queued.IMPOSSIBLE_AMOUNT, "it leaves the patient less than nothing, or more than was charged")
    return None


def _is_possible(claim: RemittedClaim) -> bool:
    """Whether what is left to the patient lies between nothing and the charge."""
    adjustments = claim.all_adjustments
    said = [(claim.charge_cents, adjustments), *((line.charge_cents, line.adjustments) for line in claim.lines)]
    return claim.reversal or all(0 <= total_cents(kept, "PR") <= charge_cents for charge_cents, kept in said)


def _posting(answer: Answer) -> Posting:
    claim, classification = answer.claim, answer.classification
    lines = tuple(
        _line(answer.line_pairs[at], line, at not in answer.undecided_lines) for at, line in enumerate(claim.lines)
    )
    adjustments = claim.all_adjustments
    decided = any(line.decided for line in lines) if lines else classification.settles or claim.paid_cents > 0
    return Posting(
        identity=answer.identity,
        payer_claim_id=claim.payer_claim_id,
        status=claim.status,
        charge_cents=claim.charge_cents,
        paid_cents=claim.paid_cents,
        patient_responsibility_cents=total_cents(adjustments, "PR"),
        answer=classification.answer,
        decided=decided and claim.status != PASSED_ON,
        lines=lines,
        adjustments=sums((adjustment.group, adjustment.reason, adjustment.amount_cents) for adjustment in adjustments),
        named_level=number.level if (number := taken_apart(claim.id)) else "",
    )


def _line(ours: int, line: RemittedLine, decided: bool) -> PostedLine:
    responsibility_cents = total_cents(line.adjustments, "PR")
    return PostedLine(ours, line.charge_cents, line.paid_cents, responsibility_cents, decided, line.allowed_cents)


def _reverse(reversal: Posting, billed: Billed) -> Post | Queue:
    """Find what is taken back by the payer's claim number and the amounts; a correction that came first stands on."""
    standing = standing_postings(billed.posted)
    unposted = {*billed.other_payer_keys} - {key(posting.payer_claim_id) for posting in billed.posted}
    stated = [_stated(posting) for posting in standing if _may_be_meant(posting, reversal, unposted)]
    known = [_stated(posting) for posting in billed.posted]
    undone = {answer.id for answer in taken_back(_stated(reversal), stated, known=known)}
    if not undone and standing:
        return Queue(Queued.REVERSAL_DIFFERS, "the amounts taken back are not those that were posted")
    if not undone:
        return Queue(Queued.REVERSAL_OF_NOTHING, "nothing was posted that could be taken back")
    first, *others = [posting.identity for posting in standing if posting.identity in undone]
    rest = [posting for posting in standing if posting.identity not in undone]
    taking_back = replace(reversal, reverses=first, also_reverses=tuple(others), decided=False)
    decided = any(posting.decided and not _stated(posting).supplement for posting in rest)
    cause = Cause.DECIDED_ANEW if decided else Cause.TAKEN_BACK
    return Post(taking_back, cause, answers_every_line(rest, len(billed.charges_cents)))


def _may_be_meant(posting: Posting, reversal: Posting, unposted: Collection[str]) -> bool:
    """Whether the reversal names the same claim. One of a claim passed on to the payer leaves our own claim's alone,
    and one by a number in `unposted` (the payer's, of which nothing is posted) leaves what has another.
    """
    levels = {posting.named_level, reversal.named_level} - {""}
    one_claim = len(levels) < 2 and not (posting.payer_claim_id and key(reversal.payer_claim_id) in unposted)
    return posting.payer_claim_id == reversal.payer_claim_id or one_claim


def _stated(posting: Posting) -> Stated:
    """A posting as an answer; its lines are known by the place of ours."""
    return Stated(
        id=posting.identity,
        payer_claim_id=posting.payer_claim_id,
        charge_cents=posting.charge_cents,
        paid_cents=posting.paid_cents,
        adjustments=posting.adjustments,
        lines=tuple(StatedLine(line.charge_cents, line.paid_cents, f"line {line.line}") for line in posting.lines),
        reversal=posting.status == REVERSAL,
        decides=posting.decided,
    )


def _decide(posting: Posting, standing: Sequence[Posting], billed: Billed) -> Post | Queue | Ignore:
    lines = len(billed.charges_cents)
    decisions = [earlier for earlier in standing if earlier.decided]
    if decisions and not posting.decided:
        if billed.refusal_counts:
            return Post(posting, Cause.REFUSED_PAYMENT, answers_every_line(standing, lines))
        return _refused_after(posting)
    known = relation(_stated(posting), [_stated(decision) for decision in decisions]) if decisions else None
    if known in (Relation.AGAIN, Relation.PART):
        return _second_decision(posting, decisions)
    cause = Cause.DECIDED_ANEW if known is Relation.SUPPLEMENT else _cause(posting, billed.posted)
    return Post(posting, cause, answers_every_line([*standing, posting], lines))


def _refused_after(posting: Posting) -> Queue | Ignore:
    if posting.answer in (AnswerClass.CLIENT_MUST_CALL, AnswerClass.OTHER_PLAN_FIRST):
        return Queue(Queued.SECOND_DECISION, "the payer now names another plan first and took nothing back")
    return Ignore("a refusal beside a decision that stands: a duplicate's, or about a copy of the claim")


def _second_decision(posting: Posting, decisions: Sequence[Posting]) -> Queue:
    if any((decision.paid_cents, decision.lines) == (posting.paid_cents, posting.lines) for decision in decisions):
        return Queue(Queued.PAID_TWICE, "the same decision came under another payment")
    return Queue(Queued.SECOND_DECISION, "another decision came and the first was not taken back")


def _cause(posting: Posting, posted: Sequence[Posting]) -> Cause:
    if posting.status == PASSED_ON:
        return Cause.PASSED_ON
    if not posting.decided:
        return Cause.REFUSED_PAYMENT
    return Cause.DECIDED_ANEW if any(earlier.reverses for earlier in posted) else Cause.DECIDED

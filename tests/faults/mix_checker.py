"""The independent checker of the mix: every session settled rightly, with a person for the right reason, or waiting.

It sees what upstream said, the X12 that went both ways, and the public end states; what ought to be follows from
`mix_rules.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.events.claims import ClaimRejected
from shared.events.coverage import (
    AccountPaused,
    AccountUnpaused,
    CoverageReviewRequested,
    SessionCleared,
    SessionRefused,
)
from shared.events.payments import PaymentDisputed, PaymentSucceeded, RefundSucceeded
from shared.events.settlement import ChargeRequested, CostFinalized, PayoutPaid, RefundRequested
from shared.events.types import ClientEvent
from tests.faults import mix_rules
from tests.faults.mix_cast import MEADOW, Person, Visit
from tests.faults.mix_evidence import Evidence
from tests.faults.mix_rules import FORWARDED, Cost
from tests.faults.mix_x12 import Remitted, SentClaim

SETTLED, QUEUED, WAITING, REFUSED, CANCELLED, GIVEN_UP, LOST = (
    "settled",
    "queued",
    "waiting",
    "refused",
    "cancelled",
    "given_up",
    "lost",
)
_NOT_BY_PAYERS = frozenset({"waited_90_days", "claim_given_up", "filed_too_late"})
_CROSSOVER_DAYS = 29
_FORGIVEN_BELOW_CENTS = 100
_LAST_STRIDE = timedelta(days=8)


@dataclass(frozen=True)
class Finding:
    """One session: how it ended, and what is wrong with that."""

    kind: str
    session_id: str
    end: str
    wrong: tuple[str, ...] = ()

    def said(self) -> str:
        """In one line."""
        return f"{self.kind}: {self.session_id} {self.end}: {'; '.join(self.wrong)}"


@dataclass(frozen=True)
class Case:
    """One session with all that is known of it."""

    person: Person
    visit: Visit
    evidence: Evidence
    sent: Sequence[SentClaim]
    said: Sequence[Remitted]
    cost: Cost

    @property
    def events(self) -> list[ClientEvent]:
        """What was published of the session."""
        return self.evidence.events.get(self.visit.session_id, [])

    def of_client(self, kind: type[ClientEvent]) -> list[ClientEvent]:
        """What was published of the client, whatever the session."""
        ids = [self.person.client_id, *(visit.session_id for visit in self.person.visits)]
        return [event for key in ids for event in self.evidence.events.get(key, []) if isinstance(event, kind)]

    @property
    def paused(self) -> bool:
        """Whether the account is paused in the end."""
        return len(
            {pause.pause_id for pause in self.of_client(AccountPaused) if isinstance(pause, AccountPaused)}
        ) > len(self.of_client(AccountUnpaused))

    @property
    def final(self) -> CostFinalized | None:
        """What was said last of the cost."""
        return next((event for event in reversed(self.events) if isinstance(event, CostFinalized)), None)

    @property
    def rows(self) -> dict[str, list[str]]:
        """What waits for a person: claims' open items and settlement's reviews."""
        name = self.visit.session_id
        return {"queue": self.evidence.queued.get(name, []), "reviews": self.evidence.reviewed.get(name, [])}


def check(cast: Sequence[Person], evidence: Evidence) -> list[Finding]:
    """One finding a session, in the order of the cast; and one for each service that set messages aside."""
    cases = list(_cases(cast, evidence))
    findings = [
        Finding(case.person.kind.name, case.visit.session_id, end_of(case), tuple(_wrongs(case))) for case in cases
    ]
    ours = {cover.member_id(person.number) for person in cast for cover in person.covers}
    findings += [
        Finding("claims", claim.control, LOST, ("a claim went out for nobody's plan",))
        for claim in evidence.sent
        if claim.member_id not in ours
    ]
    for service, count in evidence.set_aside.items():
        if count:
            findings.append(Finding("messages", service, LOST, (f"{count} messages were set aside",)))
    return findings


def _cases(cast: Sequence[Person], evidence: Evidence) -> Iterator[Case]:
    whose = {
        (cover.member_id(person.number), visit.day): visit.session_id
        for person in cast
        for cover in person.covers
        for visit in person.visits
    }
    sent: dict[str, list[SentClaim]] = defaultdict(list)
    said: dict[str, list[Remitted]] = defaultdict(list)
    for claim in evidence.sent:
        sent[whose.get((claim.member_id, claim.service_day), "")].append(claim)
    by_control = {claim.control: session for session, claims in sent.items() for claim in claims}
    for remitted in evidence.remitted:
        said[by_control.get(remitted.control, "")].append(remitted)
    for person in cast:
        for visit in person.visits:
            name = visit.session_id
            cost = mix_rules.cost(person, visit, said[name])
            yield Case(person, visit, evidence, sent[name], said[name], cost)


def end_of(case: Case) -> str:
    """How the session ended."""
    decisions = [event for event in case.events if isinstance(event, SessionCleared | SessionRefused)]
    if case.person.kind.cancelled_after is not None:
        return CANCELLED
    if decisions and isinstance(decisions[-1], SessionRefused):
        return REFUSED
    if case.cost.due and "cost_overdue" in case.rows["reviews"]:
        return QUEUED  # told before a payer took its answer back; open again, and a person has it since day 90
    if case.final is not None and case.evidence.final_cents.get(case.visit.session_id) is not None:
        if case.final.reason not in _NOT_BY_PAYERS:
            return SETTLED
        if case.final.reason == "claim_given_up":
            return GIVEN_UP
    if case.rows["queue"] or case.rows["reviews"] or case.of_client(CoverageReviewRequested):
        return QUEUED
    waits = case.evidence.waits.get(case.visit.session_id, [])
    return WAITING if any(wait.due_at > case.evidence.ended_at - _LAST_STRIDE for wait in waits) else LOST


def _wrongs(case: Case) -> Iterator[str]:
    """Everything that is wrong with a session."""
    end = end_of(case)
    if end == LOST:
        yield "nothing will ever happen to it again"
    yield from _wrong_end(case, end)
    yield from _wrong_money(case, end)
    yield from _wrong_claims(case)


def _wrong_end(case: Case, end: str) -> Iterator[str]:
    kind, covers = case.person.kind, mix_rules.billable(case.person, case.visit)
    if kind.cancelled_after is not None:
        return
    if not covers and end != REFUSED:
        yield "its first plan cannot be billed, and it was not refused"
    elif end == REFUSED:
        if covers and not case.of_client(AccountPaused):
            yield "it was refused, though its first plan can be billed"
    elif kind.ends:
        if end not in kind.ends:
            yield f"it ought to be {' or '.join(kind.ends)}"
    elif case.cost.cents is not None:
        yield from _not_settled(case, end)
    elif end in (SETTLED, GIVEN_UP):
        yield f"it is {end}, and {', '.join(case.cost.due)} has not decided"
    else:
        yield from _wrong_reason(case)


def _not_settled(case: Case, end: str) -> Iterator[str]:
    if end != SETTLED:
        yield f"every payer has decided: it costs {case.cost.cents} and is {end}"
    took = max((remitted.day for remitted in case.said), default=case.visit.day) - case.visit.day
    asked = {*case.rows["queue"], *case.rows["reviews"]}
    in_vain = asked - mix_rules.may_be_open(case.person, case.visit, took.days)
    if in_vain and end == SETTLED:
        yield f"a person is asked in vain: {', '.join(sorted(in_vain))}"
    heard = set(case.evidence.ever_queued.get(case.visit.session_id, []))
    for reasons in mix_rules.heard_of(case.person, case.visit, case.cost.decided):
        if not heard & reasons:
            yield f"no person has heard of {' or '.join(sorted(reasons))}"


def _wrong_reason(case: Case) -> Iterator[str]:
    """The payer that holds it up has a character that is for a person: it must be found under that one's reason."""
    reasons = mix_rules.persons_reasons(case.person, case.visit, case.cost.due)
    if not reasons:
        yield f"{', '.join(case.cost.due)} ought to have decided"
    elif not reasons & set(case.rows["queue"]):
        yield f"a person ought to find it under {' or '.join(sorted(reasons))}, not {case.rows['queue']}"


def _wrong_money(case: Case, end: str) -> Iterator[str]:
    held = case.evidence.final_cents.get(case.visit.session_id)
    if end == SETTLED and case.cost.cents is not None and held != case.cost.cents:
        yield f"it costs {case.cost.cents}, and {held} is in the books"
    if end == SETTLED and case.final is not None and held != case.final.final_cost_cents:
        yield f"{held} is in the books, and {case.final.final_cost_cents} was told"
    estimates = [event for event in case.events if isinstance(event, ChargeRequested) and event.purpose == "estimate"]
    if len({estimate.idempotency_key for estimate in estimates}) > 1:
        yield "the estimate was charged twice"
    yield from _wrong_estimate(case, estimates)
    yield from _wrong_balance(case, end, held)
    yield from _wrong_pay(case, end)
    yield from _wrong_books(case, end)


def _wrong_books(case: Case, end: str) -> Iterator[str]:
    """The ledger sums to zero; of a settled session nothing is left that is neither the client's nor due."""
    held = case.evidence.ledger_cents.get(case.visit.session_id, {})
    if sum(held.values()):
        yield f"the ledger sums to {sum(held.values())}"
    if end == SETTLED and not case.person.kind.suffix and not _balance_is_due(case):
        left = {name: held[name] for name in ("client_receivable", "client_credit", "refund_payable") if held.get(name)}
        if left:
            yield f"the client's accounts are not at zero: {left}"


def _wrong_estimate(case: Case, estimates: Sequence[ChargeRequested]) -> Iterator[str]:
    """Deductibles are used up by other sessions; the rest follows from the first plan's 271 alone."""
    covers = mix_rules.billable(case.person, case.visit)
    if not estimates or not covers or covers[0].payer_id == MEADOW or case.of_client(AccountPaused):
        return
    member = covers[0].member_id(case.person.number)
    told = [report for report in case.evidence.benefits if report.member_id == member and report.told]
    rate = mix_rules.contracted_cents(case.person, case.visit)
    share = told[0] if told else None
    ought = (
        rate * 20 // 100
        if share is None
        else share.copay_cents + (rate - share.copay_cents) * share.share_percent // 100
    )
    if estimates[0].amount_cents != ought and not case.person.kind.changes:
        yield f"{estimates[0].amount_cents} was charged, and the first plan's share is {ought}"


def _wrong_balance(case: Case, end: str, held: int | None) -> Iterator[str]:
    """What the client paid, less what went back, is the cost; nothing where the session is refused or cancelled."""
    took = sum(event.amount_cents for event in case.events if isinstance(event, PaymentSucceeded))
    took -= sum(event.amount_cents for event in case.events if isinstance(event, PaymentDisputed))
    back = sum(event.amount_cents for event in case.events if isinstance(event, RefundSucceeded))
    asked = {event.idempotency_key: event.amount_cents for event in case.events if isinstance(event, RefundRequested)}
    if len(asked) != len([event for event in case.events if isinstance(event, RefundRequested)]):
        yield "a refund was asked for twice"
    ought = 0 if end in (REFUSED, CANCELLED) else held
    if ought is None or case.person.kind.suffix in ("-disputed", "-declined"):
        return
    if case.person.kind.suffix == "-norefund":
        back = sum(asked.values())
    forgiven = case.final.forgiven_cents if case.final is not None and end not in (REFUSED, CANCELLED) else 0
    if took - back + forgiven != ought and not _balance_is_due(case):
        yield f"the client paid {took} and got {back} back, and it costs {ought}"
    if forgiven >= _FORGIVEN_BELOW_CENTS:
        yield f"{forgiven} was forgiven"


def _balance_is_due(case: Case) -> bool:
    waits = case.evidence.waits.get(case.visit.session_id, [])
    return any(wait.name == "balance" and wait.due_at > case.evidence.ended_at for wait in waits)


def _wrong_pay(case: Case, end: str) -> Iterator[str]:
    paid = sum(event.amount_cents for event in case.events if isinstance(event, PayoutPaid))
    done = case.person.kind.completed and end not in (REFUSED, CANCELLED)
    ought = mix_rules.contracted_cents(case.person, case.visit) if done else 0
    if case.person.kind.cancelled_after:
        return  # what went out before the cancellation stays with the provider
    if paid != ought and not (case.person.kind.changes and paid > ought):
        yield f"the provider was paid {paid}, and the rate is {ought}"


def _wrong_claims(case: Case) -> Iterator[str]:
    covers = mix_rules.billable(case.person, case.visit)
    places = {cover.payer_id: place for place, cover in enumerate(covers)}
    rejected = sum(isinstance(event, ClaimRejected) for event in case.events)
    for payer_id in dict.fromkeys(claim.payer_id for claim in case.sent):
        claims = [claim for claim in case.sent if claim.payer_id == payer_id]
        if payer_id not in places:
            yield f"{payer_id} got a claim and cannot be billed"
        elif sum(claim.frequency == "1" for claim in claims) > 1 + rejected:
            yield f"{payer_id} got more than one original claim"
        elif places[payer_id] > 0 and not case.person.kind.changes:
            yield from _wrong_later_claims(case, covers[places[payer_id] - 1].payer_id, claims)
    if len({claim.control for claim in case.sent}) < len(case.sent):
        yield "a control number was used twice"


def _wrong_later_claims(case: Case, before: str, claims: Iterable[SentClaim]) -> Iterator[str]:
    """A later payer's claim follows the decision of the payer before, carries it, and never doubles a crossover."""
    for claim in claims:
        if claim.frequency == "8":
            continue
        prior = [remitted for remitted in case.said if remitted.payer_id == before and remitted.number < claim.number]
        stands = mix_rules.standing(prior)
        if not stands:
            yield f"{claim.payer_id} got a claim before {before} had decided"
            continue
        if sum(remitted.owed_cents for remitted in stands) == 0:
            yield f"{claim.payer_id} got a claim, and {before} left nothing"
        if claim.others.get(before) != sum(remitted.paid_cents for remitted in stands):
            yield f"{claim.payer_id} was told {claim.others.get(before)} for what {before} paid"
        signals = [remitted for remitted in stands if remitted.status in FORWARDED and remitted.crossed_to]
        if signals and (claim.day - signals[-1].day).days < _CROSSOVER_DAYS:
            yield f"{claim.payer_id} got a claim that {before} had forwarded"

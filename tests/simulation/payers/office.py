"""A payer of one world: it reads our claims and inquiries, and answers as its moves say.

Moves: `answer` (how and when the n-th submission for a session is decided), `follow` (what it does to a decision of
its later), `benefits` (what it says to an inquiry), `refuse` (a claim that never reaches adjudication), `status` (a
277CA or 277 about the n-th submission that nobody asked for), `inquiries` (what it says when it is asked for a claim),
`hand` (how it writes its 835s).
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet, Acknowledgment
from shared.x12.acknowledgment_999.writer import write_acknowledgments
from shared.x12.benefits_271.writer import write_benefits
from shared.x12.claim_837.claim import ClaimBatch, ProfessionalClaim
from shared.x12.claim_status_277.status import StatusInquiry
from shared.x12.claim_status_277.writer import write_claim_statuses
from shared.x12.document.interchange import read_file
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.remittance_835.remittance import (
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    RemittedClaim,
)
from shared.x12.remittance_835.writer import write_remittances
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Party
from tests.simulation.facts import RATES, session_in
from tests.simulation.history import Filed, Other, Remitted
from tests.simulation.moves import Move, Plan
from tests.simulation.payers.decisions import Terms, decide, handed_over, level_of, payers_after, taken_back
from tests.simulation.payers.handwriting import (
    delimiters,
    in_one_a_week,
    interest,
    number_of_correction,
    receipt_after_days,
    says_syntax,
    written,
)
from tests.simulation.payers.reports import OF_THE_ORDER, benefits_report, status_report

ANSWER_AFTER_DAYS = 10.0
_VOIDED_AFTER_DAYS = 5.0


@dataclass
class Case:
    """What a payer holds of one of our claims: the last submission, its own numbers, the decisions that stand.

    `levels` is the place in which each number was sent.
    """

    claim: ProfessionalClaim
    numbers: set[str] = field(default_factory=set[str])
    levels: dict[str, int] = field(default_factory=dict[str, int])
    standing: list[RemittedClaim] = field(default_factory=list[RemittedClaim])
    voided: bool = False


class Office:
    """One payer. `later` runs something in so many days; `send` puts an interchange on its way to us."""

    def __init__(
        self,
        letter: str,
        plan: Plan,
        later: Callable[[float, Callable[[datetime], None]], None],
        send: Callable[[str, bytes, datetime], None],
        note: Callable[[datetime, Filed | Remitted | Other], None],
        hand_over: Callable[[ProfessionalClaim, int, datetime], None],
    ) -> None:
        self.letter, self.payer_id = letter, f"{plan.name}-{letter}"
        self._later, self._send, self._note, self._hand_over = later, send, note, hand_over
        mine = [move for move in plan.moves if move.get("payer") == letter]
        self._answers = {(m["session"], m["nth"]): m for m in mine if m.kind == "answer"}
        self._follows: dict[tuple[int, int | str], list[Move]] = defaultdict(list)
        for move in mine:
            if move.kind == "follow":
                self._follows[(move["session"], move["nth"])].append(move)
        self._refusals = {(m["session"], m["nth"]): m for m in mine if m.kind == "refuse"}
        self._statuses = [m for m in mine if m.kind == "status"]
        self._says_when_asked = {m["session"]: m for m in mine if m.kind == "inquiries"}
        self._asked: Counter[int] = Counter()
        self._benefits = {m["nth"]: m for m in mine if m.kind == "benefits"}
        rates = {m["procedure"]: m["cents"] for m in mine if m.kind == "rate" and "cents" in m.told}
        self._terms = Terms({**RATES, **rates})
        self._hands = [hand for m in mine if m.kind == "hand" for hand in m["writes"]]
        self._of_the_week: list[tuple[list[Remitted], tuple[ProviderAdjustment, ...]]] = []
        self._cases: list[Case] = []
        self._submissions: Counter[int] = Counter()
        self._controls = self._inquiries = 0
        self.called = False

    def receive(self, value: bytes, now: datetime) -> None:
        """Read an interchange of ours."""
        for interchange in read_file(value).interchanges:
            for transaction in interchange.transactions:
                match transaction.content:
                    case ClaimBatch(claims=claims):
                        if says_syntax(self._hands):
                            self._syntax(interchange.control, "A", now)
                        for claim in claims:
                            self._claim(claim, interchange.control, now)
                    case tuple() as inquiries:
                        self._inquired([i for i in inquiries if isinstance(i, EligibilityInquiry)], now)
                        for inquiry in inquiries:
                            if isinstance(inquiry, StatusInquiry):
                                self._asked_for(inquiry, now)
                    case _:
                        pass

    def _claim(self, claim: ProfessionalClaim, interchange: str, now: datetime) -> None:
        self._note(now, Filed(self.letter, claim))
        session = session_in(claim.id)
        if claim.frequency == "8":
            self._later(_VOIDED_AFTER_DAYS, lambda at: self._voided(claim, at))
            return
        nth = self._submissions[session]
        self._submissions[session] += 1
        refusal = self._refusals.get((session, nth))
        if refusal is not None and not self._is_settled(refusal):
            self._later(refusal.get("after", 0.0), lambda at: self._refuse(claim, refusal, interchange, at))
            return
        number = f"{self.payer_id}{session}N{nth}"
        case = self._case_of(claim)
        if case is None:
            case = Case(claim)
            self._cases.append(case)
        case.claim = claim
        case.numbers.add(number)
        case.levels[number] = level_of(claim)
        days = receipt_after_days(self._hands)
        if days is not None:
            self._later(days, lambda at: self._status(claim, "accepted", number, at))
        for move in self._statuses:
            if (move["session"], move["nth"]) == (session, nth):
                self._later(move["after"], lambda at, move=move: self._says_unasked(case, claim, number, move, at))
        move = self._answers.get((session, nth), Move("answer"))
        how = move.get("how", "pay")
        if how == "silent":
            return
        days = move.get("after", ANSWER_AFTER_DAYS)
        self._later(days, lambda at: self._decide(case, claim, how, number, (session, nth), at))

    def _refuse(self, claim: ProfessionalClaim, move: Move, interchange: str, now: datetime) -> None:
        says = move.get("says", "refused")
        if says == "syntax":
            self._syntax(interchange, "R", now)
        else:
            self._status(claim, says, "", now)

    def _syntax(self, interchange: str, code: str, now: datetime) -> None:
        """The 999 of an interchange of ours: taken (A) or rejected (R)."""
        self._note(now, Other(f"{self.letter} says of its syntax", f"{interchange} {code}"))
        said = Acknowledgment("HC", str(int(interchange)), code, (AcknowledgedSet("0001", "837", code),))
        self._out(write_acknowledgments([said], self._envelope(now)), now)

    def _is_settled(self, move: Move) -> bool:
        """Whether the client has called about what the payer would say of the order."""
        return self.called and move.get("says") in OF_THE_ORDER

    def _case_of(self, claim: ProfessionalClaim) -> Case | None:
        """The case that a claim replaces or voids, by the payer's own number."""
        return next((case for case in self._cases if claim.original_claim_id in case.numbers), None)

    def _decide(
        self, case: Case, claim: ProfessionalClaim, how: str, number: str, which: tuple[int, int], now: datetime
    ) -> None:
        """Decide on a submission; a replacement takes the place of what stood before."""
        if case.voided:
            return
        if how == "must_call" and self.called:
            how = "pay"
        back = [taken_back(decided) for decided in case.standing] if claim.frequency == "7" else []
        decided = decide(claim, how, self._terms, number)
        move = self._answers.get(which, Move("answer"))
        if how == "forward" and (over := handed_over(claim, decided, move.get("place"))) is not None:
            decided = self._forwarded(claim, decided)
            late, level = move.get("passed_on_after", 0.0), level_of(claim) + 1
            self._later(late, lambda at: self._hand_over(over, level, at))
        if how == "pieces" and len(decided.lines) > 1:
            self._in_pieces(case, decided, now)
        else:
            self._remit((*back, decided), case, now, arrives_after=move.get("arrives_after", 0.0))
        self._follow_up(case, decided, which)

    def _follow_up(self, case: Case, decided: RemittedClaim, which: tuple[int, int | str]) -> None:
        for move in self._follows.get(which, ()):
            self._later(move["after"], lambda at, move=move: self._follow(case, decided, move, at))

    def _in_pieces(self, case: Case, decided: RemittedClaim, now: datetime) -> None:
        """One 835 a line, a day apart."""
        for at, line in enumerate(reversed(decided.lines)):
            owed = sum(a.amount_cents for a in line.adjustments if a.group == "PR")
            piece = replace(
                decided,
                charge_cents=line.charge_cents,
                paid_cents=line.paid_cents,
                patient_responsibility_cents=owed,
                lines=(line,),
            )
            self._later(float(at), lambda when, piece=piece: self._remit((piece,), case, when))

    def _forwarded(self, claim: ProfessionalClaim, decided: RemittedClaim) -> RemittedClaim:
        """Say that the claim went on to the next payer."""
        status = {"1": "19", "2": "20", "3": "21"}.get(decided.status, decided.status)
        after = payers_after(claim)[0].payer
        to = Party(after.name, id=after.id, id_kind="PI")
        return replace(decided, status=status, crossover_to=to, remarks=("MA18",))

    def crossed_over(self, claim: ProfessionalClaim, level: int, now: datetime) -> None:
        """Another payer hands a claim over: decided like any, under the number by which that payer had it from us."""
        number = f"{self.payer_id}{session_in(claim.id)}X"
        case = Case(claim, {number}, {number: level})
        self._cases.append(case)
        self._later(ANSWER_AFTER_DAYS, lambda at: self._decide_crossover(case, number, at))

    def _decide_crossover(self, case: Case, number: str, now: datetime) -> None:
        decided = decide(case.claim, "pay", self._terms, number)
        self._remit((decided,), case, now)
        self._follow_up(case, decided, (session_in(case.claim.id), "X"))

    def _follow(self, case: Case, decided: RemittedClaim, move: Move, now: datetime) -> None:
        """What a payer does to its own decision later."""
        if move.get("of_last") and case.standing:
            decided = case.standing[-1]
        if decided not in case.standing:
            return
        how = move["how"]
        back = taken_back(decided)
        match how:
            case "again":
                self._remit((decided,), case, now, again=True)
            case "take_back":
                self._remit((back,), case, now)
            case "take_back_last":
                self._remit((taken_back(case.standing[-1]),), case, now)
            case "pay_again":
                self._remit((replace(decided, payer_claim_id=f"{decided.payer_claim_id}D"),), case, now)
            case "take_back_unnamed":
                self._remit((replace(back, payer_claim_id=""),), case, now)
            case "withhold" if not decided.paid_cents:
                pass
            case "withhold":
                plb = ProviderAdjustment("WO", decided.payer_claim_id, decided.paid_cents, "1234567893")
                self._remit((), case, now, plb=(plb,))
            case "correct" | "correct_apart" | "correct_first":
                self._correct(case, decided, move, now)
            case _:
                raise ValueError(f"no payer does {how}")

    def _correct(self, case: Case, decided: RemittedClaim, move: Move, now: datetime) -> None:
        """Take a decision back and put another one in its place: in one 835, or in two a few days apart."""
        number = number_of_correction(decided.payer_claim_id, self._hands)
        case.numbers.add(number)
        correction = decide(case.claim, move["to"], self._terms, number)
        back, apart = taken_back(decided), move.get("apart", 3.0)
        match move["how"]:
            case "correct":
                self._remit((back, correction), case, now)
            case "correct_apart":
                self._remit((back,), case, now)
                self._later(apart, lambda at: self._remit((correction,), case, at))
            case _:
                self._remit((correction,), case, now)
                self._later(apart, lambda at: self._remit((back,), case, at))

    def _voided(self, claim: ProfessionalClaim, now: datetime) -> None:
        """Take back what stands of a claim that we voided; what is not decided yet never is."""
        case = self._case_of(claim)
        if case is None:
            return
        case.voided = True
        if case.standing:
            self._remit(tuple(taken_back(decided) for decided in case.standing), case, now)

    def _remit(
        self,
        claims: tuple[RemittedClaim, ...],
        case: Case,
        now: datetime,
        plb: tuple[ProviderAdjustment, ...] = (),
        *,
        again: bool = False,
        arrives_after: float = 0.0,
    ) -> None:
        """Send an 835, or put its claims into the week's, and remember what stands."""
        session = session_in(case.claim.id)
        remitted: list[Remitted] = []
        for claim in claims:
            level = case.levels.setdefault(claim.payer_claim_id, level_of(case.claim))
            remitted.append(Remitted(self.letter, claim, session, level))
            if claim.reversal:
                case.standing = [decided for decided in case.standing if not _reverses(claim, decided)]
            elif not again:
                case.standing.append(claim)
        plb = (*plb, *interest(claims, self._hands))
        if not in_one_a_week(self._hands):
            self._pay(remitted, plb, now, arrives_after)
            return
        if not self._of_the_week:
            self._later(7.0, self._pay_the_week)
        self._of_the_week.append((remitted, plb))

    def _pay_the_week(self, now: datetime) -> None:
        remitted = [decided for claims, _ in self._of_the_week for decided in claims]
        plb = tuple(adjustment for _, adjustments in self._of_the_week for adjustment in adjustments)
        self._of_the_week = []
        self._pay(remitted, plb, now)

    def _pay(
        self,
        remitted: list[Remitted],
        plb: tuple[ProviderAdjustment, ...],
        now: datetime,
        arrives_after: float = 0.0,
    ) -> None:
        """Send an 835."""
        for decided in remitted:
            self._note(now, decided)
        for adjustment in plb:
            if adjustment.reason == "WO":
                self._note(now, Other(f"{self.letter} withholds", adjustment.reference))
        made = sum(decided.claim.paid_cents for decided in remitted) - sum(a.amount_cents for a in plb)
        payment = max(0, made)
        self._controls += 1
        trace = f"{self.payer_id}T{self._controls}"
        if made < 0:
            plb = (*plb, ProviderAdjustment("FB", trace, made, "1234567893"))
        header = RemittanceHeader(
            payment_cents=payment,
            trace=trace,
            paid_on=now.date(),
            produced_on=now.date(),
            method="ACH",
            payer=Party(f"PLAN {self.letter}", id=self.payer_id, id_kind="XV"),
            payee=Party("EVERGREEN CARE GROUP", id="1234567893", id_kind="XX"),
        )
        stated = tuple(written(decided.claim, self._hands) for decided in remitted)
        envelope = replace(self._envelope(now), delimiters=delimiters(self._hands))
        value, key = write_remittances([Remittance(header, stated, plb)], envelope), self._key()
        self._later(arrives_after, lambda at: self._send(key, value, at))

    def _says_unasked(self, case: Case, claim: ProfessionalClaim, number: str, move: Move, now: datetime) -> None:
        """A status that nobody asked for; what is refused so, for good, is not decided."""
        if self._is_settled(move):
            return
        if move.get("for_good"):
            case.voided = True
        self._status(claim, move["says"], number, now, asked=move["set"] == "277")

    def _asked_for(self, inquiry: StatusInquiry, now: datetime) -> None:
        """The 277 to a 276: silence, or what the move says to the first, the second ... question for the session."""
        session = session_in(inquiry.id)
        move, nth = self._says_when_asked.get(session), self._asked[session]
        self._asked[session] += 1
        claims = [case.claim for case in self._cases if case.claim.id == inquiry.id]
        if move is None or nth >= len(move["says"]) or not claims:
            return
        says, number = move["says"][nth], inquiry.payer_claim_id
        for again in range(move.get("times", 1)):
            self._later(move["after"] + again, lambda at: self._status(claims[-1], says, number, at, asked=True))

    def _status(self, claim: ProfessionalClaim, says: str, number: str, now: datetime, *, asked: bool = False) -> None:
        """The 277CA of a claim, or the 277 that answers a question."""
        self._note(now, Other(f"{self.letter} {'answers' if asked else 'acknowledges'}", f"{claim.id} {says}"))
        report = status_report(claim, says, number, Party(f"PLAN {self.letter}", id=self.payer_id), asked=asked)
        self._out(write_claim_statuses([report], self._envelope(now)), now)

    def _inquired(self, inquiries: list[EligibilityInquiry], now: datetime) -> None:
        for inquiry in inquiries:
            nth = self._inquiries
            self._inquiries += 1
            move = self._benefits.get(nth, Move("benefits"))
            how = move.get("how", "active")
            self._note(now, Other(f"{self.letter} is asked", f"for benefits on {inquiry.on}: {how}"))
            if how == "silent":
                continue
            report = benefits_report(inquiry, how, self._other_party(move))
            self._later(
                move.get("after", 0.0),
                lambda at, report=report: self._out(write_benefits([report], self._envelope(at)), at),
            )

    def _other_party(self, move: Move) -> Party:
        letter = move.get("names", "B" if self.letter == "A" else "A")
        return Party(f"Plan {letter}", id=f"{self.payer_id[:-1]}{letter}", id_kind="PI")

    def _envelope(self, now: datetime) -> Envelope:
        self._controls += 1
        return Envelope("PAYER", "MARKETPLACE", self._controls, now)

    def _out(self, value: bytes, now: datetime) -> None:
        self._send(self._key(), value, now)

    def _key(self) -> str:
        return f"{self.payer_id}-{self._controls}"


def _reverses(reversal: RemittedClaim, decided: RemittedClaim) -> bool:
    return reversal.paid_cents == -decided.paid_cents and reversal.charge_cents == -decided.charge_cents

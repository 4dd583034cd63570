"""One world: a client with its sessions, payers, upstream, payment system and broker, run by a plan.

A world acts when it is told the time, and takes what the services publish. It never looks into them.
"""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from shared.events import envelope
from shared.events.catalogue import CATALOGUE
from shared.events.coverage import AccountPaused
from shared.events.payments import (
    PaymentDisputed,
    PaymentFailed,
    PaymentSucceeded,
    RefundFailed,
    RefundSucceeded,
)
from shared.events.settlement import ChargeRequested, RefundRequested
from shared.events.topics import PAYERS_INBOUND, PAYERS_OUTBOUND
from shared.events.types import Event
from shared.runtime.deadletter import Incoming
from shared.x12.claim_837.claim import ProfessionalClaim
from tests.simulation.broker import Broker
from tests.simulation.facts import FIRST_DAY, UPSTREAM, Facts
from tests.simulation.history import History, Lost, Other, Said, Told
from tests.simulation.mailbox import Mailbox, come_back, message_id
from tests.simulation.moves import Move, Plan
from tests.simulation.operating import Operator, Order
from tests.simulation.payers.office import Office
from tests.simulation.reporting import Reporter
from tests.simulation.stage import SERVICES, Published
from tests.simulation.wording import read_letter

BEGINS = datetime.combine(FIRST_DAY, time(9), UTC)
LASTS = timedelta(days=400)
CALLS_AFTER_DAYS = 4.0
_HEARS = {service.name: set(service.handlers) for service in SERVICES}
_HEARS_INTERCHANGES = [service.name for service in SERVICES if service.interchange_topic == PAYERS_INBOUND.name]
_HEADERS = (("content-type", envelope.CONTENT_TYPE.encode()),)

Act = Callable[[datetime], None]


class World:
    """A plan being run. `stopped_by` is what kept it from its end, where anything did.

    `ledgers` is what the books of each session hold in the end, in cents by account. No promise reads them: two
    schedules of one world are compared by them.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.name = plan, plan.name
        self.facts, self.broker, self.history = Facts(plan.name), Broker(plan), History(BEGINS)
        self.now = BEGINS
        self.stopped_by = ""
        self.ledgers: dict[int, dict[str, int]] = {}
        self._agenda: list[tuple[datetime, int, Act]] = []
        self._order, self._ids = itertools.count(), itertools.count(1)
        self._charges: Counter[int] = Counter()
        self._refunds: Counter[int] = Counter()
        self._called: set[tuple[str, str]] = set()
        self._published: Counter[str] = Counter()
        self._mails, self._mailbox = 0, Mailbox(plan, BEGINS)
        self._arrived: set[bytes] = set()
        self.orders: list[Order] = []
        self.offices = {letter: self._office(letter) for letter in "ABCDM"}
        self._reporter = Reporter(plan, self._later, self.orders.append, self._phoned)
        self._operator = Operator(plan, self.facts, self._later, self.orders.append)
        for move in plan.of(*UPSTREAM):
            self._later(move.day, lambda at, move=move: self.tell(self.facts.event(move), at))

    def _office(self, letter: str) -> Office:
        note = self.history.add
        return Office(letter, self.plan, self._later, self._from_payer, note, self._hand_over)

    def _hand_over(self, claim: ProfessionalClaim, level: int, now: datetime) -> None:
        self.offices[claim.payer.id[-1]].crossed_over(claim, level, now)

    def _later(self, days: float, act: Act) -> None:
        """Have something done in so many days."""
        heapq.heappush(self._agenda, (self.now + timedelta(days=days), next(self._order), act))

    def next_at(self) -> datetime | None:
        """When this world does something next by itself."""
        times = [at for at in (self._agenda[0][0] if self._agenda else None, self.broker.next_at()) if at is not None]
        return min(times, default=None)

    def act(self, now: datetime) -> None:
        """Do what is due."""
        self.now = now
        while self._agenda and self._agenda[0][0] <= now:
            heapq.heappop(self._agenda)[2](now)

    def tell(self, event: Event, now: datetime) -> None:
        """Publish a fact from outside."""
        self.history.add(now, Told(event))
        sealed = envelope.first(event, id=f"{self.name}-{next(self._ids)}", source=f"/upstream/{self.name}", now=now)
        self._route(event.topic, event.key(), type(event), sealed.to_bytes(), _HEADERS, now)

    def _route(
        self,
        topic: str,
        key: str,
        kind: type[Event],
        value: bytes,
        headers: tuple[tuple[str, bytes], ...],
        now: datetime,
    ) -> None:
        for service, hears in _HEARS.items():
            if kind in hears:
                self.broker.append(service, Incoming(topic, key, value, headers, self._origin(topic)), now)

    def _origin(self, topic: str) -> str:
        return f"{topic}/{self.name}/{next(self._ids)}"

    def _from_payer(self, key: str, value: bytes, now: datetime) -> None:
        for service in _HEARS_INTERCHANGES:
            message = Incoming(PAYERS_INBOUND.name, key, value, (), self._origin(PAYERS_INBOUND.name))
            self.broker.append(service, message, now)

    def take(self, published: Published, now: datetime) -> None:
        """Take what a service let out: to whom it concerns, and into the history."""
        self.now = now
        if published.topic == PAYERS_OUTBOUND.name:
            letter = published.key.removeprefix(f"{self.name}-")[0]
            self.offices[letter].receive(published.value, now)
            return
        if published.topic not in _TOPICS:
            reason = dict(published.headers).get("dead-reason", b"").decode()
            self.history.add(now, Other(f"{published.service} sets aside", f"{published.topic}: {reason}"))
            return
        event = envelope.read(published.value, published.headers).event
        assert event is not None
        self.history.add(now, Said(published.service, event))
        for _ in range(self._times(published.service)):
            self._route(published.topic, published.key, type(event), published.value, published.headers, now)
        self._react(event, now)

    def _times(self, service: str) -> int:
        """How often a service's next message is published: twice where its relay dies before the delete."""
        nth = self._published[service]
        self._published[service] += 1
        again = any((move["service"], move["nth"]) == (service, nth) for move in self.plan.of("republish"))
        return 2 if again else 1

    def mail_fate(self, mail_to: str, now: datetime) -> str:
        """What the mail server does with the next letter that it is offered."""
        nth = self._mails
        self._mails += 1
        trouble = self._mailbox.trouble(mail_to, now)
        if trouble is not None and trouble["how"] == "refuses":
            return "refuses"
        fates = [move["fate"] for move in self.plan.of("mail") if move["nth"] == nth]
        return fates[0] if fates else "takes"

    def take_letter(self, mail: bytes, now: datetime) -> None:
        """A letter arrives; one that comes twice under one Message-ID is shown once. Or it does not arrive."""
        self.now = now
        identity, letter = message_id(mail), read_letter(mail)
        trouble = self._mailbox.trouble(letter.to, now)
        if trouble is not None:
            self.history.add(now, Lost(letter, trouble["how"]))
            if trouble["how"] != "refuses":
                back = come_back(mail, trouble["how"])
                self._later(trouble["after"], lambda _: self.orders.append(back))
            return
        if identity not in self._arrived:
            self.history.add(now, letter)
            self._reporter.read(letter)
        self._arrived.add(identity)

    def _react(self, event: Event, now: datetime) -> None:
        self._operator.hear(event)
        match event:
            case ChargeRequested():
                self._charge(event)
            case RefundRequested():
                self._refund(event)
            case AccountPaused():
                for issue in event.issues:
                    self._call(issue.payer_id, event.pause_id)
            case _:
                pass

    def _charge(self, asked: ChargeRequested) -> None:
        """The payment system answers: the card is charged, unless a move says otherwise."""
        move = self._nth_move("charge", self._charges, asked.session_id)
        said = {"client_id": asked.client_id, "session_id": asked.session_id, "idempotency_key": asked.idempotency_key}
        succeeded = PaymentSucceeded(**said, amount_cents=asked.amount_cents)
        failed = PaymentFailed(**said, amount_cents=asked.amount_cents, reason="card_declined")
        disputed = PaymentDisputed(**said, amount_cents=asked.amount_cents, reason="not_recognized")
        answers: dict[str, list[Event]] = {
            "pays": [succeeded],
            "declines": [failed],
            "declines_then_pays": [failed, succeeded],
            "pays_then_declines": [succeeded, failed],
            "disputes": [succeeded, disputed],
            "disputes_and_wins_back": [succeeded, disputed, succeeded],
        }
        self._answers(answers[move.get("how", "pays")], move)

    def _refund(self, asked: RefundRequested) -> None:
        move = self._nth_move("refund", self._refunds, asked.session_id)
        said = {"client_id": asked.client_id, "session_id": asked.session_id, "idempotency_key": asked.idempotency_key}
        succeeded = RefundSucceeded(**said, amount_cents=asked.amount_cents)
        failed = RefundFailed(**said, amount_cents=asked.amount_cents, reason="card_closed")
        answers: dict[str, list[Event]] = {
            "pays": [succeeded],
            "fails": [failed],
            "fails_then_pays": [failed, succeeded],
            "pays_then_fails": [succeeded, failed],
        }
        self._answers(answers[move.get("how", "pays")], move)

    def _nth_move(self, kind: str, counted: Counter[int], session_id: str) -> Move:
        session = self.facts.session_number(session_id)
        nth = counted[session]
        counted[session] += 1
        moves = [move for move in self.plan.of(kind) if (move["session"], move["nth"]) == (session, nth)]
        return moves[0] if moves else Move(kind)

    def _answers(self, answers: list[Event], move: Move) -> None:
        for number, answer in enumerate(answers):
            days = move.get("after", 0.0) + number * move.get("apart", 20.0)
            self._later(days, lambda at, answer=answer: self.tell(answer, at))

    def _call(self, payer_id: str, pause_id: str) -> None:
        """The client is told to call a payer, and does, once a pause, unless a move says otherwise."""
        if (pause_id, payer_id) in self._called:
            return
        self._called.add((pause_id, payer_id))
        letter = payer_id[-1]
        moves = [move for move in self.plan.of("call") if move["payer"] == letter]
        move = moves[0] if moves else Move("call")
        if move.get("how", "calls") != "never":
            self._later(move.get("after", CALLS_AFTER_DAYS), lambda at: self._called_up(letter, move, at))

    def _phoned(self, letter: str) -> None:
        self.offices[letter].called = True

    def _called_up(self, letter: str, move: Move, now: datetime) -> None:
        self._phoned(letter)
        reference = "" if move.get("how") == "no_reference" else move.get("reference", f"REF-{letter}-77")
        self.tell(self.facts.called(self.facts.payer_id(letter), now.date(), reference, move.get("first")), now)
        if not reference:
            self._later(2.0, lambda at: self._called_up(letter, Move("call"), at))
        elif move.get("how") == "twice":
            again = Move("call", told={"reference": move["second"]} if move.get("second") else {})
            self._later(move["apart"], lambda at: self._called_up(letter, again, at))


_TOPICS = {model.topic for model in CATALOGUE.values()}

"""What the stand-in does with each message: read top-down, this is its table of contents."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from services.payers.book import card
from services.payers.office import claim_decision, outbound, payment_run
from services.payers.office.eligibility import answer_inquiries, answer_status_inquiries, asked_about
from services.payers.office.intake import patient_of, take_in
from services.payers.office.office import Office
from services.payers.settings import Directions
from services.payers.store import CARD_CHARGES, CardCharge, load_members
from shared.database.postgres import lock_clients
from shared.events.settlement import ChargeRequested, RefundRequested
from shared.runtime.interchange import Interchange
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import ClaimBatch
from shared.x12.claim_status_277.status import StatusInquiry
from shared.x12.eligibility_270.inquiry import EligibilityInquiry


class StandIn:
    """The handlers, and what they go by; the directions are asked for with the first message."""

    def __init__(self, directions: Callable[[], Directions]) -> None:
        self._ask = directions

    @cached_property
    def directions(self) -> Directions:
        """The book, the characters, the seed and the delay."""
        return self._ask()

    async def prefetch(self, events: Sequence[Any], tx: Transaction) -> None:
        """Take the locks of all members that a batch is about, in sorted order, and read what is on file of them."""
        office = Office(self.directions, tx)
        members = {key for event in events if isinstance(event, Interchange) for key in _members(office, event.value)}
        if members:
            await lock_clients(tx.connection, members)
        await load_members(tx, members | {event.client_id for event in events if isinstance(event, Timer)})

    async def on_interchange(self, interchange: Interchange, tx: Transaction) -> None:
        """Answer every 270, 837 and 276 of an interchange; other sets are none of an insurer's business."""
        office = Office(self.directions, tx)
        for received in outbound.read(interchange.value):
            match received.content:
                case ClaimBatch() as batch:
                    await take_in(office, received, batch)
                case (EligibilityInquiry(), *_) as inquiries:
                    await answer_inquiries(office, received, inquiries)
                case (StatusInquiry(), *_) as inquiries:
                    await answer_status_inquiries(office, received, inquiries)
                case _:
                    pass

    async def on_adjudication_due(self, timer: Timer, tx: Transaction) -> None:
        """A claim's days in process are over: decide it, and send its 835."""
        await claim_decision.decide(Office(self.directions, tx), timer)

    async def on_remittance_due(self, timer: Timer, tx: Transaction) -> None:
        """A later 835 about a claim: a piece, a repetition, a reversal."""
        await payment_run.deliver_later(Office(self.directions, tx), timer)

    async def on_payment_day_over(self, timer: Timer, tx: Transaction) -> None:
        """A daily insurer pays what it decided in the day."""
        await payment_run.pay_together(Office(self.directions, tx), timer)

    async def on_acknowledgment_due(self, timer: Timer, tx: Transaction) -> None:
        """A 277CA that was kept back."""
        office = Office(self.directions, tx)
        office.send_bytes(timer.client_id, timer.data["control"], timer.data["value"].encode("ascii"))

    async def on_charge_requested(self, request: ChargeRequested, tx: Transaction) -> None:
        """Charge the client's card; the same request again gets the same answer, and is disputed once."""
        answer = self.directions.book.card(request.client_id)
        tx.publish(card.charge_answer(request, answer))
        if answer == "disputed" and await tx.one(CARD_CHARGES, request.client_id, request.idempotency_key) is None:
            due_at = tx.now + timedelta(days=card.DISPUTE_AFTER_DAYS)
            tx.schedule("dispute", request.client_id, request.idempotency_key, due_at, session_id=request.session_id)
            tx.save(CARD_CHARGES, CardCharge(request.client_id, request.idempotency_key, request.amount_cents))

    async def on_refund_requested(self, request: RefundRequested, tx: Transaction) -> None:
        """Give money back to the client's card."""
        tx.publish(card.refund_answer(request, self.directions.book.card(request.client_id)))

    async def on_dispute_due(self, timer: Timer, tx: Transaction) -> None:
        """The cardholder's bank takes a charge back."""
        charge = await tx.one(CARD_CHARGES, timer.client_id, timer.subject)
        assert charge is not None, "the dispute was scheduled with its charge"
        tx.publish(
            card.dispute(charge.client_id, timer.data["session_id"], charge.idempotency_key, charge.amount_cents)
        )


def _members(office: Office, value: bytes) -> Iterator[str]:
    """The members' files that an interchange is about."""
    for received in outbound.read(value):
        match received.content:
            case ClaimBatch() as batch:
                memberships = [patient_of(office, claim) for claim in batch.claims]
            case (EligibilityInquiry(), *_) as inquiries:
                memberships = [asked_about(office, inquiry) for inquiry in inquiries]
            case _:
                memberships = []
        yield from (membership.key for membership in memberships if membership is not None)

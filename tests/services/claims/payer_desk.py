"""A payer's desk for stories of the claims service: it reads what goes out and writes 999s, 277CAs, 277s and 835s.

`Claims` feeds the service's own facts (remittance.received, acknowledgment.received) back to it, as the broker would.
"""

import functools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from shared.events.answers_awaited import AnswersAwaited
from shared.events.claims import AcknowledgmentReceived, PaymentRemitted, RemittanceReceived
from shared.events.clients import PlansEntered
from shared.events.coverage import AccountPaused, AccountUnpaused
from shared.events.directory import PayerListed
from shared.events.types import Event
from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet, Acknowledgment
from shared.x12.acknowledgment_999.writer import write_acknowledgments
from shared.x12.claim_837.claim import ClaimBatch, ProfessionalClaim
from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Status
from shared.x12.claim_status_277.writer import write_claim_statuses
from shared.x12.document.interchange import read_file
from shared.x12.remittance_835.remittance import (
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    RemittedClaim,
    RemittedLine,
)
from shared.x12.remittance_835.writer import write_remittances
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Party
from tests import builders
from tests.harness import MORNING, ServiceUnderTest
from tests.shared.x12.remittance_values import negated

WHOSE = {"client_id": "c", "session_id": "SES-1"}
DAY = date(2026, 3, 2)
CLIENT = builders.registered()
PROVIDER = builders.provider()


def payer(payer_id: str, **changes: Any) -> PayerListed:
    return PayerListed.model_validate({"payer_id": payer_id, "name": f"PAYER {payer_id}", **changes})


def _entered(plan_id: str, payer_id: str, **subscriber: Any) -> dict[str, Any]:
    subscriber = subscriber or {"relation": "self"}
    return {"plan_id": plan_id, "payer_id": payer_id, "member_id": f"M{payer_id}", "subscriber": subscriber}


SPOUSE = {
    "relation": "spouse",
    "first_name": "Kim",
    "last_name": "Doe",
    "birth_date": "1991-01-01",
    "address": builders.ADDRESS,
}
PLANS = PlansEntered.model_validate(
    {"client_id": "c", "plans": [_entered("own", "ONE"), _entered("spouses", "TWO", **SPOUSE)]}
)


confirmed = functools.partial(builders.confirmed, **WHOSE)
cleared = functools.partial(builders.cleared, **WHOSE)
COMPLETED = builders.completed(**WHOSE)
FACTS = (CLIENT, PLANS, PROVIDER, payer("ONE"), payer("TWO"))


def paused(**changes: Any) -> AccountPaused:
    to_call = {"payer_id": "ONE", "payer_name": "PAYER ONE", "cause": "payer_asks_client", "opened_on": "2026-03-20"}
    said = {"client_id": "c", "pause_id": "pause-1", "paused_on": "2026-03-20", "issues": [to_call]}
    return AccountPaused.model_validate({**said, **changes})


def unpaused(*order: str) -> AccountUnpaused:
    said = {"client_id": "c", "pause_id": "pause-1", "unpaused_on": "2026-03-25", "watched": False}
    return AccountUnpaused.model_validate({**said, "order": list(order or ("own", "spouses"))})


def envelope(control: int = 900) -> Envelope:
    return Envelope("PAYER", "MARKETPLACE", control, MORNING)


def read_claims(value: bytes) -> list[ProfessionalClaim]:
    """The claims of an interchange that went out; empty for a 276."""
    sets = [transaction for interchange in read_file(value).interchanges for transaction in interchange.transactions]
    return [
        claim
        for transaction in sets
        if isinstance(transaction.content, ClaimBatch)
        for claim in transaction.content.claims
    ]


def pays(claim: ProfessionalClaim, paid: int, *adjustments: tuple[str, str, int], **changes: Any) -> RemittedClaim:
    """The claim as the 835 has it: `paid` and `adjustments` (group, reason, cents) on its first line.

    `line` picks another line; `status`, `number` (CLP07), `control` and `remarks` differ where told.
    """
    at = changes.pop("line", 0)
    line = claim.lines[at]
    kept = tuple(Adjustment(*parts) for parts in adjustments)
    remitted = RemittedLine(
        charge_cents=line.charge_cents,
        paid_cents=paid,
        procedure=line.procedure,
        modifiers=line.modifiers,
        control=line.control,
        adjustments=kept,
        remarks=changes.pop("remarks", ()),
        service_from=DAY,
    )
    status = changes.pop("status", {"P": "1", "S": "2", "T": "3"}[claim.responsibility])
    said = RemittedClaim(
        id=claim.id,
        status=status,
        charge_cents=line.charge_cents,
        paid_cents=paid,
        patient_responsibility_cents=sum(adjustment.amount_cents for adjustment in kept if adjustment.group == "PR"),
        payer_claim_id=f"{claim.payer.id}-ICN",
        lines=(remitted,),
        patient=Party("DOE", "SAM"),
        service_from=DAY,
    )
    return replace(said, **changes)


PRIMARY_PAYS = (12000, ("CO", "45", 7000), ("PR", "2", 3000))
SECONDARY_PAYS = (2400, ("OA", "23", 19000), ("PR", "2", 600))


def taken_back(claim: RemittedClaim) -> RemittedClaim:
    """The reversal of what was paid."""
    return replace(
        claim,
        status="22",
        charge_cents=-claim.charge_cents,
        paid_cents=-claim.paid_cents,
        patient_responsibility_cents=None,
        lines=negated(claim.lines),
    )


def remittance(
    payer_id: str, *claims: RemittedClaim, trace: str = "TRN-1", plb: Sequence[ProviderAdjustment] = (), **changes: Any
) -> bytes:
    """An 835 of one payment; it balances unless `payment` says otherwise."""
    payment = sum(claim.paid_cents for claim in claims) - sum(adjustment.amount_cents for adjustment in plb)
    header = RemittanceHeader(
        payment_cents=changes.get("payment", payment),
        trace=trace,
        paid_on=changes.get("on", date(2026, 3, 20)),
        produced_on=changes.get("on", date(2026, 3, 20)),
        method="ACH",
        payer=Party(f"PAYER {payer_id}", id=payer_id, id_kind="XV"),
        payee=Party("EVERGREEN CARE GROUP", id=changes.get("payee", "1234567893"), id_kind="XX"),
    )
    return write_remittances([Remittance(header, claims, tuple(plb))], envelope())


def status(claim: ProfessionalClaim, *codes: tuple[str, str, str], number: str = "", answer: bool = False) -> bytes:
    """A 277CA (or, with `answer`, a 277) about one claim: (category, status, entity) each."""
    said = ClaimStatus(
        claim.id,
        tuple(Status(*code) for code in codes),
        payer_claim_id=number,
        patient=Party("DOE", "SAM"),
        charge_cents=claim.charge_cents,
        service_from=DAY,
    )
    report = ClaimStatusReport((said,), acknowledgment=not answer, payer=Party("PAYER", id=claim.payer.id))
    return write_claim_statuses([report], envelope())


def syntax(value: bytes, code: str = "A") -> bytes:
    """The 999 about an interchange that went out."""
    interchange = read_file(value).interchanges[0]
    control = str(int(interchange.control))
    return write_acknowledgments(
        [Acknowledgment("HC", control, code, (AcknowledgedSet("0001", "837", code),))], envelope()
    )


class Claims:
    """The claims service as payers and the other services see it."""

    def __init__(self, sut: ServiceUnderTest) -> None:
        self.sut = sut
        self.published: list[Event] = []
        self.sent: list[ProfessionalClaim] = []
        self.values: list[bytes] = []
        self.awaited: AnswersAwaited | None = None

    async def receives(self, *events: Event) -> None:
        """Handle the events, and the facts of its own that follow; `published` and `sent` are what came of them."""
        self.published, self.values, self.sent = [], [], []
        for event in events:
            await self.sut.receives(event)
            await self._own_facts()

    async def answered(self, *values: bytes, key: str = "ONE-1") -> None:
        """Handle what payers send, and the facts it is split into."""
        self.published, self.values, self.sent = [], [], []
        for value in values:
            await self.sut.receives_interchange(value, key)
            await self._own_facts()

    async def matched(self, value: bytes, key: str = "ONE-1") -> list[Event]:
        """The facts that what a payer sends is split into; they are not handled yet."""
        self.published, self.values, self.sent = [], [], []
        await self.sut.receives_interchange(value, key)
        return self._take()

    async def passes(self, **time: float) -> None:
        """Let time pass, and handle what falls due."""
        self.published, self.values, self.sent = [], [], []
        await self.sut.passes(**time)
        await self._own_facts()

    async def after_a_command(self) -> None:
        """Handle what an operator's command published."""
        self.published, self.values, self.sent = [], [], []
        self.sut.published, self.sut.interchanges = [], []
        await self.sut.collect()
        await self._own_facts()

    async def _own_facts(self) -> None:
        assert self.sut.dead == [], self.sut.dead
        todo = self._take()
        while todo:
            await self.sut.receives(*todo)
            assert self.sut.dead == [], self.sut.dead
            todo = self._take()

    def _take(self) -> list[Event]:
        own = (RemittanceReceived, AcknowledgmentReceived)
        # What was paid in all, and who is awaited, is told to settlement; the stories are about claims.
        told = (*own, PaymentRemitted, AnswersAwaited)
        for event in self.sut.published:
            if isinstance(event, AnswersAwaited):
                self.awaited = event
        self.published += [event for event in self.sut.published if not isinstance(event, told)]
        self.values += self.sut.interchanges
        self.sent += [claim for value in self.sut.interchanges for claim in read_claims(value)]
        return [event for event in self.sut.published if isinstance(event, own)]

    async def secondary_sent(self) -> tuple[ProfessionalClaim, ProfessionalClaim]:
        """The primary pays as usual: the claim that it had, and the one that the secondary gets then."""
        (primary,) = self.sent
        await self.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
        (secondary,) = self.sent
        return primary, secondary

    def all(self, kind: type[Any]) -> list[Any]:
        """The published events of this kind."""
        return [event for event in self.published if isinstance(event, kind)]

    def only(self, kind: type[Any]) -> Any:
        """The one published event of this kind."""
        events = self.all(kind)
        assert len(events) == 1, (
            f"{len(events)} of {kind.__name__} in {[type(event).__name__ for event in self.published]}"
        )
        return events[0]

    def who_is_awaited(self) -> dict[str, str]:
        """Why each plan's answer is awaited, by plan, as last said."""
        return {} if self.awaited is None else {entry.plan_id: entry.why for entry in self.awaited.awaited}

    def who_is_not(self) -> dict[str, str]:
        """Why each other plan's answer is not awaited."""
        return {} if self.awaited is None else {entry.plan_id: entry.why for entry in self.awaited.not_awaited}

    async def states(self) -> dict[str, str]:
        """The state of each claim, by plan."""
        rows = await self.sut.pool.fetch("select plan_id, state from claims order by role")
        return {row["plan_id"]: row["state"].strip('"') for row in rows}

    async def queue(self) -> list[str]:
        """The reasons of what waits for a person."""
        rows = await self.sut.pool.fetch("select reason from work_queue where resolved_at is null order by opened_at")
        return [row["reason"] for row in rows]

"""From rows to the facts that the rules take: what decides whether a claim may go, and what it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.claims.claim.claim_state import State
from services.claims.claim.filing_deadline import FilingLimits, last_day
from services.claims.claim.posted_remittance import standing_postings, totals
from services.claims.claim.tables import PAYERS, PLANS, PROVIDERS, Claim, Client, Session
from services.claims.codes.crossover import Crossover
from services.claims.codes.payer_codes import AnswerClass
from services.claims.filing.professional_claim import ClaimParties, PlanFacts, ServiceFacts, SessionFacts
from services.claims.filing.when_to_file import ClaimFacts, Prior
from services.claims.settings import policy
from shared.codes.adjustment_codes import is_paid_to_client, is_payable_elsewhere
from shared.events.clients import Address as ClientAddress
from shared.events.clients import ClientDetails, EnteredPlan
from shared.events.coverage import ClearedPlan
from shared.events.directory import PayerListed, ProviderListed
from shared.events.sessions import SessionConfirmed
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import MEDICARE
from shared.x12.syntax.parties import Address, Payer, Person, Provider, Subscriber

_NOT_BILLABLE = {
    "secondary_out_of_network": "in_network",
    "provider_not_credentialed": "credentialed",
    "coverage_inactive": "active",
}


class FactsAwaitedError(LookupError):
    """The claim lacks a fact that is still on its way; the text names it (`client_details`, `payer`, `provider`)."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A plan in its place of the order: `level` 1 is the primary, `prior` the claim before it (None: there is none).

    `prior_outdated`: the claim before was decided on figures of a payer before it that no longer stand.
    """

    plan: ClearedPlan
    level: int
    prior: Claim | None
    prior_outdated: bool = False


def claim_facts(session: Session, client: Client, turn: Turn, payer: PayerListed | None) -> ClaimFacts:
    """What decides whether the claim whose turn it is, which is sent to `payer`, may go today."""
    plan, level, prior = turn.plan, turn.level, turn.prior
    unbilled = _NOT_BILLABLE.get(plan.reason or "", "in_network") if not plan.billable else ""
    return ClaimFacts(
        level=level,
        completed=session.completed and not session.completed_on_another_day,
        service_on=None if session.cleared is None else session.cleared.date_of_service,
        cancelled=session.cancelled,
        cleared=False if session.refused else _is_cleared(session) or None,
        paused=client.pause_id is not None,
        undetermined_since=None if session.cleared is None else session.cleared.undetermined_since,
        in_network=unbilled != "in_network",
        credentialed=unbilled != "credentialed",
        active=unbilled != "active",
        last_filing_day=_last_day(session, level, prior, limits_of(payer)),
        forwarded_on=prior.forwarded_on if prior is not None else None,
        lacks_medicare_reason=_is_medicare(payer) and level > 1 and plan.medicare_secondary_reason is None,
        prior=None if prior is None else replace(prior_of(prior), outdated=turn.prior_outdated),
    )


def in_order(session: Session, order: tuple[str, ...]) -> bool:
    """Whether the session's plans come in `order`, as far as both name them."""
    ours = [] if session.cleared is None else [plan.plan_id for plan in session.cleared.plans]
    return [plan for plan in ours if plan in order] == [plan for plan in order if plan in ours]


def _is_cleared(session: Session) -> bool:
    return session.cleared is not None and not confirmed_otherwise(session)


def confirmed_otherwise(session: Session) -> bool:
    """Whether coverage's decision is about another day or provider than are confirmed now: no claim follows it."""
    now, decided = session.confirmed, session.cleared
    if now is None or decided is None:
        return False
    return (now.date_of_service, now.provider_id) != (decided.date_of_service, decided.provider_id)


def _is_medicare(payer: PayerListed | None) -> bool:
    return payer is not None and payer.filing_indicator in MEDICARE


def _last_day(session: Session, level: int, prior: Claim | None, limits: FilingLimits) -> date | None:
    assert session.cleared is not None
    return last_day(limits, level, session.cleared.date_of_service, prior.decided_on if prior is not None else None)


def prior_of(claim: Claim) -> Prior:
    """A claim as the one before another."""
    now = totals(claim.postings)
    answer = None if claim.answer is None else AnswerClass(claim.answer)
    return Prior(
        state=claim.state,
        decided_lines=claim.complete,
        left_to_client_cents=now.patient_responsibility_cents - _paid_to_client_cents(claim),
        denied=_is_payable_elsewhere(claim, answer),
        answer=answer,
        crossover=Crossover(claim.crossover),
        decided_on=claim.decided_on,
    )


def can_be_built_on(before: Sequence[Claim]) -> bool:
    """Whether the last of the payers before has decided all of it, and on what those before it say now."""
    if not before:
        return False
    *earlier, prior = before
    return prior.complete and not prior.details_corrected and not prior.is_outdated(earlier)


def leaves_something(claim: Claim) -> bool | None:
    """Whether the next payer may pay part of what its payer has left; None: that has not been decided."""
    prior = prior_of(claim)
    if claim.state not in (State.ADJUDICATED, State.CORRECTED) or not prior.decided_lines:
        return None
    return prior.left_to_client_cents > 0 or prior.denied


def _paid_to_client_cents(claim: Claim) -> int:
    """What the payer sent to the client: it is paid, so that the next payer has nothing to pay of it."""
    adjustments = (
        adjustment for posting in standing_postings(claim.postings) for adjustment in posting.adjustments or ()
    )
    return sum(cents for _, reason, cents in adjustments if is_paid_to_client(reason))


def _is_payable_elsewhere(claim: Claim, answer: AnswerClass | None) -> bool:
    """Whether the payer decided that its plan does not cover a service, so that the next payer may pay it alone."""
    decided = [posting for posting in standing_postings(claim.postings) if posting.decided]
    if any(posting.adjustments is None for posting in decided):
        return answer is AnswerClass.NOT_COVERED
    adjustments = (adjustment for posting in decided for adjustment in posting.adjustments or ())
    return any(cents > 0 and is_payable_elsewhere(reason) for _, reason, cents in adjustments)


def limits_of(payer: PayerListed | None) -> FilingLimits:
    """A payer's filing limits; cautious ones where the directory does not know it."""
    if payer is None:
        return FilingLimits()
    return FilingLimits(payer.filing_limit_days, payer.secondary_filing_limit_days)


def session_facts(confirmed: SessionConfirmed) -> SessionFacts:
    """What took place, as a claim states it."""
    services = tuple(
        ServiceFacts(line.procedure, line.charge_cents, line.modifiers, line.units) for line in confirmed.lines
    )
    return SessionFacts(confirmed.session_id, confirmed.date_of_service, confirmed.place, services, confirmed.diagnoses)


async def parties(tx: Transaction, client: Client, provider_id: str) -> ClaimParties:
    """Who bills, who rendered the service, who the patient is. Raises FactsAwaitedError."""
    if client.details is None:
        raise FactsAwaitedError("client_details")
    provider = await tx.one(PROVIDERS, provider_id)
    if provider is None:
        raise FactsAwaitedError("provider")
    return ClaimParties(patient_of(client.details), policy().billing, _rendering(provider.listed))


async def plan_facts(tx: Transaction, client_id: str, plan: ClearedPlan, on: date) -> PlanFacts:
    """One plan on a date of service with its payer and its subscriber. Raises FactsAwaitedError.

    A plan that is passed over because the directory lacks its payer is named by the payer's id.
    """
    row = await tx.one(PLANS, client_id, plan.plan_id)
    payer = await tx.one(PAYERS, plan.payer_id)
    if row is None or (payer is None and plan.billable):
        raise FactsAwaitedError("plan" if row is None else "payer")
    listed = PayerListed(payer_id=plan.payer_id, name=plan.payer_id) if payer is None else payer.listed
    return _plan(row.plan, listed, plan, on)


def _plan(plan: EnteredPlan, payer: PayerListed, cleared: ClearedPlan, on: date) -> PlanFacts:
    return PlanFacts(
        plan_id=plan.plan_id,
        payer=Payer(payer.name, payer.payer_id),
        subscriber=subscriber_of(plan, on),
        relation=plan.subscriber.relation,
        group_number=plan.group_number,
        filing_indicator=payer.filing_indicator,
        medicare_secondary_reason=cleared.medicare_secondary_reason or "",
        passed_over=not cleared.billable,
    )


def subscriber_of(plan: EnteredPlan, on: date) -> Subscriber:
    """The subscriber as the client states them, with the member id that counts on a date of service."""
    said = plan.subscriber
    person = Person(
        last_name=said.last_name or "",
        first_name=said.first_name or "",
        birth_date=said.birth_date,
        sex=said.gender,
        address=None if said.address is None else address(said.address),
    )
    return Subscriber(person, plan.for_care(on).member_id or "")


def patient_of(details: ClientDetails) -> Person:
    """The client as the patient of a claim."""
    return Person(
        last_name=details.last_name,
        first_name=details.first_name,
        birth_date=details.birth_date,
        sex=details.gender,
        address=address(details.address),
    )


def _rendering(provider: ProviderListed) -> Provider:
    return Provider(
        name=provider.last_name, first_name=provider.first_name, npi=provider.npi, taxonomy=provider.taxonomy
    )


def address(said: ClientAddress) -> Address:
    """An address as X12 writes it."""
    return Address(said.line1, said.city, said.state, said.postal_code.replace("-", ""), said.line2)

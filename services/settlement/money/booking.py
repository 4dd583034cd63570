"""Which entries a session's facts make: each of a fact of its own, so that no other fact has to know of it."""

from collections.abc import Iterable

from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.final_cost import FinalCost
from services.settlement.answers.payment_answer import Moved
from services.settlement.answers.session_facts import Purpose, SessionFacts
from services.settlement.ledger.ledger import Account, Entry, Kind, Posting, post
from services.settlement.money.payout import owed_to_provider_cents
from services.settlement.money.request_keys import digest

RECEIVABLE_OF = {
    Level.PRIMARY: Account.PAYER_RECEIVABLE_PRIMARY,
    Level.SECONDARY: Account.PAYER_RECEIVABLE_SECONDARY,
    Level.TERTIARY: Account.PAYER_RECEIVABLE_TERTIARY,
}


def _entry(kind: Kind, fact: str, *postings: tuple[Posting, ...]) -> list[Entry]:
    moved = tuple(posting for part in postings for posting in part)
    return [Entry(kind, fact, moved)] if moved else []


def payments(facts: SessionFacts) -> list[Entry]:
    """Charges: asked for in advance on the estimate, paid, disputed. A cancelled session asks for nothing."""
    entries: list[Entry] = []
    for key, charge in sorted(facts.charges.items()):
        if charge.purpose is Purpose.ESTIMATE and not facts.cancelled:
            advance = post(Account.CLIENT_RECEIVABLE, Account.CLIENT_CREDIT, charge.cents)
            entries += _entry(Kind.CHARGE_REQUESTED, f"charge:{key}", advance)
        answer = facts.payment_answers.get(key)
        if answer is not None and answer.moved is not Moved.FAILED:
            paid = post(Account.CASH, Account.CLIENT_RECEIVABLE, answer.paid_cents)
            entries += _entry(Kind.CHARGE_SUCCEEDED, f"payment:{key}", paid)
        if answer is not None and answer.moved is Moved.DISPUTED:
            taken_back = post(Account.CLIENT_RECEIVABLE, Account.CASH, answer.cents)
            entries += _entry(Kind.CHARGE_DISPUTED, f"dispute:{key}", taken_back)
    return entries


def refunds(facts: SessionFacts) -> list[Entry]:
    """Refunds asked for, and those that went through; a failed one is taken back by its absence."""
    entries: list[Entry] = []
    for key, cents in sorted(facts.refunds.items()):
        if facts.failed(key):
            continue
        entries += _entry(
            Kind.REFUND_REQUESTED, f"refund:{key}", post(Account.CLIENT_CREDIT, Account.REFUND_PAYABLE, cents)
        )
        answer = facts.payment_answers.get(key)
        if answer is not None:
            gone = post(Account.REFUND_PAYABLE, Account.CASH, answer.cents)
            entries += _entry(Kind.REFUND_SUCCEEDED, f"refund-paid:{key}", gone)
    return entries


def payers(facts: SessionFacts) -> list[Entry]:
    """Money that payers sent or took back."""
    return [
        entry
        for key, deposit in sorted(facts.deposits.items())
        for entry in _entry(
            Kind.PAYER_DEPOSITED,
            f"deposit:{key}",
            post(
                Account.CASH, RECEIVABLE_OF[facts.level_of(deposit.plan, deposit.level) or deposit.level], deposit.cents
            ),
        )
    ]


def provider(facts: SessionFacts) -> list[Entry]:
    """The service at its full charge, the provider's pay in it, and what was paid out.

    The contracted discount is an allowance until the primary grants it. Pay for a session that was cancelled
    afterwards is the marketplace's loss, never taken back.
    """
    entries: list[Entry] = []
    if facts.booked and facts.rate_cents is not None:
        owed = owed_to_provider_cents(facts.rate_cents, facts.paid_out_cents)
        primary = Account.PAYER_RECEIVABLE_PRIMARY
        entries += _entry(
            Kind.SERVICE_COMPLETED,
            "service",
            post(primary, Account.PROVIDER_PAYABLE, facts.rate_cents),
            post(primary, Account.CONTRACTUAL_ADJUSTMENT, facts.charge_cents - facts.rate_cents),
            post(Account.COB_VARIANCE, Account.PROVIDER_PAYABLE, owed - facts.rate_cents),
        )
    for key, cents in sorted(facts.payouts.items()):
        entries += _entry(Kind.PAYOUT_PAID, f"payout:{key}", post(Account.PROVIDER_PAYABLE, Account.CASH, cents))
    if facts.cancelled:
        lost = post(Account.WRITE_OFF, Account.PROVIDER_PAYABLE, facts.paid_out_cents)
        entries += _entry(Kind.PAYOUT_LOST, "payout-lost", lost)
    return entries


def adjudications(decided: Iterable[Adjudication]) -> list[Entry]:
    """What each standing adjudication moves: the primary's splits its receivable, a later one's pays for the client."""
    return [entry for adjudication in decided for entry in _adjudication(adjudication)]


def _adjudication(adjudication: Adjudication) -> list[Entry]:
    paid, left = adjudication.claim.paid_cents, adjudication.patient_responsibility_cents
    if adjudication.level is not Level.PRIMARY:
        pays = post(RECEIVABLE_OF[adjudication.level], Account.CLIENT_RECEIVABLE, paid)
        return _entry(Kind.CLAIM_ADJUDICATED, f"adjudication:{adjudication.id}", pays)
    receivable = Account.PAYER_RECEIVABLE_PRIMARY
    return _entry(
        Kind.CLAIM_ADJUDICATED,
        f"adjudication:{adjudication.id}",
        post(Account.CLIENT_RECEIVABLE, receivable, left),
        post(Account.CONTRACTUAL_ADJUSTMENT, receivable, adjudication.claim.charge_cents - paid - left),
    )


def finalized(facts: SessionFacts, cost: FinalCost, final_cents: int, kind: Kind) -> list[Entry]:
    """The client's cost in place of the advance; what the payers and the client leave open is the COB variance."""
    advance = post(Account.CLIENT_CREDIT, Account.CLIENT_RECEIVABLE, facts.estimate_cents)
    fact = f"final:{digest(kind, *sorted(cost.decided_by))}"
    if cost.given_up:
        return _entry(kind, fact, *_borne(facts, final_cents), advance)
    if Level.PRIMARY not in cost.paid_cents:
        taken = final_cents + cost.payers_paid_cents
        assigned = post(Account.CLIENT_RECEIVABLE, Account.PAYER_RECEIVABLE_PRIMARY, taken)
        return _entry(kind, fact, assigned, advance)
    assert facts.rate_cents is not None, "a cost is final only on a service that is booked"
    primary_paid, left = cost.paid_cents[Level.PRIMARY], cost.left_cents[Level.PRIMARY]
    later = cost.payers_paid_cents - primary_paid
    return _entry(
        kind,
        fact,
        post(Account.COB_VARIANCE, Account.CONTRACTUAL_ADJUSTMENT, facts.rate_cents - primary_paid - left),
        post(Account.COB_VARIANCE, Account.CLIENT_RECEIVABLE, left - later - final_cents),
        advance,
    )


def _borne(facts: SessionFacts, final_cents: int) -> list[tuple[Posting, ...]]:
    """A claim that was given up: nobody owes its discount, and the marketplace bears what the client does not pay."""
    assert facts.rate_cents is not None, "a cost is final only on a service that is booked"
    receivable = Account.PAYER_RECEIVABLE_PRIMARY
    return [
        post(Account.CLIENT_RECEIVABLE, receivable, final_cents),
        post(Account.CONTRACTUAL_ADJUSTMENT, receivable, facts.charge_cents - facts.rate_cents),
        post(Account.COB_VARIANCE, receivable, facts.rate_cents - final_cents),
    ]


def client(owes_cents: int, credited_cents: int, forgiven_cents: int, because: str) -> list[Entry]:
    """What a settled session leaves with the client: a credit to be given back, or a small balance forgiven.

    `because` names the facts that settled it; a client who owes is simply left as the receivable says.
    """
    assert forgiven_cents in (0, owes_cents), "a balance is forgiven whole or not at all"
    return [
        *_entry(
            Kind.BALANCE_FORGIVEN,
            f"forgiven:{because}",
            post(Account.WRITE_OFF, Account.CLIENT_RECEIVABLE, forgiven_cents),
        ),
        *_entry(
            Kind.CLIENT_CREDITED,
            f"credit:{because}",
            post(Account.CLIENT_RECEIVABLE, Account.CLIENT_CREDIT, credited_cents),
        ),
    ]

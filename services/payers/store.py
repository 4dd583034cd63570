"""The stand-in's tables. `client_id` is a member's file at an insurer, a payee's account there, or a client (cards).

| table        | row          | written by                                        |
|--------------|--------------|---------------------------------------------------|
| filed_claim  | FiledClaim   | on_interchange (837P), adjudicate, remit          |
| member_year  | MemberYear   | adjudicate, remit                                 |
| standing     | Standing     | on_interchange (270), adjudicate                  |
| account      | Account      | remit                                             |
| awaiting     | Awaiting     | decide, remit (a daily insurer), pay              |
| card_charge  | CardCharge   | on_charge_requested                               |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.runtime.table import Table
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.remittance_835.remittance import RemittedClaim
from shared.x12.syntax.parties import Provider

State = Literal["rejected", "pending", "lost", "denied", "finalized", "reversed", "voided"]
STANDING_STATES = frozenset({"pending", "finalized"})


@dataclass(frozen=True, slots=True)
class FiledClaim:
    """One claim as the insurer has it on file. `decided` is its last adjudication that stands.

    `services` tells what was done when by whom, so that a second claim for it is a duplicate. The two amounts are what
    the decision used up of the member's year.
    """

    client_id: str
    payer_claim_id: str
    payer_id: str
    claim_id: str
    submitter_id: str
    state: str
    services: str
    received_on: date
    claim: ProfessionalClaim
    crossed_over: bool = False
    decided: RemittedClaim | None = None
    deductible_cents: int = 0
    out_of_pocket_cents: int = 0


@dataclass(frozen=True, slots=True)
class MemberYear:
    """What a member has used up in a calendar year."""

    client_id: str
    year: int
    deductible_cents: int = 0
    out_of_pocket_cents: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What happened so far with a member: inquiries answered, and since when coordination is disputed."""

    client_id: str
    inquiries: int = 0
    inquiries_since_denial: int = 0
    denied_on: date | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What a payee owes an insurer after reversals; `client_id` is `<payer>/<payee's NPI>`."""

    client_id: str
    owed_cents: int


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Claims that wait for a daily insurer's 835; `client_id` is the account. `fact` is claim number and delivery."""

    client_id: str
    fact: str
    submitter_id: str
    payee: Provider
    claims: tuple[RemittedClaim, ...]


@dataclass(frozen=True, slots=True)
class CardCharge:
    """A charge that its holder's bank will take back; the same request again is no second charge."""

    client_id: str
    idempotency_key: str
    amount_cents: int


FILED_CLAIMS = Table("filed_claim", FiledClaim, key=("client_id", "payer_claim_id"))
MEMBER_YEARS = Table("member_year", MemberYear, key=("client_id", "year"))
STANDINGS = Table("standing", Standing, key=("client_id",))
ACCOUNTS = Table("account", Account, key=("client_id",))
AWAITING = Table("awaiting", Awaiting, key=("client_id", "fact"))
CARD_CHARGES = Table("card_charge", CardCharge, key=("client_id", "idempotency_key"))


async def load_members(tx: Transaction, keys: Iterable[str]) -> None:
    """Read what is on file of members, in a statement a table."""
    members = sorted(keys)
    await tx.load_clients(FILED_CLAIMS, members)
    await tx.load_clients(MEMBER_YEARS, members)
    await tx.load(STANDINGS, [(key,) for key in members])


async def claims_with_id(tx: Transaction, payer_id: str, claim_id: str) -> list[FiledClaim]:
    """The claims of one control number of ours (CLM01) at an insurer, whoever the member."""
    return await tx.find(FILED_CLAIMS, "payer_id = $1 and claim_id = $2", payer_id, claim_id)


async def standing(tx: Transaction, key: str) -> Standing:
    """What happened so far with a member."""
    return await tx.one(STANDINGS, key) or Standing(key)


async def member_year(tx: Transaction, key: str, year: int) -> MemberYear:
    """What a member has used up in a year."""
    return await tx.one(MEMBER_YEARS, key, year) or MemberYear(key, year)

"""What every answer needs: the directions, the transaction in hand, and the insurer's view of a member."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from services.payers import store
from services.payers.book import numbers
from services.payers.book.cost_share import Used
from services.payers.book.membership import Membership, find
from services.payers.characters.character import Character, Situation
from services.payers.characters.characters import cast, named_in
from services.payers.settings import Directions
from services.payers.store import FILED_CLAIMS
from shared.database.postgres import lock_clients
from shared.events.topics import PAYERS_INBOUND
from shared.runtime.interchange import outgoing
from shared.runtime.transaction import Transaction
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Person


@dataclass(frozen=True, slots=True)
class Case:
    """A member, as a message and the characters of the insurer make them appear on a date of service."""

    membership: Membership
    now: Situation
    cast: tuple[Character, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """The directions and the transaction of the batch."""

    directions: Directions
    tx: Transaction

    async def lock(self, key: str) -> None:
        """Take the lock of a file or an account, once a transaction."""
        taken: set[str] = self.tx.notes.setdefault("locks taken", set())
        if key not in taken:
            await lock_clients(self.tx.connection, [key])
            taken.add(key)

    def membership(self, payer_id: str, member_id: str, person: Person) -> Membership | None:
        """Whom a message is about; None where the insurer does not know the member."""
        return find(self.directions.book, payer_id, member_id, person, self.directions.characters)

    async def case(self, membership: Membership, on: date, services: str | None = None) -> Case:
        """The member as regarded on `on`; `services` tells which claims count as tries of the same."""
        known = await store.standing(self.tx, membership.key)
        filed = await self.tx.all(FILED_CLAIMS, membership.key) if services else []
        now = Situation(
            membership=membership,
            today=self.tx.today,
            inquiries=known.inquiries,
            inquiries_since_denial=known.inquiries_since_denial,
            denied_on=known.denied_on,
            tries=sum(claim.services == services and claim.state in ("rejected", "lost") for claim in filed),
        )
        member = membership.member
        characters = (*cast(membership.characters), *named_in(member.member_id))
        for character in characters:
            member = character.regards(member, on, now)
        return Case(membership.with_member(member), now, characters)

    async def used(self, membership: Membership, year: int) -> Used:
        """What the member has used up of a year, what the book says of its beginning included."""
        held, member = await store.member_year(self.tx, membership.key, year), membership.member
        return Used(
            member.deductible_met_cents + held.deductible_cents,
            member.out_of_pocket_met_cents + held.out_of_pocket_cents,
        )

    def send(
        self, payer_id: str, sender_id: str, receiver_id: str, write: Callable[[Envelope], bytes], *fact: str
    ) -> None:
        """Send one interchange; its control number is made from the `fact` that it tells."""
        control = numbers.control(self.directions.seed, sender_id, *fact)
        value = write(Envelope(sender_id, receiver_id, control, self.tx.now))
        self.send_bytes(payer_id, control, value)

    def send_bytes(self, payer_id: str, control: int, value: bytes) -> None:
        """Send an interchange that is written already."""
        self.tx.send(
            outgoing(
                PAYERS_INBOUND.name,
                payer_id=payer_id,
                control=f"{control:09}",
                value=value,
                source=f"/{self.tx.service}",
            )
        )

    def schedule(self, name: str, key: str, subject: str, days: float, **data: object) -> None:
        """Do something about a member `days` from now."""
        self.tx.schedule(name, key, subject, self.tx.now + timedelta(days=days), **data)

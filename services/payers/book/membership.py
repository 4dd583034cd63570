"""Who a message is about: the insurer, the plan and the member of the book."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from services.payers.book.book import Book, Figures, Insurer, Member, Plan
from shared.x12.syntax.parties import Payer, Person


@dataclass(frozen=True, slots=True)
class Membership:
    """One person under one plan. `key` names the person's file at this insurer, for state and locks.

    `characters` are the insurer's, then the member's, then those that the settings add.
    """

    insurer: Insurer
    plan: Plan
    member: Member
    person: Person
    characters: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Members who share a card are told apart by their birth dates."""
        born = self.person.birth_date
        return f"{self.insurer.payer_id}/{self.member.member_id}/{born.isoformat() if born else ''}"

    @property
    def figures(self) -> Figures:
        """The member's own figures, or the plan's."""
        return self.member.figures or self.plan.figures

    @property
    def payer(self) -> Payer:
        """The insurer as X12 names it."""
        return Payer(self.insurer.name, self.insurer.payer_id)

    def with_member(self, member: Member) -> "Membership":
        """The same person, as a character changes what the book says."""
        return replace(self, member=member)


def find(
    book: Book, payer_id: str, member_id: str, person: Person, by_pattern: Mapping[str, tuple[str, ...]]
) -> Membership | None:
    """The membership of `member_id` at `payer_id`; None where the insurer does not know it.

    `by_pattern` gives further characters to the member ids that fit a pattern.
    """
    insurer = book.insurer(payer_id)
    for plan in insurer.plans if insurer else ():
        member = plan.member(member_id)
        if insurer is not None and member is not None:
            added = [names for pattern, names in by_pattern.items() if fnmatchcase(member_id, pattern)]
            characters = (*insurer.characters, *member.characters, *(name for names in added for name in names))
            return Membership(insurer, plan, member, person, characters)
    return None


def knows_birth_date(membership: Membership) -> bool:
    """Whether the birth date of the message is the book's, where the book has one."""
    known: date | None = membership.member.birth_date
    return known is None or membership.person.birth_date in (None, known)

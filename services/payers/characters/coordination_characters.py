"""Characters that are wrong about the order of benefits, or about what they have on file: what their 271s say."""

from dataclasses import replace
from datetime import date

from services.payers.adjudication.adjudication import Decision, deny
from services.payers.book.book import Member, OtherPlan, Role
from services.payers.characters.character import Character, Situation
from shared.x12.benefits_271.benefits import BenefitsReport, Rejection
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.eligibility_270.inquiry import EligibilityInquiry

_OPPOSITE: dict[str, Role] = {"primary": "secondary", "secondary": "primary"}


class DisputesUntilConfirmed(Character):
    """Denies with CARC 22 and N197: the subscriber must call. After the first denial its 271 contradicts.

    It agrees from the second inquiry after that denial on, or a day after it (`=N`: N days), whichever comes first.
    """

    default = "1"

    def confirmed(self, now: Situation) -> bool:
        """Whether the subscriber must have called by now."""
        days = now.days_since_denial()
        return now.denied_on is not None and (now.inquiries_since_denial >= 2 or days >= self.number)

    def regards(self, member: Member, on: date, now: Situation) -> Member:
        """Between the first denial and the call another plan is taken for the first one; after it, this one is."""
        if now.denied_on is None:
            return member
        return _as_first(member) if self.confirmed(now) else _as_second(member)

    def decides(self, decision: Decision, claim: ProfessionalClaim, now: Situation) -> Decision:
        """Nothing is paid before the call; what is denied for another reason still is."""
        reasons = {adjustment.reason for line in decision.lines for adjustment in line.adjustments}
        if self.confirmed(now) or (decision.denied and "22" not in reasons):
            return decision
        return deny(claim, "CO", "22", ("N197",))


class ContradictsUntilConfirmed(Character):
    """States a contradicting role in its first 271s (`=N`: in N of them, 1 unless told), then agrees.

    Claims that come meanwhile are denied, as by any insurer that believes itself second.
    """

    default = "1"

    def regards(self, member: Member, on: date, now: Situation) -> Member:
        """For the first inquiries another plan is taken for the first one."""
        return _as_second(member) if now.inquiries <= self.number else _as_first(member)


class ClaimsToBeSecond(Character):
    """Says that another plan is first, in its 271 and by CARC 22, whatever is true. `=PAYERID` names that plan."""

    def regards(self, member: Member, on: date, now: Situation) -> Member:
        """The insurer believes itself second."""
        named = (OtherPlan(payer_id=self.argument, name=self.argument),) if self.argument else ()
        return _as_second(member.model_copy(update={"other_plans": member.other_plans or named}))


class ChangesOrder(Character):
    """From a day of the year on (`=07-01` unless told) first and second change places, by date of service.

    `=07-01/PLANTWO/secondary` says which other plan, and its role before, for a member of whom the book has none.
    """

    default = "07-01"

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        day, payer_id, role = (*self.argument.split("/"), "", "")[:3]
        self.month, self.day = map(int, day.split("-"))
        if role not in ("", *_OPPOSITE):
            raise ValueError("the role is primary or secondary")
        self.others = (OtherPlan(payer_id=payer_id, name=payer_id, role=_role(role)),) if payer_id else ()

    def regards(self, member: Member, on: date, now: Situation) -> Member:
        """The order holds for the date of service."""
        others = member.other_plans or self.others
        if (on.month, on.day) >= (self.month, self.day):
            others = tuple(other.model_copy(update={"role": _swapped(other.role)}) for other in others)
            return member.model_copy(update={"other_plans": others, "own_role": _swapped(member.own_role)})
        return member.model_copy(update={"other_plans": others})


class NamesUnenteredPlan(Character):
    """Names a plan that nobody entered; `=primary` gives it a role."""

    def regards(self, member: Member, on: date, now: Situation) -> Member:
        """One more plan on file; the insurer's own place is left as it was."""
        role = _role(self.argument)
        surprise = OtherPlan(payer_id="SURPRISE", name="Surprise Mutual", role=role, member_id="SUR0001")
        own = member.own_role or (member.role() if role != "primary" else None)
        return member.model_copy(update={"other_plans": (*member.other_plans, surprise), "own_role": own})


class UnableFirst(Character):
    """Answers the first inquiry (`=N`: the first N) with AAA 42, resubmission allowed; then as it should."""

    default = "1"

    def answers(self, told: BenefitsReport, inquiry: EligibilityInquiry, now: Situation) -> BenefitsReport | None:
        """Unable to respond at the present time."""
        if now.inquiries > self.number:
            return told
        return replace(told, benefits=(), periods=(), rejections=(Rejection("42", "R", "payer"),))


class NeverAnswersInquiries(Character):
    """Its 271s never come."""

    def answers(self, told: BenefitsReport, inquiry: EligibilityInquiry, now: Situation) -> BenefitsReport | None:
        """Silence."""
        return None


def _role(word: str) -> Role | None:
    """The role of this name; None for any other word."""
    return _swapped(_OPPOSITE.get(word))


def _swapped(role: Role | None) -> Role | None:
    """First becomes second and second first; any other stays."""
    return role if role is None else _OPPOSITE.get(role, role)


def _as_second(member: Member) -> Member:
    """Another plan on file is first; the first one that has a role, or the first."""
    others = [other.model_copy(update={"role": None}) for other in member.other_plans]
    if others:
        others[0] = others[0].model_copy(update={"role": "primary"})
    return member.model_copy(update={"other_plans": tuple(others), "own_role": "secondary"})


def _as_first(member: Member) -> Member:
    """This plan is first; the other ones follow."""
    others = tuple(other.model_copy(update={"role": "secondary"}) for other in member.other_plans)
    return member.model_copy(update={"other_plans": others, "own_role": "primary"})

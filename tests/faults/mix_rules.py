"""What ought to come of a session, from who its insurers are and what their raw 835s say. Nothing of the services.

The rules in words: the plans pay in their true order, as far as the marketplace and the provider can bill them. Each
next payer is due while something is left to the client. The cost is what the last payer that decided on benefits leaves
to the client, never more than the first one leaves. What was taken back counts no more; what does not add up, or came
before in the same words, never counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.faults.mix_cast import OUT, Cover, Person, Visit, credentialed, rate_cents
from tests.faults.mix_x12 import Remitted

DENIED, REVERSAL = "4", "22"
FORWARDED = frozenset({"19", "20", "21"})

LEFT_TO_A_PERSON = {
    "unbalanced": {"remittance_unbalanced", "unbalanced"},
    "denies_timely_filing": {"denied_too_late"},
    "reverses_without_correction": {"reversed_unresolved"},
    "rejects_at_277ca": {"rejected_review"},
    "rejects_at_277ca=A7/562": {"rejected_review"},
    "rejects_at_999=3": {"rejected_syntax"},
    "never_answers": {"payer_silent", "rejected_review"},
}
"""Characters that no machine can help with, and under which reasons a person must find them."""
SAID_ONCE = {"pays_twice": {"paid_twice"}, "forwards_with_one_signal": {"crossover_in_disagreement"}}
"""Characters that are settled, and of which a person hears all the same."""
IN_TIME_DAYS = 70
OVERDUE_DAYS = 90
MAY_BE_ASKED = {"-declined": {"balance_unpaid"}, "-disputed": {"charge_disputed"}, "-norefund": {"refund_failed"}}
"""What a person is rightly asked about a client's card."""


def may_be_open(person: Person, visit: Visit, took_days: int) -> set[str]:
    """What may still be before a person when the session is settled; all else would cost attention for nothing."""
    reasons = MAY_BE_ASKED.get(person.kind.suffix, set[str]())
    words = {word.partition("=")[0] for cover in in_force(person, visit) for word in cover.characters}
    if "pays_twice" in words:
        reasons = reasons | {"paid_twice", "reversal_differs", "second_decision"}
    late = {"cost_nearly_overdue": IN_TIME_DAYS, "cost_overdue": OVERDUE_DAYS}
    return reasons | {reason for reason, days in late.items() if took_days > days}


@dataclass(frozen=True)
class Cost:
    """What a session costs by the payers' words; None while one of `due` has not decided."""

    cents: int | None
    due: tuple[str, ...]
    decided: dict[str, list[Remitted]]


def in_force(person: Person, visit: Visit) -> tuple[Cover, ...]:
    """The plans that cover the client on that day, first to last."""
    return tuple(cover for cover in person.order_on(visit.day) if not cover.ended)


def billable(person: Person, visit: Visit) -> tuple[Cover, ...]:
    """The plans to bill, first to last; none where the first one cannot be billed."""
    covers = in_force(person, visit)
    usable = [cover for cover in covers if cover.payer_id != OUT and credentialed(person.kind.provider, cover.payer_id)]
    return tuple(usable) if covers and covers[0] in usable else ()


def contracted_cents(person: Person, visit: Visit) -> int:
    """The provider's pay: the first plan's rate; nothing where that plan cannot be billed."""
    return sum(rate_cents(cover.payer_id, code) for cover in billable(person, visit)[:1] for code, _, _ in visit.lines)


def standing(said: Iterable[Remitted]) -> list[Remitted]:
    """The decisions on benefits that stand of what one payer has said about one session."""
    left: list[Remitted] = []
    for remitted in said:
        if not remitted.balanced:
            continue
        if remitted.status == REVERSAL:
            opposite = [earlier for earlier in left if _negated(remitted, [earlier])]
            pieces = [
                earlier
                for earlier in left
                if earlier.payer_claim_id == remitted.payer_claim_id and earlier.trace != remitted.trace
            ]
            gone = opposite[-1:] or (pieces if _negated(remitted, pieces) else [])
            left = [earlier for earlier in left if earlier not in gone]
        elif remitted.status != DENIED and not any(_same(remitted, earlier) for earlier in left):
            left = [earlier for earlier in left if not _moved_on(remitted, earlier)]
            left.append(remitted)
    return left


def _negated(remitted: Remitted, others: Sequence[Remitted]) -> bool:
    """Whether it takes back exactly the others, the pieces of one answer where they are several."""
    return {answer.payer_claim_id for answer in others} == {remitted.payer_claim_id} and (
        remitted.charge_cents,
        remitted.paid_cents,
        remitted.adjusted_cents,
    ) == (
        -sum(answer.charge_cents for answer in others),
        -sum(answer.paid_cents for answer in others),
        -sum(answer.adjusted_cents for answer in others),
    )


def _same(remitted: Remitted, other: Remitted) -> bool:
    return (
        remitted.payer_claim_id,
        remitted.charge_cents,
        remitted.paid_cents,
        remitted.owed_cents,
        remitted.reasons,
    ) == (
        other.payer_claim_id,
        other.charge_cents,
        other.paid_cents,
        other.owed_cents,
        other.reasons,
    )


def _moved_on(remitted: Remitted, other: Remitted) -> bool:
    """A repeated correction: its reversal was a repetition too."""
    return (
        remitted.payer_claim_id == other.payer_claim_id
        and remitted.charge_cents == other.charge_cents
        and remitted.lines > 1
    )


def cost(person: Person, visit: Visit, said: Sequence[Remitted]) -> Cost:
    """The cost of a session by what its payers have said, in the order in which they pay.

    A payer that decided before the first one took back what it had said is due again: it went by other figures.
    """
    charged = sum(cents for *_, cents in visit.lines)
    decided: dict[str, list[Remitted]] = {}
    due: list[str] = []
    before: list[Remitted] = []
    for cover in billable(person, visit):
        stands = standing(remitted for remitted in said if remitted.payer_id == cover.payer_id)
        stale = (
            before
            and stands
            and max(remitted.number for remitted in stands) < max(remitted.number for remitted in before)
        )
        if stale or sum(remitted.charge_cents for remitted in stands) != charged:
            due.append(cover.payer_id)
            break
        decided[cover.payer_id] = before = stands
        if sum(remitted.owed_cents for remitted in stands) == 0:
            break
    left = [sum(remitted.owed_cents for remitted in stands) for stands in decided.values()]
    return Cost(None if due or not left else min(left[0], left[-1]), tuple(due), decided)


def persons_reasons(person: Person, visit: Visit, due: Sequence[str]) -> set[str]:
    """The reasons under which a person must find the session, for the payer that holds it up."""
    reasons: set[str] = set()
    for cover in in_force(person, visit):
        if cover.payer_id in due:
            for word in cover.characters:
                reasons |= LEFT_TO_A_PERSON.get(word, set[str]())
    return reasons


def heard_of(person: Person, visit: Visit, decided: Iterable[str]) -> list[set[str]]:
    """What a person must have heard of although it is settled: one reason of each set."""
    words = [
        word.partition("=")[0]
        for cover in billable(person, visit)
        if cover.payer_id in decided
        for word in cover.characters
    ]
    return [SAID_ONCE[word] for word in words if word in SAID_ONCE]

"""The order of benefits as it stands today: decided when all payers have answered, kept with reasons, told when new."""

import re

from services.coverage import store
from services.coverage.benefits import asking_payers
from services.coverage.order.missing_facts import Question
from services.coverage.pauses import naming_plans, pausing
from services.coverage.plans.situation import Situation
from services.coverage.plans.working_order import WorkingOrder, working_order
from services.coverage.store import Coordination
from shared.events.coverage import CoordinationUndetermined, CoverageReviewRequested, PlansCoordinated
from shared.runtime.transaction import Transaction

ORDERED, UNDETERMINED, DISPUTED = "ordered", "undetermined", "disputed"


async def coordinate(tx: Transaction, situation: Situation) -> None:
    """Decide which plan pays first from today on, and say so where it is new."""
    if not situation.plans or situation.client.details is None:
        return
    if not situation.is_settled(tx.today):
        await asking_payers.ask_missing(tx, situation, tx.today)
        return
    await naming_plans.ask_for_unentered(tx, situation)
    working = working_order(situation, tx.today)
    before = await _keep(tx, situation, working)
    await _tell_overruled(tx, working, situation.client.client_id)
    if working.disputed:
        await pausing.open_dispute(tx, situation, working)
    elif before is not None:
        await _tell(tx, situation, working, before)


async def _tell_overruled(tx: Transaction, working: WorkingOrder, client_id: str) -> None:
    """Tell a person once that payers or a call put a plan where federal law does not; the law's order stands."""
    if working.overruled and await store.tell_once(tx, client_id, f"overruled|{'|'.join(working.overruled)}"):
        stated = [f"{statement.id}: {statement.role.value}" for statement in working.decision.statements]
        evidence = f"by law {' > '.join(working.order)}; said otherwise: {', '.join(stated or working.overruled)}"
        tx.publish(CoverageReviewRequested(client_id=client_id, reason="against_federal_law", evidence=evidence))


async def _keep(tx: Transaction, situation: Situation, working: WorkingOrder) -> list[Coordination] | None:
    """Keep the decision; return those before it, or None where it is the same as the last."""
    before = sorted(await tx.all(store.COORDINATION, situation.client.client_id), key=lambda decision: decision.number)
    question = working.decision.undetermined if not working.by_client else None
    row = Coordination(
        client_id=situation.client.client_id,
        number=before[-1].number + 1 if before else 1,
        decided_at=tx.now,
        from_day=tx.today,
        kind=DISPUTED if working.disputed else UNDETERMINED if question is not None else ORDERED,
        plans=working.order,
        rule=working.rule,
        sources=sources(working),
        replaced=before[-1].plans if before else None,
        missing=None if question is None else question.missing,
        question=None if question is None else question.question,
        facts=working.facts.model_dump(mode="json", exclude_unset=True),
    )
    if before and _same(before[-1], row):
        return None
    tx.save(store.COORDINATION, row)
    return before


def _same(decision: Coordination, other: Coordination) -> bool:
    return (decision.kind, decision.plans, decision.rule, decision.missing) == (
        other.kind,
        other.plans,
        other.rule,
        other.missing,
    )


async def _tell(tx: Transaction, situation: Situation, working: WorkingOrder, before: list[Coordination]) -> None:
    if working.decision.undetermined is not None and not working.by_client:
        tx.publish(_undetermined(situation, working, working.decision.undetermined))
        return
    told = next((decision for decision in reversed(before) if decision.kind == ORDERED), None)
    if told is not None and told.plans == working.order:
        return
    entered = tuple(plan.plan_id for plan in situation.plans)
    tx.publish(
        PlansCoordinated(
            client_id=situation.client.client_id,
            from_day=tx.today,
            order=working.order,
            rule=working.rule,
            sources=sources(working),
            entered_order=entered,
            replaced=None if told is None else told.plans,
            reordered=[plan for plan in entered if plan in working.order] != list(working.order),
            note=working.decision.note,
        )
    )


def _undetermined(situation: Situation, working: WorkingOrder, question: Question) -> CoordinationUndetermined:
    return CoordinationUndetermined(
        client_id=situation.client.client_id,
        missing=fact_name(question.missing),
        question=in_names(question, situation),
        fallback=working.order,
        about=tuple(plan.plan_id for plan in situation.plans if plan.plan_id in question.about),
    )


def in_names(question: Question, situation: Situation) -> str:
    """The question as a client reads it: plans go by their insurers' names, not by our ids."""
    words = question.question
    for plan in situation.plans:
        name = situation.names.get(plan.payer_id)
        if name is not None and plan.plan_id in question.about:
            words = re.sub(rf"(?<![\w-]){re.escape(plan.plan_id)}(?![\w-])", lambda _, name=name: name, words)
    return words


def fact_name(path: str) -> str:
    """The name of the missing fact without the plans it is about: `plans.B.subscriber.birth_date` -> `birth_date`.

    The first day of the holder's coverage is another fact than that of the patient's: `subscriber_covered_from`.
    """
    first = path.split(",")[0].strip()
    if first.endswith(".subscriber.covered_from"):
        return "subscriber_covered_from"
    return first.rsplit(".", 1)[-1].lower()


def sources(working: WorkingOrder) -> tuple[str, ...]:
    """What the decision rests on: each payer's statement, and the rule of each pair with where it is written."""
    said = [f"{statement.id}: its payer says {statement.role.value}" for statement in working.decision.statements]
    ruled = [
        f"{pair.first} before {pair.second}: {pair.rule.value} ({pair.rule.source})" for pair in working.decision.pairs
    ]
    confirmed = [f"{working.order[0]}: named first by an insurer to the client"] if working.by_client else []
    return tuple(confirmed + said + ruled)

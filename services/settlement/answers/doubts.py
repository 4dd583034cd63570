"""What makes a final cost doubtful: payers that contradict each other, answers that are still to come."""

from collections.abc import Collection, Mapping

from services.settlement.answers.adjudication import LEVELS, ROLE_OF_STATUS, Adjudication, Level
from services.settlement.answers.benefits_adjudicated import Answer, unknown_reasons
from services.settlement.answers.review import Review
from services.settlement.answers.standing import Standing


def left_by(one: Standing) -> int:
    """What the standing decisions of one payer leave to the client."""
    return sum(each.patient_responsibility_cents for each in one.decisions)


def holds(
    by_level: Mapping[Level, list[Adjudication]], stands: Mapping[Level, Standing], expected: Collection[Level]
) -> list[Review]:
    """What keeps the cost from being final, looking at the payers one by one and at each other."""
    found = [Review(one.unsettled, level, one.evidence) for level, one in stands.items() if one.unsettled is not None]
    if not stands and not expected:
        found.append(Review("nothing_adjudicated"))
    if stands and Level.PRIMARY not in stands and Level.PRIMARY not in expected:
        found.append(Review("primary_missing", Level.PRIMARY))
    ids = [each_id for answers in by_level.values() for each_id in {each.id for each in answers}]
    if len(ids) != len(set(ids)):
        found.append(Review("one_answer_for_two_payers"))
    decided = {level: one for level, one in stands.items() if one.decisions}
    found += [hold for level, one in decided.items() for hold in _role_holds(level, one, decided)]
    charges = {level: sum(each.claim.charge_cents for each in one.decisions) for level, one in decided.items()}
    pieces = [level for level, one in decided.items() if not one.complete]
    found += [Review("answer_incomplete", level) for level in pieces]
    if len(set(charges.values())) > 1 and not pieces:
        found.append(
            Review("charges_differ", evidence=", ".join(f"{level} {cents}" for level, cents in charges.items()))
        )
    found += [
        Review("patient_responsibility_negative", level, str(left_by(one)))
        for level, one in decided.items()
        if left_by(one) < 0
    ]
    for level in [level for level in LEVELS if level in stands][-1:]:
        forwarded = level in decided and any(each.claim.forwarded for each in decided[level].decisions)
        if forwarded and not _still_due(level, expected):
            found.append(Review("forwarded_answer_awaited", level))
    return found


def _still_due(level: Level, expected: Collection[Level]) -> bool:
    """Whether a payer after `level` is expected to answer anyway."""
    return any(LEVELS.index(each) > LEVELS.index(level) for each in expected)


def _role_holds(level: Level, one: Standing, decided: Mapping[Level, Standing]) -> list[Review]:
    """Payers that say they took another place; one that counted the payers before it took ours, whatever it says."""
    primary = decided.get(Level.PRIMARY)
    primary_denied = primary is not None and all(each.answer is Answer.NOT_COVERED for each in primary.decisions)
    found: list[Review] = []
    for each in one.decisions:
        role = ROLE_OF_STATUS.get(each.claim.status, level)
        excused = level is not Level.PRIMARY and (each.prior_payers_cents > 0 or primary_denied)
        if role is not level and not excused:
            found.append(Review("role_differs", level, f"CLP02 {each.claim.status}"))
    return found


def notes(decided: Mapping[Level, Standing]) -> list[Review]:
    """What a person should know although it holds nothing up."""
    found: list[Review] = []
    for level, one in decided.items():
        if one.replaced:
            found.append(Review("adjudicated_again", level, one.replaced[-1].claim.payer_claim_id))
        unknown = unknown_reasons(a for each in one.decisions for a in each.claim.all_adjustments)
        if unknown:
            found.append(Review("unknown_code", level, " ".join(unknown)))
    primary = decided.get(Level.PRIMARY)
    if primary is not None and primary.reversed:
        corrected_at = max(each.order for each in primary.decisions)
        found += [
            Review("primary_changed_since", level)
            for level, one in decided.items()
            if level is not Level.PRIMARY and max(each.order for each in one.decisions) < corrected_at
        ]
    return found

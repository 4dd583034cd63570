"""What makes a final cost doubtful: payers that contradict each other, answers that are still to come."""

from collections.abc import Collection, Mapping, Sequence

from services.settlement.answers.adjudication import LEVEL_OF_STATUS, LEVELS, Adjudication, Level
from services.settlement.answers.benefits_adjudicated import Answer, unknown_reasons
from services.settlement.answers.review import Review
from services.settlement.answers.standing import Standing
from shared.x12.remittance_835.remittance import RemittedClaim
from shared.x12.remittance_835.whose import named_alike, people, stated_days


def left_by(stands: Standing) -> int:
    """What the standing decisions of one payer leave to the client."""
    return sum(decision.patient_responsibility_cents for decision in stands.decisions)


def holds(
    by_level: Mapping[Level, list[Adjudication]], stands: Mapping[Level, Standing], expected: Collection[Level]
) -> list[Review]:
    """What keeps the cost from being final, looking at the payers one by one and at each other."""
    issues = [
        Review(standing.unsettled, level, standing.evidence)
        for level, standing in stands.items()
        if standing.unsettled is not None
    ]
    if not stands and not expected:
        issues.append(Review("nothing_adjudicated"))
    if stands and Level.PRIMARY not in stands and Level.PRIMARY not in expected:
        issues.append(Review("primary_missing", Level.PRIMARY))
    ids = [each_id for answers in by_level.values() for each_id in {decision.id for decision in answers}]
    if len(ids) != len(set(ids)):
        issues.append(Review("one_answer_for_two_payers"))
    decided = {level: standing for level, standing in stands.items() if standing.decisions}
    issues += [issue for level, standing in decided.items() for issue in _role_holds(level, standing, decided)]
    charges = {
        level: sum(decision.claim.charge_cents for decision in standing.decisions)
        for level, standing in decided.items()
    }
    pieces = [level for level, standing in decided.items() if not standing.complete]
    issues += [Review("answer_incomplete", level) for level in pieces]
    if len(set(charges.values())) > 1 and not pieces:
        issues.append(
            Review("charges_differ", evidence=", ".join(f"{level} {cents}" for level, cents in charges.items()))
        )
    issues += [
        Review("patient_responsibility_negative", level, str(left_by(standing)))
        for level, standing in decided.items()
        if left_by(standing) < 0
    ]
    for level in [level for level in LEVELS if level in stands][-1:]:
        forwarded = level in decided and any(decision.claim.forwarded for decision in decided[level].decisions)
        if forwarded and not _still_due(level, expected):
            issues.append(Review("forwarded_answer_awaited", level))
    return issues or _services_differ(decided) or _payments_disagree(decided)


def _services_differ(decided: Mapping[Level, Standing]) -> list[Review]:
    """A later payer whose answer names another patient or other days than the primary's: one answers another claim."""
    if Level.PRIMARY not in decided:
        return []
    first = [decision.claim for decision in decided[Level.PRIMARY].decisions]
    issues: list[Review] = []
    for level in [level for level in LEVELS[1:] if level in decided]:
        claims = [decision.claim for decision in decided[level].decisions]
        ours, theirs = stated_days(first), stated_days(claims)
        if ours and theirs and not ours & theirs:
            days = (", ".join(sorted(map(str, stated))) for stated in (ours, theirs))
            issues.append(Review("another_service", level, " against ".join(days)))
        elif _patients_differ(first, claims):
            issues.append(Review("another_service", level, "the patients have different names"))
    return issues


def _patients_differ(first: Sequence[RemittedClaim], later: Sequence[RemittedClaim]) -> bool:
    ours, theirs = (
        [(person.name, person.first_name) for claim in claims for person in people(claim) if person.name]
        for claims in (first, later)
    )
    return bool(ours and theirs) and not any(named_alike(one, another) for one in ours for another in theirs)


def _payments_disagree(decided: Mapping[Level, Standing]) -> list[Review]:
    """Payers whose figures cannot all be right: what one says of those before it (OA-23), and all payments together.

    OA-23 holds what the payers before paid and wrote off: never less than they paid, and never the whole charge where
    they left something (X12 RFI 2062). A line that is not covered has none, and then nothing is compared.
    """
    issues: list[Review] = []
    paid_cents, left_cents = 0, 0
    for level in [level for level in LEVELS if level in decided]:
        decisions = decided[level].decisions
        charge_cents = sum(decision.claim.charge_cents for decision in decisions)
        counted_cents = sum(decision.prior_payers_cents for decision in decisions)
        compared = not any(share.answer is Answer.NOT_COVERED for decision in decisions for share in decision.shares)
        understated, whole = counted_cents < paid_cents, counted_cents == charge_cents and left_cents > 0
        if level is not Level.PRIMARY and counted_cents and compared and (understated or whole):
            evidence = f"counted {counted_cents} of the payers before, who paid {paid_cents}"
            issues.append(Review("prior_payment_disagrees", level, evidence))
        paid_cents += sum(decision.payer_paid_cents for decision in decisions)
        left_cents = left_by(decided[level])
        if paid_cents > charge_cents:
            issues.append(Review("paid_above_charge", level, f"{paid_cents} paid on {charge_cents}"))
    return issues


def _still_due(level: Level, expected: Collection[Level]) -> bool:
    """Whether a payer after `level` is expected to answer anyway."""
    return any(LEVELS.index(later) > LEVELS.index(level) for later in expected)


def _role_holds(level: Level, stands: Standing, decided: Mapping[Level, Standing]) -> list[Review]:
    """Payers that say they processed the claim at another level; one that counted the payers before it is excused."""
    primary = decided.get(Level.PRIMARY)
    primary_denied = primary is not None and all(
        decision.answer is Answer.NOT_COVERED for decision in primary.decisions
    )
    issues: list[Review] = []
    for decision in stands.decisions:
        stated = LEVEL_OF_STATUS.get(decision.claim.status, level)
        excused = level is not Level.PRIMARY and (decision.prior_payers_cents > 0 or primary_denied)
        if stated is not level and not excused:
            issues.append(Review("role_differs", level, f"CLP02 {decision.claim.status}"))
    return issues


def notes(decided: Mapping[Level, Standing]) -> list[Review]:
    """What a person should know although it holds nothing up."""
    issues: list[Review] = []
    for level, standing in decided.items():
        if standing.replaced:
            issues.append(Review("adjudicated_again", level, standing.replaced[-1].claim.payer_claim_id))
        unknown = unknown_reasons(
            adjustment for decision in standing.decisions for adjustment in decision.claim.all_adjustments
        )
        if unknown:
            issues.append(Review("unknown_code", level, " ".join(unknown)))
    primary = decided.get(Level.PRIMARY)
    if primary is not None and primary.reversed:
        corrected_at = max(decision.order for decision in primary.decisions)
        issues += [
            Review("primary_changed_since", level)
            for level, standing in decided.items()
            if level is not Level.PRIMARY and max(decision.order for decision in standing.decisions) < corrected_at
        ]
    return issues

"""What the claims service publishes of a payer's answer, as the adjudications that settle a cost."""

from services.settlement.answers.adjudication import Adjudication, Level
from shared.events.claims import AdjudicatedLine, ClaimAdjudicated, ClaimReversed
from shared.events.claims import Adjustment as EventAdjustment
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Party


def adjudication_of(event: ClaimAdjudicated | ClaimReversed) -> Adjudication:
    """The adjudication, or its reversal, that the event tells of, known by its `adjudication_id`."""
    forwarded = isinstance(event, ClaimAdjudicated) and event.forwarded
    return Adjudication(
        id=event.adjudication_id,
        level=Level(event.level),
        claim=RemittedClaim(
            id=event.control,
            status=event.claim_status,
            charge_cents=event.charge_cents,
            paid_cents=event.paid_cents,
            patient_responsibility_cents=event.patient_responsibility_cents,
            payer_claim_id=event.payer_claim_id,
            adjustments=_adjustments(event.adjustments),
            lines=tuple(_line(line) for line in event.lines),
            remarks=event.remarks,
            crossover_to=Party() if forwarded else None,
        ),
        payer=event.payer_id,
        trace=event.trace,
        adjudicated_on=event.adjudicated_on,
        arrived=event.number,
        reverses=event.reverses if isinstance(event, ClaimReversed) else None,
        also_reverses=event.also_reverses if isinstance(event, ClaimReversed) else (),
        decides_benefits=event.decides_benefits if isinstance(event, ClaimAdjudicated) else None,
        plan=event.plan_id,
        complete=event.complete if isinstance(event, ClaimAdjudicated) else True,
    )


def _adjustments(stated: tuple[EventAdjustment, ...]) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(adjustment.group, adjustment.reason, adjustment.amount_cents) for adjustment in stated)


def _line(line: AdjudicatedLine) -> RemittedLine:
    return RemittedLine(
        line.charge_cents,
        line.paid_cents,
        line.procedure,
        modifiers=line.modifiers,
        control=line.control,
        allowed_cents=line.allowed_cents,
        adjustments=_adjustments(line.adjustments),
        remarks=line.remarks,
    )

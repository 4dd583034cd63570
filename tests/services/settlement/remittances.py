"""Remitted claims for the tests, written in one line each."""

from datetime import date
from hashlib import sha256

from services.settlement.answers.adjudication import Adjudication, Level, identity
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Party


def adjustments(text: str, sign: int = 1) -> tuple[Adjustment, ...]:
    """`CO-45:7000 PR-2:3000`."""
    parsed: list[Adjustment] = []
    for word in text.split():
        code, cents = word.split(":")
        group, reason = code.split("-")
        parsed.append(Adjustment(group, reason, sign * int(cents)))
    return tuple(parsed)


def claim(
    status: str,
    paid: int,
    codes: str = "",
    *,
    charge: int = 22000,
    number: str = "SES-1",
    icn: str = "ICN-1",
    remarks: str = "",
    lines: tuple[RemittedLine, ...] = (),
    forwarded_to: str = "",
) -> RemittedClaim:
    """A claim of one line, unless `lines` are given; a reversal (status 22) states its figures negated."""
    sign = -1 if status == "22" else 1
    single = RemittedLine(
        sign * charge, sign * paid, "90837", ("95",), control="1", adjustments=adjustments(codes, sign)
    )
    used = lines or (single,)
    shares = sum(a.amount_cents for line in used for a in line.adjustments if a.group == "PR")
    return RemittedClaim(
        id=number,
        status=status,
        charge_cents=sign * charge,
        paid_cents=sign * paid,
        patient_responsibility_cents=None if status == "22" else shares,
        payer_claim_id=icn,
        lines=used,
        remarks=tuple(remarks.split()),
        crossover_to=Party(forwarded_to) if forwarded_to else None,
    )


def line(control: str, charge: int, paid: int, codes: str = "", procedure: str = "90837") -> RemittedLine:
    return RemittedLine(charge, paid, procedure, control=control, adjustments=adjustments(codes))


def of(
    level: Level, remitted: RemittedClaim, *, day: int = 1, trace: str = "", arrived: int = 0, position: int = 0
) -> Adjudication:
    """An answer of the payer at `level`, adjudicated on that day of January."""
    trace = trace or f"T{day}"
    return Adjudication(
        id=sha256(repr(identity(remitted, level.value, trace)).encode()).hexdigest()[:8],
        level=level,
        claim=remitted,
        payer=level.value,
        plan=level.value,
        trace=trace,
        adjudicated_on=date(2026, 1, day),
        arrived=arrived,
        position=position,
    )

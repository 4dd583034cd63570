"""A bare reading of X12 for the checker alone: segments split at their separators, and nothing of `shared.x12`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

Segment = list[str]


@dataclass(frozen=True)
class SentClaim:
    """One claim of an 837P of ours. `others` holds what payers before paid (AMT*D), by payer id."""

    number: int
    day: date
    payer_id: str
    member_id: str
    service_day: date
    control: str
    frequency: str
    place: str
    charge_cents: int
    others: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class Remitted:
    """One claim of a payer's 835. `owed_cents` is the sum of its PR adjustments, `adjusted_cents` of all."""

    number: int
    day: date
    payer_id: str
    trace: str
    control: str
    payer_claim_id: str
    status: str
    charge_cents: int
    paid_cents: int
    owed_cents: int
    adjusted_cents: int
    member_id: str = ""
    service_day: date | None = None
    reasons: frozenset[str] = frozenset()
    lines: int = 0
    crossed_to: str = ""
    remarks: frozenset[str] = frozenset()

    @property
    def balanced(self) -> bool:
        """Whether charge less adjustments is what is paid."""
        return self.charge_cents - self.adjusted_cents == self.paid_cents


def segments(value: bytes) -> list[Segment]:
    """The segments of one interchange."""
    text = value.decode("latin-1")
    element, terminator = text[3], text[105]
    return [piece.strip().split(element) for piece in text.split(terminator) if piece.strip()]


def cents(amount: str) -> int:
    """An amount as X12 writes it."""
    whole, _, part = amount.lstrip("-").partition(".")
    return (-1 if amount.startswith("-") else 1) * (int(whole or 0) * 100 + int((part + "00")[:2]))


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def sets(value: bytes) -> Iterator[tuple[str, date, list[Segment]]]:
    """Each transaction set: its number, the interchange's day, its segments."""
    parsed = segments(value)
    day = _day("20" + parsed[0][9])
    current: list[Segment] = []
    for segment in parsed:
        current = [] if segment[0] == "ST" else current
        current.append(segment)
        if segment[0] == "SE":
            yield current[0][1], day, current


def sent_claims(number: int, value: bytes) -> Iterator[SentClaim]:
    """The claims of an 837 as it went out."""
    for name, day, body in sets(value):
        if name != "837":
            continue
        starts = [place for place, segment in enumerate(body) if segment[0] == "CLM"]
        for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
            yield _sent(number, day, body[:start], body[start:end])


def _sent(number: int, day: date, before: list[Segment], claim: list[Segment]) -> SentClaim:
    member = [segment for segment in before if segment[0] == "NM1" and segment[1] == "IL"][-1]
    payer = [segment for segment in before if segment[0] == "NM1" and segment[1] == "PR"][-1]
    others: dict[str, int] = {}
    paid: int | None = None
    for segment in claim:
        if segment[0] == "SBR":
            paid = None
        elif segment[:2] == ["AMT", "D"]:
            paid = cents(segment[2])
        elif segment[0] == "NM1" and segment[1] == "PR" and paid is not None:
            others[segment[9]] = paid
    served = next(_day(segment[3][:8]) for segment in claim if segment[:2] == ["DTP", "472"])
    head = claim[0]
    place, _, frequency = head[5].split(":")
    return SentClaim(number, day, payer[9], member[9], served, head[1], frequency, place, cents(head[2]), others)


def remitted(number: int, payer_id: str, value: bytes) -> Iterator[Remitted]:
    """The claims of an 835 as it came."""
    for name, day, body in sets(value):
        if name != "835":
            continue
        trace = next(segment[2] for segment in body if segment[0] == "TRN")
        starts = [place for place, segment in enumerate(body) if segment[0] == "CLP"]
        ends = [*starts[1:], len(body)]
        for start, end in zip(starts, ends, strict=True):
            yield _remitted(number, day, payer_id, trace, body[start:end])


def _remitted(number: int, day: date, payer_id: str, trace: str, claim: list[Segment]) -> Remitted:
    head, groups = claim[0], [segment for segment in claim if segment[0] == "CAS"]
    adjustments = [
        (group[1], group[at], cents(group[at + 1])) for group in groups for at in range(2, len(group) - 1, 3)
    ]
    names = {segment[1]: segment for segment in claim if segment[0] == "NM1"}
    days = [_day(segment[2][:8]) for segment in claim if segment[0] == "DTM" and segment[1] in ("472", "232")]
    remarks = [segment[2] for segment in claim if segment[:2] == ["LQ", "HE"]]
    remarks += [code for segment in claim if segment[0] in ("MOA", "MIA") for code in segment[1:] if code.isalnum()]
    return Remitted(
        number,
        day,
        payer_id,
        trace,
        head[1],
        head[7],
        head[2],
        cents(head[3]),
        cents(head[4]),
        sum(amount for group, _, amount in adjustments if group == "PR"),
        sum(amount for *_, amount in adjustments),
        names["QC"][9] if "QC" in names and len(names["QC"]) > 9 else "",
        min(days, default=None),
        frozenset(reason for _, reason, _ in adjustments),
        sum(segment[0] == "SVC" for segment in claim),
        names["TT"][9] if "TT" in names and len(names["TT"]) > 9 else "",
        frozenset(remarks),
    )


@dataclass(frozen=True)
class Benefits:
    """The figures of a payer's 271 for one member; None where it tells none."""

    member_id: str
    day: date
    deductible_left_cents: int
    copay_cents: int
    share_percent: int
    told: bool


def reported(value: bytes) -> Iterator[Benefits]:
    """The answers of 271s."""
    for name, day, body in sets(value):
        if name == "271":
            member = next(
                (segment[9] for segment in body if segment[0] == "NM1" and segment[1] == "IL" and len(segment) > 9), ""
            )
            eb = [segment + [""] * 13 for segment in body if segment[0] == "EB"]
            left = [cents(segment[7]) for segment in eb if segment[1] == "C" and segment[6] == "29"]
            copay = [cents(segment[7]) for segment in eb if segment[1] == "B"]
            share = [
                cents(segment[8] + "0" if "." in segment[8] else segment[8]) for segment in eb if segment[1] == "A"
            ]
            figures = (min(left, default=0), min(copay, default=0), min(share, default=0))
            yield Benefits(member, day, *figures, any(segment[1] == "1" for segment in eb))

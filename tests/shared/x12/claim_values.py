"""Claims, as values and as hypothesis strategies, for the tests of the 837."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from shared.x12.claim_837.claim import LineAdjudication, OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Address, Party, Payer, Person, Provider, Subscriber

ENVELOPE = Envelope(
    "MARKET",
    "CLEARING",
    11,
    datetime(2026, 1, 6, 10),  # noqa: DTZ001
    submitter_name="MARKET",
    receiver_name="CLEARING HOUSE",
)
HOME = Address("5 OAK AVE", "MIAMI", "FL", "331110000")
SAM = Person("DOE", "SAM", "Q", date(1980, 1, 2), "F", HOME)
ALEX = Person("ROE", "ALEX", "", date(1979, 5, 6), "M", HOME)
BILLING = Provider("MIND GROUP", "1999999984", "", "123456789", "EI", "101YM0800X", HOME, "BILLING", "8005550100")
SECONDARY = OtherPayer("S", Payer("PAYER TWO", "P0002"), Subscriber(Person("ROE", "ALEX"), "B222"), "01", "GRP2")
DECIDED_ON = date(2026, 1, 25)

PRIMARY_CLAIM = ProfessionalClaim(
    id="SES-1001-P",
    charge_cents=22000,
    billing=BILLING,
    rendering=Provider("LEE", "1999999976", "ANN", taxonomy="101YM0800X"),
    subscriber=Subscriber(SAM, "A111"),
    payer=Payer("PAYER ONE", "P0001"),
    lines=(ServiceLine(22000, "90837", ("95",), service_from=date(2026, 1, 5), control="SES-1001-1"),),
    place="10",
    diagnoses=("F411", "F329"),
    group_number="GRP9",
    other_payers=(SECONDARY,),
)
REMITTED_LINE = RemittedLine(
    22000,
    12000,
    "90837",
    ("95",),
    control="SES-1001-1",
    allowed_cents=15000,
    adjustments=(Adjustment("PR", "2", 3000), Adjustment("CO", "45", 7000)),
    service_from=date(2026, 1, 5),
)
REMITTED = RemittedClaim(
    "SES-1001-P", "1", 22000, 12000, 3000, "CI", "2026P1ICN", "10", "1", lines=(REMITTED_LINE,), remarks=("MA01",)
)
HEADER = RemittanceHeader(12000, "TRACE1", DECIDED_ON)

TEXT = st.text("ABCDEFGHIJ KLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=12).map(str.strip).filter(bool)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def people(draw: st.DrawFn, *, known: bool = True) -> Person:
    """A person; `known` with birth date, sex and address, as the patient must be."""
    if not known:
        return Person(draw(TEXT), draw(TEXT))
    return Person(draw(TEXT), draw(TEXT), "", draw(st.dates(date(1930, 1, 1), date(2020, 1, 1))), "F", HOME)


@st.composite
def service_lines(draw: st.DrawFn) -> ServiceLine:
    """A service line."""
    since = draw(DAYS)
    return ServiceLine(
        charge_cents=draw(st.integers(1, 100_000)),
        procedure=draw(st.sampled_from(["90791", "90834", "90837"])),
        modifiers=tuple(draw(st.lists(st.sampled_from(["95", "93", "HO"]), unique=True, max_size=3))),
        units=Decimal(draw(st.integers(1, 9))),
        place=draw(st.sampled_from(["", "02"])),
        diagnosis_pointers=draw(st.sampled_from([(1,), (1, 2)])),
        service_from=since,
        service_to=draw(st.none() | DAYS.filter(lambda day: day != since)),
        control=draw(TEXT),
        carried=draw(st.sampled_from([(), (("NTE", "ADD", "KEPT"),)])),
    )


@st.composite
def decisions(draw: st.DrawFn, responsibility: str, lines: tuple[ServiceLine, ...]) -> OtherPayer:
    """An other payer that has decided about every line, or about the claim as a whole; it balances."""
    by_line = draw(st.booleans())
    adjudicated: list[LineAdjudication] = []
    left = sum(line.charge_cents for line in lines)
    for number, line in enumerate(lines, 1):
        patient_cents = draw(st.integers(0, line.charge_cents))
        written_off_cents = draw(st.integers(0, line.charge_cents - patient_cents))
        told = (Adjustment("PR", "2", patient_cents), Adjustment("CO", "45", written_off_cents))
        paid_cents = line.charge_cents - patient_cents - written_off_cents
        adjustments = tuple(adjustment for adjustment in told if adjustment.amount_cents)
        adjudicated.append(
            LineAdjudication(
                number, paid_cents, line.procedure, line.modifiers, line.units, adjustments, adjudicated_on=DECIDED_ON
            )
        )
    whole = draw(st.integers(0, left))
    return OtherPayer(
        responsibility,
        Payer(f"PAYER {responsibility}", f"ID{responsibility}"),
        Subscriber(draw(people(known=False)), draw(TEXT)),
        relation=draw(st.sampled_from(["18", "01", "19", "G8"])),
        group_number=draw(st.sampled_from(["", "GRP"])),
        claim_id=draw(TEXT),
        paid_cents=sum(line.paid_cents for line in adjudicated) if by_line else left - whole,
        adjustments=() if by_line or not whole else (Adjustment("PR", "1", whole),),
        lines=tuple(adjudicated) if by_line else (),
        remarks=draw(st.sampled_from([(), ("MA01",), ("N1", "MA13")])),
        adjudicated_on=None if by_line else DECIDED_ON,
    )


@st.composite
def claims(draw: st.DrawFn) -> ProfessionalClaim:
    """A claim to the first, second or third payer, with what those before it decided."""
    lines = tuple(draw(st.lists(service_lines(), min_size=1, max_size=3)))
    place = draw(st.integers(0, 2))
    before = tuple(draw(decisions("PST"[number], lines)) for number in range(place))
    later = tuple(replace(SECONDARY, responsibility="PST"[number]) for number in range(place + 1, 2))
    frequency = draw(st.sampled_from(["1", "7", "8"]))
    dependent = draw(st.none() | people())
    return ProfessionalClaim(
        id=draw(TEXT),
        charge_cents=sum(line.charge_cents for line in lines),
        billing=BILLING,
        subscriber=Subscriber(draw(people()), draw(TEXT)),
        payer=Payer(draw(TEXT), "DEST", address=draw(st.none() | st.just(HOME))),
        lines=lines,
        responsibility="PST"[place],
        place=draw(st.sampled_from(["10", "11"])),
        frequency=frequency,
        original_claim_id="" if frequency == "1" else draw(TEXT),
        diagnoses=draw(st.sampled_from([("F411",), ("F411", "F329")])),
        relation="18" if dependent is None else draw(st.sampled_from(["01", "19", "G8"])),
        patient=dependent,
        group_number=draw(st.sampled_from(["", "GRP9"])),
        prior_authorization=draw(st.sampled_from(["", "AUTH1"])),
        rendering=draw(st.none() | st.just(PRIMARY_CLAIM.rendering)),
        referring=draw(st.none() | st.just(Provider("FOX", "1999999968", "BO"))),
        facility=draw(st.none() | st.just(Provider("CLINIC", "1999999950", address=HOME))),
        pay_to=draw(st.none() | st.just(Address("PO BOX 1", "MIAMI", "FL", "331110001"))),
        other_payers=before + later,
        carried=draw(st.sampled_from([(), (("DTP", "431", "D8", "20251101"), ("NTE", "ADD", "KEPT"))])),
    )


def crossover_party() -> Party:
    """The payer that a claim is said to have been forwarded to."""
    return Party("MEDIGAP", "", "60054", "PI")

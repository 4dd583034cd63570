"""Writing 835s: what is written is read back, and pyx12 accepts it."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.x12.remittance_835.reader import read_remittance
from shared.x12.remittance_835.remittance import (
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    RemittedClaim,
    RemittedLine,
)
from shared.x12.remittance_835.writer import write_remittances
from shared.x12.syntax.adjustments import Adjustment, total_cents
from shared.x12.syntax.delimiters import Delimiters
from shared.x12.syntax.envelope import EnvelopeReader
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Address, Party
from tests.shared.x12.referee import complaints

ENVELOPE = Envelope("P0001", "MARKET", 21, datetime(2026, 1, 25, 9, 15))  # noqa: DTZ001
TEXT = st.text("ABCDEFGHIJ KLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=12).map(str.strip).filter(bool)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
REASONS = st.sampled_from(["1", "2", "3", "23", "45", "96", "97", "104", "253"])


@st.composite
def adjustment_lists(draw: st.DrawFn) -> tuple[Adjustment, ...]:
    """Adjustments as a CAS loop has them: grouped, each reason once a group."""
    drawn: list[Adjustment] = []
    for group in draw(st.lists(st.sampled_from(["CO", "PR", "OA", "PI"]), unique=True, max_size=3)):
        for reason in draw(st.lists(REASONS, unique=True, min_size=1, max_size=8)):
            quantity = draw(st.none() | st.integers(1, 9).map(Decimal))
            drawn.append(Adjustment(group, reason, draw(st.integers(-5000, 90000)), quantity))
    return tuple(drawn)


@st.composite
def lines(draw: st.DrawFn) -> RemittedLine:
    """A line that balances."""
    charge_cents = draw(st.integers(0, 100_000))
    adjustments = draw(adjustment_lists())
    since = draw(DAYS)
    return RemittedLine(
        charge_cents=charge_cents,
        paid_cents=charge_cents - total_cents(adjustments),
        procedure=draw(st.sampled_from(["90791", "90834", "90837"])),
        modifiers=tuple(draw(st.lists(st.sampled_from(["95", "GT", "HO"]), unique=True, max_size=3))),
        units=Decimal(draw(st.integers(1, 9))),
        control=draw(TEXT),
        allowed_cents=draw(st.none() | st.integers(0, 90000)),
        adjustments=adjustments,
        remarks=tuple(draw(st.lists(st.sampled_from(["N130", "N197", "MA01"]), max_size=3))),
        service_from=since,
        service_to=draw(st.none() | DAYS),
        billed_procedure=draw(st.sampled_from(["", "99213"])),
    )


@st.composite
def claims(draw: st.DrawFn) -> RemittedClaim:
    """A claim that balances."""
    own, served = draw(adjustment_lists()), tuple(draw(st.lists(lines(), max_size=3)))
    charge_cents = sum(line.charge_cents for line in served) or draw(st.integers(0, 100_000))
    everything = own + tuple(adjustment for line in served for adjustment in line.adjustments)
    return RemittedClaim(
        id=draw(TEXT),
        status=draw(st.sampled_from(["1", "2", "3", "4", "19"])),
        charge_cents=charge_cents,
        paid_cents=charge_cents - total_cents(everything),
        patient_responsibility_cents=total_cents(everything, "PR"),
        filing_indicator="12",
        payer_claim_id=draw(TEXT),
        place="10",
        frequency="1",
        adjustments=own,
        lines=served,
        remarks=tuple(draw(st.lists(st.sampled_from(["MA01", "MA18", "N1"]), unique=True, max_size=5))),
        patient=Party(draw(TEXT), draw(TEXT), draw(TEXT), "MI"),
        subscriber=draw(st.none() | st.just(Party("ROE", "ALEX", "B2", "MI"))),
        crossover_to=draw(st.none() | st.just(Party("MEDIGAP", "", "60054", "PI"))),
        service_from=draw(st.none() | DAYS),
        received_on=draw(st.none() | DAYS),
        amounts=draw(st.sampled_from([(), (("I", 275),), (("AU", 100), ("I", -5))])),
        references=draw(st.sampled_from([(), (("1L", "GRP9"),)])),
    )


@st.composite
def remittance_values(draw: st.DrawFn) -> Remittance:
    """A payment that balances."""
    paid = tuple(draw(st.lists(claims(), max_size=4)))
    plb = st.builds(
        ProviderAdjustment,
        st.sampled_from(["WO", "FB", "L6", "72"]),
        TEXT,
        st.integers(-9999, 9999),
        st.just("1999999984"),
        st.just(date(2026, 12, 31)),
    )
    provider = tuple(draw(st.lists(plb, max_size=8)))
    payment_cents = sum(claim.paid_cents for claim in paid) - sum(adjustment.amount_cents for adjustment in provider)
    header = RemittanceHeader(
        payment_cents,
        trace=draw(TEXT),
        paid_on=draw(DAYS),
        method="CHK" if payment_cents else "NON",
        payer_tax_id="1512345678",
        payer=Party("PAYER ONE", "", "P0001", "XV"),
        payee=Party("OAK STREET COUNSELING", "", "1999999984", "XX"),
        payer_address=Address("1 PLAZA", "HARTFORD", "CT", "06103"),
        payer_contact="8005550122",
        payee_address=Address("5 OAK", "MIAMI", "FL", "33111", line2="APT 2"),
        payee_tax_id="123456789",
        produced_on=draw(DAYS),
    )
    return Remittance(header, paid, provider)


def read(interchange: bytes) -> list[Remittance]:
    return [read_remittance(transaction) for transaction in EnvelopeReader(interchange).transactions()]


@settings(max_examples=30, deadline=None)
@given(st.lists(remittance_values(), min_size=1, max_size=2))
def test_whatever_is_written_is_read_back_and_balances(remittances: list[Remittance]):
    read_back = read(write_remittances(remittances, ENVELOPE))
    assert read_back == remittances
    assert all(remittance.postable for remittance in read_back)


@settings(max_examples=10, deadline=None)
@given(remittance_values(), st.sampled_from(["*:^~", "|>^~", "+\x1f\x1e\x1d"]))
def test_any_separators_give_the_same_remittance(remittance: Remittance, separators: str):
    marks = Delimiters(*separators)
    assert read(write_remittances([remittance], replace(ENVELOPE, delimiters=marks))) == [remittance]


def test_text_cannot_break_out_of_its_element():
    remittance = Remittance(RemittanceHeader(0, trace="A*B~C:D^E\nSE*1*0001", method="NON"))
    (read_back,) = read(write_remittances([remittance], ENVELOPE))
    assert read_back.header.trace == "A B C D E SE 1 0001"
    assert read_back.postable


def paid_claim(**changes: object) -> RemittedClaim:
    line = RemittedLine(
        22000,
        12000,
        "90837",
        ("95",),
        control="SES-1-1",
        allowed_cents=15000,
        adjustments=(Adjustment("CO", "45", 7000), Adjustment("PR", "2", 3000)),
        remarks=("N130",),
        service_from=date(2026, 1, 5),
    )
    claim = RemittedClaim(
        "SES-1-P",
        "1",
        22000,
        12000,
        3000,
        "CI",
        "ICN1",
        "10",
        "1",
        lines=(line,),
        remarks=("MA01",),
        patient=Party("DOE", "SAM", "A111", "MI"),
        rendering=Party("LEE", "ANN", "1999999984", "XX"),
        received_on=date(2026, 1, 6),
        amounts=(("AU", 15000),),
    )
    return replace(claim, **changes)  # type: ignore[arg-type]


def test_pyx12_accepts_an_835_of_every_kind_of_claim():
    reversal_line = RemittedLine(-22000, -12000, "90837", units=1, adjustments=(Adjustment("CO", "45", -10000),))
    written = (
        paid_claim(),
        paid_claim(status="19", remarks=("MA18",), crossover_to=Party("MEDIGAP", "", "60054", "PI")),
        paid_claim(
            status="22",
            charge_cents=-22000,
            paid_cents=-12000,
            patient_responsibility_cents=None,
            lines=(replace(reversal_line, service_from=date(2026, 1, 5)),),
        ),
        paid_claim(
            status="2",
            lines=(),
            paid_cents=1000,
            patient_responsibility_cents=None,
            adjustments=(Adjustment("OA", "23", 21000),),
            service_from=date(2026, 1, 5),
        ),
    )
    plb = (ProviderAdjustment("WO", "ICN5", 100, "1999999984", date(2026, 12, 31)),)
    header = RemittanceHeader(
        sum(claim.paid_cents for claim in written) - 100,
        trace="TRACE1",
        paid_on=date(2026, 1, 25),
        payer=Party("PAYER ONE", "", "P0001", "XV"),
        payee=Party("OAK STREET COUNSELING", "", "1999999984", "XX"),
    )
    nothing = RemittanceHeader(0, trace="ZERO", payer=header.payer, payee=header.payee)
    sets = [Remittance(header, written, plb), Remittance(nothing)]
    assert complaints(write_remittances(sets, ENVELOPE)) == []

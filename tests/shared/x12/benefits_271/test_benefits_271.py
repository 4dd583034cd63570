"""271s and 270s: read from the shapes that payers send, written and read back."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.x12.benefits_271.benefits import Benefit, BenefitEntity, BenefitsReport, Period, Rejection
from shared.x12.benefits_271.other_coverage import coverage_on
from shared.x12.benefits_271.reader import read_benefits_files
from shared.x12.benefits_271.writer import write_benefits
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.eligibility_270.reader import read_inquiries
from shared.x12.eligibility_270.writer import write_inquiries
from shared.x12.syntax.envelope import EnvelopeReader
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Address, Party, Payer, Person, Provider, Subscriber
from tests.shared.x12.sample_files import in_envelope, sample

ENVELOPE = Envelope("ABLE", "MARKET", 81, datetime(2026, 1, 5, 13, 19))  # noqa: DTZ001
PAYER = Payer("ABLE HEALTH", "84160")
PROVIDER = Provider("OAK STREET COUNSELING", "1999999984")
ADULT = Person("SMYTHE", "JOHN", "", date(1983, 5, 19), "M", Address("1 A ST", "KANSAS CITY", "MO", "64108"))
CHILD = Person("CHILD", "BO", "", date(2015, 1, 1), "M")


def test_an_answer_is_read_with_its_benefits_in_order():
    (report,) = read_benefits_files(sample("benefits_active"))
    assert (report.trace, report.trace_origin, report.relation) == ("TR-1", "9877281234", "18")
    assert report.subscriber == Subscriber(
        replace(ADULT, address=Address("15197 BROADWAY", "KANSAS CITY", "MO", "64108", "APT 215")), "123456"
    )
    assert report.periods == (Period("346", date(2025, 1, 1)),)
    assert [
        (benefit.code, benefit.service_types, benefit.amount_cents, benefit.share, benefit.network)
        for benefit in report.benefits
    ][3:6] == [
        ("B", ("98",), 3000, None, "Y"),
        ("B", ("98",), 6000, None, "N"),
        ("A", ("30",), None, Decimal("0.2"), "Y"),
    ]
    assert report.benefits[1] == Benefit(
        "L", entities=(BenefitEntity("P3", Party("JONES", "MARCUS", "0202034", "SV")),)
    )


def test_a_rejection_is_kept_with_its_level_wherever_it_stands():
    person, payer, dependent = read_benefits_files(sample("benefits_rejected"))
    assert person.rejections == (Rejection("75", "C", "subscriber"),)
    assert (payer.rejections, payer.payer) == ((Rejection("42", "R", "payer"),), PAYER)
    assert (dependent.trace, dependent.subscriber.member_id, dependent.relation) == ("TR-6", "F1", "19")
    assert dependent.dependent == CHILD


@pytest.mark.parametrize(
    "traces",
    [
        pytest.param(("TRN*1*THEIRS*9100000001", "TRN*2*OURS*9877281234", "TRN*2*CLEARING*9200000002"), id="after"),
        pytest.param(("TRN*2*OURS*9877281234", "TRN*1*THEIRS*9100000001"), id="before"),
        pytest.param(("TRN*1*OURS*9877281234", "TRN*1*THEIRS*9100000001"), id="only of the answerer's kind"),
    ],
)
def test_the_inquirys_own_trace_is_kept_whatever_others_stand_beside_it(traces: tuple[str, ...]):
    data = in_envelope("HL*1**20*1", "HL*2*1*22*0", *traces, "NM1*IL*1*A*B****MI*1", "EB*1**30", set_id="271")
    (report,) = read_benefits_files(data)
    assert (report.trace, report.trace_origin) == ("OURS", "9877281234")


def test_a_share_above_one_is_read_as_a_percentage_and_noted():
    data = in_envelope("HL*1**20*1", "HL*2*1*22*0", "NM1*IL*1*A*B****MI*1", "EB*A**30*****20", set_id="271")
    (report,) = read_benefits_files(data)
    assert report.benefits[0].share == Decimal("0.2")
    assert [problem.name for problem in report.problems] == ["share_not_a_fraction"]


@pytest.mark.parametrize(
    ("benefit", "problem"),
    [
        ("EB*B**98***27*-30", "amount_not_readable"),
        ("EB*A**98*****-.2", "share_not_readable"),
        ("EB*A**98*****120", "share_not_readable"),
    ],
)
def test_a_cost_share_that_cannot_be_is_noted_and_lowers_nobodys_estimate(benefit: str, problem: str):
    data = in_envelope("HL*1**20*1", "HL*2*1*22*0", "NM1*IL*1*A*B****MI*1", "EB*1**30", benefit, set_id="271")
    (report,) = read_benefits_files(data)
    assert (report.benefits[1].amount_cents, report.benefits[1].share) == (None, None)
    assert [noted.name for noted in report.problems] == [problem]


def test_a_period_that_ends_before_it_begins_makes_no_plan_inactive():
    period = "DTP*291*RD8*20261231-20260101"
    data = in_envelope("HL*1**20*1", "HL*2*1*22*0", "NM1*IL*1*A*B****MI*1", "EB*1**30", period, set_id="271")
    (report,) = read_benefits_files(data)
    assert coverage_on(report, date(2026, 3, 1)) == "active"
    assert [problem.name for problem in report.problems] == ["period_not_readable"]


def test_codes_in_lower_case_are_the_same_codes():
    segments = ["EB*r**mh*ot", "LS*2120", "NM1*prp*2*OTHER PLAN*****PI*X1", "LE*2120"]
    data = in_envelope("HL*1**20*1", "HL*2*1*22*0", "NM1*IL*1*A*B****MI*1", *segments, set_id="271")
    (benefit,) = read_benefits_files(data)[0].benefits
    assert (benefit.code, benefit.service_types, benefit.insurance_type) == ("R", ("MH",), "OT")
    assert [(entity.code, entity.party.name) for entity in benefit.entities] == [("PRP", "OTHER PLAN")]


def test_an_inquiry_is_read_for_a_subscriber_and_for_a_dependent():
    (transaction,) = [
        read_inquiries(transaction) for transaction in EnvelopeReader(sample("inquiry_270")).transactions()
    ]
    assert transaction == (
        EligibilityInquiry(
            "TR-1",
            PAYER,
            PROVIDER,
            Subscriber(Person("SMYTHE", "JOHN", "", date(1983, 5, 19)), "123456"),
            date(2026, 1, 5),
            ("30", "MH"),
            trace_origin="9877281234",
        ),
        EligibilityInquiry(
            "TR-6",
            PAYER,
            PROVIDER,
            Subscriber(Person("PARENT", "ANN"), "F1"),
            date(2026, 1, 6),
            dependent=CHILD,
            relation="19",
            trace_origin="9877281234",
        ),
    )


def test_a_dependent_whose_relation_is_not_stated_is_not_taken_for_the_subscriber():
    unsaid = sample("inquiry_270").replace(b"INS*N*19~\n", b"")
    (inquiries,) = [read_inquiries(transaction) for transaction in EnvelopeReader(unsaid).transactions()]
    assert [inquiry.relation for inquiry in inquiries] == ["18", ""]


def test_inquiries_that_are_written_are_read_back():
    own = EligibilityInquiry("T-1", PAYER, PROVIDER, Subscriber(ADULT, "123"), date(2026, 1, 5), ("30", "MH"))
    dependent = replace(own, trace="T-2", dependent=CHILD, relation="19")
    written = write_inquiries([own, dependent], ENVELOPE)
    assert [
        inquiry for transaction in EnvelopeReader(written).transactions() for inquiry in read_inquiries(transaction)
    ] == [own, dependent]


BENEFITS = st.builds(
    Benefit,
    code=st.sampled_from(["1", "6", "A", "B", "C", "R"]),
    level=st.sampled_from(["", "IND", "FAM"]),
    service_types=st.sampled_from([(), ("30",), ("1", "98", "MH")]),
    insurance_type=st.sampled_from(["", "12", "OT"]),
    plan=st.sampled_from(["", "GOLD"]),
    period=st.sampled_from(["", "23", "29"]),
    amount_cents=st.none() | st.integers(0, 10**7),
    share=st.none() | st.sampled_from([Decimal("0.2"), Decimal(0), Decimal(1)]),
    network=st.sampled_from(["", "Y", "N"]),
    periods=st.sampled_from([(), (Period("290", date(2021, 1, 1)), Period("291", date(2021, 1, 1), date(2021, 2, 1)))]),
    references=st.sampled_from([(), (("IG", "POL"),)]),
    messages=st.sampled_from([(), ("CALL US",)]),
    entities=st.sampled_from([(), (BenefitEntity("PRP", Party("ORG", "", "O1", "PI")),)]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(BENEFITS, max_size=4), st.none() | st.just(CHILD), st.sampled_from(["subscriber", "payer", "provider"]))
def test_whatever_report_is_written_is_read_back(benefits: list[Benefit], dependent: Person | None, level: str):
    at = "dependent" if dependent and level == "subscriber" else level
    report = BenefitsReport(
        "TR-1",
        PAYER,
        Subscriber(ADULT, "123"),
        tuple(benefits),
        rejections=() if benefits else (Rejection("42", "R", at),),
        dependent=dependent,
        relation="19" if dependent else "18",
        provider=PROVIDER,
        periods=(Period("346", date(2025, 1, 1)),),
        reported_on=date(2026, 1, 5),
        trace_origin="9877281234",
    )
    assert read_benefits_files(write_benefits([report], ENVELOPE)) == (report,)

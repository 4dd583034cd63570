"""Reading 837s: files in the shapes of the guides' examples, and what does not add up in them."""

from datetime import date

import pytest

from shared.x12.claim_837.claim import ClaimBatch, LineAdjudication, OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.claim_837.reader import read_claim_files
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Address, Payer, Person, Provider, Subscriber
from tests.shared.x12.sample_files import in_envelope, sample


def only(data: bytes) -> ClaimBatch:
    (batch,) = read_claim_files(data)
    return batch


def problems(data: bytes) -> list[tuple[str, int | None]]:
    """The problems of the claims in `data` with what they are off by."""
    return [(problem.name, problem.off_by_cents) for claim in only(data).claims for problem in claim.problems]


def test_a_childs_claim_to_its_parents_plan_is_read_whole():
    batch = only(sample("claim_dependent"))
    assert batch.claims == (
        ProfessionalClaim(
            id="26463774",
            charge_cents=9000,
            billing=Provider(
                "BEN KIDD SERVICE",
                "1912301953",
                tax_id="587654321",
                taxonomy="203BF0100Y",
                address=Address("234 SEAWAY ST", "MIAMI", "FL", "331110000"),
            ),
            pay_to=Address("2345 OCEAN BLVD", "MIAMI", "FL", "33111"),
            subscriber=Subscriber(Person("SMYTHE", "JANE"), "JS001"),
            payer=Payer("KEYSTONE INSURANCE", "999996666"),
            patient=Person(
                "SMYTHE", "TED", "", date(2014, 5, 1), "M", Address("236 N MAIN ST", "MIAMI", "FL", "33413")
            ),
            relation="19",
            group_number="2222-SJ",
            diagnoses=("F411", "F329"),
            release="I",
            carried=(("REF", "D9", "17312345600006351"),),
            lines=(
                ServiceLine(4000, "99213", service_from=date(2026, 1, 3)),
                ServiceLine(
                    5000,
                    "90833",
                    diagnosis_pointers=(1, 2),
                    service_from=date(2026, 1, 3),
                    carried=(("NTE", "ADD", "SESSION NOTE KEPT APART"),),
                ),
            ),
        ),
    )
    assert (batch.balanced, batch.submitter.name, batch.receiver.id) == (True, "PREMIUM BILLING", "66783JJT")


def test_a_secondary_claim_gives_the_primarys_decision_at_both_levels():
    (claim,) = only(sample("claim_secondary")).claims
    decided = date(2026, 1, 13)
    assert claim.other_payers == (
        OtherPayer(
            "P",
            Payer("KEYSTONE INSURANCE", "999996666"),
            Subscriber(
                Person("SMYTHE", "JANE", address=Address("236 N MAIN ST", "MIAMI", "FL", "33111")),
                "JS001",
            ),
            relation="01",
            filing_indicator="12",
            claim_id="ICN77",
            paid_cents=5000,
            adjustments=(Adjustment("PR", "1", 2150), Adjustment("PR", "2", 1500)),
            lines=(
                LineAdjudication(1, 4000, "99213", adjustments=(Adjustment("CO", "42", 300),), adjudicated_on=decided),
                LineAdjudication(2, 4650, "90833", adjudicated_on=decided),
            ),
        ),
    )
    assert claim.other_payers[0].patient_responsibility_cents == 3650
    assert (claim.balanced, claim.responsibility, claim.lines[1].service_to) == (True, "S", date(2026, 1, 4))
    assert claim.rendering == Provider("KIDD", "1999996666", "BEN", taxonomy="204C00000X")
    assert claim.facility is not None
    assert claim.facility.npi == "1581234567"


def test_an_institutional_claim_is_read_as_far_as_it_is_alike():
    (claim,) = only(sample("claim_institutional")).claims
    assert (claim.id, claim.charge_cents, claim.place, claim.frequency, claim.balanced) == (
        "756048Q",
        8993,
        "14",
        "1",
        True,
    )
    assert [(line.revenue_code, line.procedure, line.charge_cents, line.units) for line in claim.lines] == [
        ("0305", "85025", 1339, 1),
        ("0730", "93005", 7654, 3),
    ]
    assert claim.other_payers[0].group_name == "STATE TEACHERS"
    assert not claim.other_payers[0].adjudicated


def test_a_dental_claim_is_read_as_far_as_it_is_alike():
    (claim,) = only(sample("claim_dental")).claims
    assert [(line.qualifier, line.procedure, line.charge_cents) for line in claim.lines] == [
        ("AD", "D2150", 10000),
        ("AD", "D1110", 5000),
    ]
    assert claim.balanced


def test_several_claims_of_several_subscribers_keep_their_own_loops():
    text = sample("claim_dependent").decode()
    start, end = text.index("HL*2*"), text.index("SE*")
    again = text[start:end].replace("26463774", "SECOND").replace("JS001", "JS002").replace("HL*3*2*23", "HL*5*4*23")
    first, second = only((text[:end] + again + text[end:]).encode()).claims
    assert (first.id, first.subscriber.member_id) == ("26463774", "JS001")
    assert (second.id, second.subscriber.member_id, second.billing) == ("SECOND", "JS002", first.billing)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        pytest.param(
            ("CLM*26407789*89.5", "CLM*26407789*90"),
            [("line_charges_differ", 50), ("claim_not_balanced", -50)],
            id="charge",
        ),
        pytest.param(("AMT*D*50", "AMT*D*49"), [("claim_not_balanced", -100)], id="claim level"),
        pytest.param(
            ("CAS*CO*42*3", "CAS*CO*42*4"), [("line_not_balanced", 100), ("claim_not_balanced", 100)], id="line level"
        ),
        pytest.param(("AMT*D*50~\n", ""), [("paid_amount_missing", None)], id="no AMT*D"),
        pytest.param(("SVD*999996666*40", "SVD*OTHER*40"), [("adjudication_of_unnamed_payer", None)], id="SVD01"),
        pytest.param(("AMT*D*50", "AMT*A8*89.5"), [], id="by-passed payer"),
        pytest.param(
            ("AMT*D*50", "AMT*A8*80"), [("noncovered_amount_differs", -950)], id="by-passed payer, amount off"
        ),
        pytest.param(("AMT*D*50~", "AMT*D*50~AMT*A8*15~"), [], id="non-covered part beside a payment"),
        pytest.param(
            ("AMT*D*50~", "AMT*D*49~AMT*A8*15~"), [("claim_not_balanced", -100)], id="beside a payment that is off"
        ),
        pytest.param(
            ("SV1*HC:99213*43", "SV1*HC:99213*4x"),
            [("amount_not_readable", None), ("line_charges_differ", 4300), ("line_not_balanced", 4300)],
            id="garbage",
        ),
    ],
)
def test_what_does_not_add_up_says_by_how_much(damage: tuple[str, str], expected: list[tuple[str, int | None]]):
    assert problems(sample("claim_secondary").decode().replace(*damage).encode()) == expected


def test_two_payers_with_one_id_get_their_decisions_in_order():
    text = sample("claim_secondary").decode()
    extra = "SBR*T*18*******CI~AMT*D*89.5~OI***Y***Y~NM1*IL*1*X*Y****MI*Z~NM1*PR*2*SAME*****PI*999996666~LX*1~"
    text = text.replace("LX*1~", extra, 1).replace("DTP*573*D8*20260113~\nLX*2", "SVD*999996666*43*HC:99213**1~LX*2")
    first, second = only(text.encode()).claims[0].other_payers
    assert [line.paid_cents for line in first.lines] == [4000, 4650]
    assert [line.paid_cents for line in second.lines] == [4300]


def test_money_above_any_claim_is_a_problem_of_the_set():
    batch = only(in_envelope("HL*1**20*1", "SV1*HC:90837*10*UN*1", set_id="837", implementation="005010X222A1"))
    assert [problem.name for problem in batch.problems] == ["segment_without_claim"]
    assert not batch.balanced

"""What a 271 says about cover and about other plans."""

from datetime import date

import pytest

from shared.x12.benefits_271.benefits import Benefit, BenefitEntity, BenefitsReport, Period, Rejection
from shared.x12.benefits_271.other_coverage import (
    Coordination,
    Coverage,
    OtherCoverage,
    coordination_on,
    coverage_on,
    other_coverages,
    own_role_on,
)
from shared.x12.benefits_271.reader import read_benefits_files
from shared.x12.syntax.parties import Party, Payer, Person, Subscriber
from tests.shared.x12.sample_files import sample

ON = date(2026, 1, 5)


def says(*benefits: Benefit, payer: str = "ABLE", **changes: object) -> BenefitsReport:
    return BenefitsReport("T", Payer(payer), Subscriber(Person("X")), benefits, **changes)  # type: ignore[arg-type]


def other(code: str = "PR", **changes: object) -> Benefit:
    """An EB*R that names a party of kind `code`."""
    return Benefit("R", entities=(BenefitEntity(code, Party("OTHER", "", "O1", "PI")),), **changes)  # type: ignore[arg-type]


ENDED = Period("291", date(2020, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(says(Benefit("1", service_types=("30",))), Coverage.ACTIVE, id="active"),
        pytest.param(says(Benefit("5", service_types=("30",))), Coverage.ACTIVE, id="pending investigation"),
        pytest.param(says(Benefit("1")), Coverage.ACTIVE, id="no service type is the plan"),
        pytest.param(says(Benefit("6", service_types=("30",))), Coverage.INACTIVE, id="inactive"),
        pytest.param(says(Benefit("1", service_types=("MH",))), Coverage.ACTIVE, id="mental health only"),
        pytest.param(says(Benefit("1", service_types=("33", "98"))), Coverage.ACTIVE, id="other medical care"),
        pytest.param(says(Benefit("1", service_types=("88",))), Coverage.UNKNOWN, id="pharmacy only"),
        pytest.param(says(Benefit("1", service_types=("35", "AL"))), Coverage.UNKNOWN, id="dental, vision"),
        pytest.param(
            says(Benefit("6", service_types=("30",)), Benefit("1", service_types=("30",))),
            Coverage.ACTIVE,
            id="renewed",
        ),
        pytest.param(says(Benefit("1", periods=(ENDED,))), Coverage.INACTIVE, id="ended"),
        pytest.param(says(Benefit("1"), periods=(Period("347", date(2025, 12, 31)),)), Coverage.INACTIVE, id="over"),
        pytest.param(says(Benefit("1"), periods=(Period("346", date(2026, 2, 1)),)), Coverage.INACTIVE, id="to begin"),
        pytest.param(says(Benefit("1"), periods=(Period("347", ON),)), Coverage.ACTIVE, id="last day"),
        pytest.param(says(rejections=(Rejection("42"),)), Coverage.UNKNOWN, id="no answer"),
        pytest.param(says(Benefit("6"), rejections=(Rejection("75"),)), Coverage.UNKNOWN, id="rejected"),
        pytest.param(
            says(Benefit("1"), rejections=(Rejection("33", "", "benefit"),)), Coverage.ACTIVE, id="one benefit"
        ),
        pytest.param(says(), Coverage.UNKNOWN, id="says nothing"),
        pytest.param(says(Benefit("V")), Coverage.UNKNOWN, id="cannot process"),
    ],
)
def test_cover_has_three_values(given: BenefitsReport, expected: Coverage):
    assert coverage_on(given, ON) is expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(says(other("PRP")), Coordination.ROLE_STATED, id="primary payer"),
        pytest.param(says(other("SEP")), Coordination.ROLE_STATED, id="secondary payer"),
        pytest.param(says(other("TTP")), Coordination.ROLE_STATED, id="tertiary payer"),
        pytest.param(says(other("PR")), Coordination.ROLE_NOT_STATED, id="payer"),
        pytest.param(says(other("P4")), Coordination.ROLE_NOT_STATED, id="prior carrier"),
        pytest.param(says(other("PR", insurance_type="12")), Coordination.ROLE_STATED, id="MSP reason"),
        pytest.param(says(other("PR", service_types=("35",))), Coordination.NO_SHARED_BENEFITS, id="dental"),
        pytest.param(says(other("PRP", service_types=("88",))), Coordination.NO_SHARED_BENEFITS, id="pharmacy"),
        pytest.param(
            says(other("PR", service_types=("88", "30"))), Coordination.ROLE_NOT_STATED, id="not only pharmacy"
        ),
        pytest.param(says(other("PR", insurance_type="SP")), Coordination.NOT_SUBJECT, id="supplement"),
        pytest.param(
            says(other("PRP", insurance_type="HM"), payer="MEDICARE"), Coordination.NOT_SUBJECT, id="advantage"
        ),
        pytest.param(says(other("PRP", insurance_type="HM")), Coordination.ROLE_STATED, id="HMO of another payer"),
        pytest.param(says(other("VN")), Coordination.NONE, id="carve-out vendor"),
        pytest.param(says(Benefit("R", references=(("IG", "1"),))), Coordination.ROLE_NOT_STATED, id="nameless plan"),
        pytest.param(says(other("PRP", periods=(ENDED,))), Coordination.NONE, id="ended"),
        pytest.param(says(other("PRP", periods=(Period("290", date(2027, 1, 1)),))), Coordination.NONE, id="to begin"),
        pytest.param(says(Benefit("1")), Coordination.NONE, id="no other plan"),
        pytest.param(
            says(Benefit("X", entities=(BenefitEntity("PRP", Party("A")),))), Coordination.NONE, id="not an EB*R"
        ),
        pytest.param(says(other("PR"), other("SEP")), Coordination.ROLE_STATED, id="the gravest"),
    ],
)
def test_other_plans_fall_into_five_classes(given: BenefitsReport, expected: Coordination):
    assert coordination_on(given, ON) is expected


def test_medicares_answer_tells_the_employers_plan_from_what_is_no_other_plan():
    (medicare,) = read_benefits_files(sample("benefits_medicare"))
    employer, advantage, drugs = other_coverages(medicare, ON)
    assert employer == OtherCoverage(
        role="primary",
        name="EMPLOYER PLAN INC",
        payer_id="EPI",
        member_id="POL77",
        since=None,
        to=None,
        coordination_date=date(2021, 1, 1),
        service_types=("30",),
        insurance_type="12",
        coordination=Coordination.ROLE_STATED,
    )
    assert [(coverage.coordination, coverage.counts, coverage.pharmacy_only) for coverage in (advantage, drugs)] == [
        (Coordination.NOT_SUBJECT, False, False),
        (Coordination.NO_SHARED_BENEFITS, False, True),
    ]
    assert coverage_on(medicare, ON) is Coverage.ACTIVE


def test_medicaids_answer_names_plans_without_a_role_and_leaves_out_the_one_that_is_over():
    (medicaid,) = read_benefits_files(sample("benefits_medicaid_4010"))
    former, live, dental, medicare = other_coverages(medicaid, ON)
    assert (former.in_effect, former.to, former.counts) == (False, date(2024, 12, 31), False)
    assert (live.name, live.payer_id, live.member_id, live.group_number, live.since, live.role, live.counts) == (
        "LIVE INSURER",
        "LIVE1",
        "W-55",
        "GRP-2",
        date(2025, 1, 1),
        None,
        True,
    )
    assert live.subscriber_name == "PAT WILLOW"
    assert (dental.coordination, dental.pharmacy_only) == (Coordination.NO_SHARED_BENEFITS, False)
    assert (medicare.name, medicare.member_id, medicare.insurance_type) == ("", "1EG4TE5MK73", "MB")
    assert coordination_on(medicaid, ON) is Coordination.ROLE_NOT_STATED


def listing(*entities: tuple[str, str, str], **changes: object) -> BenefitsReport:
    """A 271 of PLAN ONE (P0001) for member A111 whose EB*R lists payers as (role, name, id)."""
    named = tuple(BenefitEntity(code, Party(name, "", number, "PI")) for code, name, number in entities)
    report = says(Benefit("R", entities=named, **changes), payer="PLAN ONE")  # type: ignore[arg-type]
    return BenefitsReport("T", Payer("PLAN ONE", "P0001"), Subscriber(Person("X"), "A111"), report.benefits)


OWN, SECOND = ("PRP", "PLAN ONE", "P0001"), ("SEP", "PLAN TWO", "P0002")


@pytest.mark.parametrize(
    ("report", "own_role", "others"),
    [
        pytest.param(listing(OWN, SECOND), "primary", ["PLAN TWO"], id="itself as primary, another as secondary"),
        pytest.param(
            listing(("SEP", "PLAN ONE", "p0001"), ("PRP", "PLAN TWO", "P0002")), "secondary", ["PLAN TWO"], id="second"
        ),
        pytest.param(listing(("PRP", "Plan One ", "")), "primary", [], id="by its name alone"),
        pytest.param(listing(OWN, ("IL", "ROE", "A111")), "primary", [], id="with its own member"),
        pytest.param(listing(OWN, ("IL", "ROE", "B222")), None, ["PLAN ONE"], id="the same payer for another member"),
        pytest.param(
            listing(OWN, SECOND, references=(("1W", "B222"),)), None, ["PLAN ONE", "PLAN TWO"], id="another number"
        ),
        pytest.param(listing(SECOND), None, ["PLAN TWO"], id="another alone"),
        pytest.param(listing(("PR", "PLAN ONE", "P0001")), None, ["PLAN ONE"], id="no role is stated"),
    ],
)
def test_a_payer_that_lists_itself_states_its_own_role(report: BenefitsReport, own_role: str | None, others: list[str]):
    named = [coverage.name for coverage in other_coverages(report, ON)]
    assert (own_role_on(report, ON), named) == (own_role, others)

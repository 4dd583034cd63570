from dataclasses import replace
from datetime import date

import pytest

from services.claims.filing.professional_claim import (
    ClaimParties,
    MissingPayerClaimNumberError,
    PlanFacts,
    ServiceFacts,
    SessionFacts,
    UnbillableSessionError,
    first_claim,
    later_claim,
    replacement,
    void,
)
from shared.x12.claim_837.claim import OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.next_payer.next_claim import Refusal
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.parties import Party, Payer, Person, Provider, Subscriber

DAY = date(2026, 1, 5)
CHILD = Person("DOE", "KIM", birth_date=date(2014, 6, 1), sex="F")
MOTHER = Person("DOE", "ANN", birth_date=date(1985, 3, 12), sex="F")
BILLING = Provider("MARKETPLACE HEALTH", npi="1999999984", tax_id="123456789")
THERAPIST = Provider("ROE", first_name="PAT", npi="1888888882", taxonomy="103T00000X")
PARTIES = ClaimParties(CHILD, BILLING, THERAPIST)
MOTHERS = PlanFacts("A", Payer("PAYER ONE", "P0001"), Subscriber(MOTHER, "A111"), "parent", group_number="GRP9")
OWN = PlanFacts(
    "B", Payer("PAYER TWO", "P0002"), Subscriber(Person("OLD", "NAME"), "B222"), "self", filing_indicator="MC"
)
SESSION = SessionFacts(
    session_id="SES-1001",
    service_on=DAY,
    place="10",
    services=(ServiceFacts("99214", 15000), ServiceFacts("90836", 7000, ("95",), 1)),
    diagnoses=("F41.1", "f32.9"),
)


def primary_claim(**changes: object) -> ProfessionalClaim:
    return first_claim(replace(SESSION, **changes), PARTIES, [MOTHERS, OWN], "SES-1001")  # type: ignore[arg-type]


def test_the_first_claim_names_the_other_payer_without_a_decision() -> None:
    assert primary_claim() == ProfessionalClaim(
        id="SES-1001-P",
        charge_cents=22000,
        billing=BILLING,
        rendering=THERAPIST,
        subscriber=Subscriber(MOTHER, "A111"),
        patient=CHILD,
        relation="19",
        payer=Payer("PAYER ONE", "P0001"),
        group_number="GRP9",
        place="10",
        diagnoses=("F411", "F329"),
        lines=(
            ServiceLine(15000, "99214", diagnosis_pointers=(1, 2), service_from=DAY, control="SES-1001-1"),
            ServiceLine(7000, "90836", ("95",), diagnosis_pointers=(1, 2), service_from=DAY, control="SES-1001-2"),
        ),
        other_payers=(
            OtherPayer(
                responsibility="S",
                payer=Payer("PAYER TWO", "P0002"),
                subscriber=Subscriber(CHILD, "B222"),
                relation="18",
                filing_indicator="MC",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("relation", "code", "patient"),
    [
        ("self", "18", None),
        ("spouse", "01", CHILD),
        ("domestic_partner", "53", CHILD),
        ("parent", "19", CHILD),
        ("step_parent", "19", CHILD),
        ("grandparent", "G8", CHILD),
        ("other", "G8", CHILD),
    ],
)
def test_the_patient_is_what_the_subscriber_is_not(relation: str, code: str, patient: Person | None) -> None:
    claim = first_claim(SESSION, PARTIES, [replace(MOTHERS, relation=relation)], "SES-1001")

    assert (claim.relation, claim.patient) == (code, patient)


def test_no_more_than_four_diagnoses_are_pointed_to() -> None:
    claim = primary_claim(diagnoses=("F41.1", "F32.9", "F43.1", "F50.0", "Z63.0"))

    assert (len(claim.diagnoses), claim.lines[0].diagnosis_pointers) == (5, (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("changes", "plans", "missing"),
    [
        pytest.param({}, [], "no plan", id="no plan"),
        pytest.param({"services": ()}, [MOTHERS], "no service", id="no service"),
        pytest.param({"diagnoses": ()}, [MOTHERS], "no diagnosis", id="no diagnosis"),
        pytest.param({}, [replace(MOTHERS, relation="cousin")], "relation cousin", id="unknown relation"),
    ],
)
def test_facts_that_make_no_claim_raise(changes: dict[str, object], plans: list[PlanFacts], missing: str) -> None:
    with pytest.raises(UnbillableSessionError, match=missing):
        first_claim(replace(SESSION, **changes), PARTIES, plans, "SES-1001")  # type: ignore[arg-type]


DECISION = RemittedClaim(
    id="SES-1001-P",
    status="1",
    charge_cents=22000,
    paid_cents=9000,
    patient_responsibility_cents=3000,
    payer_claim_id="2026P1ICN",
    lines=(
        RemittedLine(
            15000,
            9000,
            "99214",
            control="SES-1001-1",
            adjustments=(Adjustment("CO", "45", 3000), Adjustment("PR", "3", 3000)),
        ),
        RemittedLine(7000, 0, "90836", ("95",), control="SES-1001-2", adjustments=(Adjustment("CO", "45", 7000),)),
    ),
)
HEADER = RemittanceHeader(payment_cents=9000, trace="T1", paid_on=date(2026, 1, 25))


def secondary_claim() -> ProfessionalClaim:
    claim = later_claim(primary_claim(), [DECISION], HEADER, "SES-1001")
    assert isinstance(claim, ProfessionalClaim)
    return claim


def test_the_later_claim_carries_the_decision_under_its_own_number() -> None:
    claim = secondary_claim()
    (other,) = claim.other_payers

    assert (claim.id, claim.responsibility, claim.payer.id, claim.frequency) == ("SES-1001-S", "S", "P0002", "1")
    assert (claim.charge_cents, claim.lines) == (22000, primary_claim().lines)
    assert (other.responsibility, other.payer.id, other.paid_cents, other.claim_id) == ("P", "P0001", 9000, "2026P1ICN")
    assert other.patient_responsibility_cents == 3000


def test_a_later_claim_that_follows_a_replacement_is_a_new_claim() -> None:
    replaced = replacement(primary_claim(), "SES-1001-P2", "2026P1ICN")

    claim = later_claim(replaced, [DECISION], HEADER, "SES-1001", submission=2)

    assert isinstance(claim, ProfessionalClaim)
    assert (claim.id, claim.frequency, claim.original_claim_id) == ("SES-1001-S2", "1", "")


def test_a_decision_in_pieces_is_carried_whole() -> None:
    pieces = [
        replace(DECISION, charge_cents=15000, lines=DECISION.lines[:1]),
        replace(DECISION, charge_cents=7000, paid_cents=0, patient_responsibility_cents=0, lines=DECISION.lines[1:]),
    ]

    assert later_claim(primary_claim(), pieces, HEADER, "SES-1001") == secondary_claim()


def test_a_number_that_came_back_mangled_still_gives_the_later_claim() -> None:
    mangled = replace(DECISION, id="ses1001p")

    assert later_claim(primary_claim(), [mangled], HEADER, "SES-1001") == secondary_claim()


def test_a_claim_whose_forwarding_came_to_nothing_is_billed_after_all() -> None:
    forwarded = replace(DECISION, status="19", crossover_to=Party("PAYER TWO"), remarks=("MA18",))

    assert isinstance(later_claim(primary_claim(), [forwarded], HEADER, "SES-1001"), Refusal)
    assert later_claim(primary_claim(), [forwarded], HEADER, "SES-1001", despite_forwarding=True) == secondary_claim()


def test_no_later_claim_follows_where_nothing_is_left() -> None:
    paid = replace(DECISION, lines=(), adjustments=(Adjustment("CO", "45", 13000),), patient_responsibility_cents=0)

    assert isinstance(later_claim(primary_claim(), [paid], HEADER, "SES-1001"), Refusal)


def test_replacements_and_voids_name_the_payers_claim() -> None:
    replaced, voided = replacement(primary_claim(), "SES-1001-P2", "ICN"), void(primary_claim(), "SES-1001-P3", "ICN")

    assert replaced == replace(primary_claim(), id="SES-1001-P2", frequency="7", original_claim_id="ICN")
    assert voided == replace(primary_claim(), id="SES-1001-P3", frequency="8", original_claim_id="ICN")


def test_without_the_payers_number_nothing_is_replaced_or_voided() -> None:
    with pytest.raises(MissingPayerClaimNumberError, match="SES-1001-P"):
        void(primary_claim(), "SES-1001-P2", "")

from dataclasses import replace
from datetime import date

import pytest

from services.claims.claim.line_on_file import LineOnFile
from services.claims.remittances.claim_match import By, ClaimOnFile, Match, NoMatch, Unmatched, is_our_provider, match
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim, RemittedLine
from shared.x12.syntax.parties import Party

DAY = date(2026, 1, 5)
SAM = Party(name="DOE", first_name="SAM", id="A111")
PRIMARY = ClaimOnFile(
    client_id="client-1",
    session_id="SES-1001",
    level=1,
    controls=("SES-1001-P", "SES-1001-P2"),
    payer_id="P0001",
    patient_last_name="Doe",
    patient_first_name="Sam",
    member_id="A111",
    service_on=DAY,
    charge_cents=22000,
    payer_claim_id="2026P1ICN",
    lines=(LineOnFile("SES-1001-1", "90837", ("95",), 22000),),
)
SECONDARY = replace(PRIMARY, level=2, controls=("SES-1001-S",), payer_id="P0002", member_id="B222", payer_claim_id="")
OTHER = replace(
    PRIMARY,
    client_id="client-2",
    session_id="SES-2002",
    controls=("SES-2002-P",),
    patient_last_name="Roe",
    patient_first_name="Ann",
    member_id="C333",
    payer_claim_id="2026P9ICN",
)
FILE = (PRIMARY, SECONDARY, OTHER)


def remitted(**changes: object) -> RemittedClaim:
    claim = RemittedClaim(
        id="SES-1001-P",
        status="1",
        charge_cents=22000,
        paid_cents=12000,
        payer_claim_id="2026P1ICN",
        patient=SAM,
        service_from=DAY,
        lines=(RemittedLine(22000, 12000, "90837", ("95",)),),
    )
    return replace(claim, **changes)  # type: ignore[arg-type]


STRANGER = Party(name="Poe", first_name="Eve", id="Z999")


@pytest.mark.parametrize(
    ("claim", "payer_id", "expected"),
    [
        pytest.param(remitted(), "P0001", Match(PRIMARY, By.CONTROL, 100), id="as it was sent"),
        pytest.param(remitted(id="SES-1001-P2"), "P0001", Match(PRIMARY, By.CONTROL, 100), id="a later submission"),
        pytest.param(remitted(id="ses1001p"), "P0001", Match(PRIMARY, By.MANGLED_CONTROL, 95), id="case and hyphens"),
        pytest.param(remitted(id="0000SES-1001-P "), "P0001", Match(PRIMARY, By.MANGLED_CONTROL, 95), id="padding"),
        pytest.param(
            remitted(id="", payer_claim_id="2026-p1icn"),
            "P0001",
            Match(PRIMARY, By.PAYER_CLAIM_ID, 95),
            id="payer's number",
        ),
        pytest.param(
            remitted(id="XYZ", payer_claim_id="NEW"),
            "P0001",
            Match(PRIMARY, By.PATIENT_DATE_CHARGE, 95),
            id="patient, date, charge and procedure",
        ),
        pytest.param(
            remitted(status="2", payer_claim_id="X"), "P0002", Match(SECONDARY, By.CONTROL, 100), id="a crossover's 835"
        ),
        pytest.param(
            remitted(status="22", charge_cents=-22000, paid_cents=-12000, service_from=None),
            "P0001",
            Match(PRIMARY, By.CONTROL, 100),
            id="a reversal",
        ),
        pytest.param(
            remitted(patient=Party(name="doe-smith", first_name="SAM", id="a 111")),
            "P0001",
            Match(PRIMARY, By.CONTROL, 100),
            id="a married name, the same member",
        ),
        pytest.param(
            remitted(patient=Party(name="ROE", first_name="SAM")),
            "P0001",
            Match(PRIMARY, By.CONTROL, 100),
            id="half a name, the same charge and day",
        ),
        pytest.param(
            remitted(patient=Party(name="ROE", first_name="SAM"), charge_cents=500),
            "P0001",
            NoMatch(Unmatched.CONFLICT, ("SES-1001",), PRIMARY.client_id),
            id="half a name, another charge",
        ),
        pytest.param(
            remitted(patient=STRANGER),
            "P0001",
            NoMatch(Unmatched.CONFLICT, ("SES-1001",), PRIMARY.client_id),
            id="our number, charge and day on somebody else",
        ),
        pytest.param(
            remitted(patient=STRANGER, charge_cents=500),
            "P0001",
            NoMatch(Unmatched.CONFLICT, ("SES-1001",), PRIMARY.client_id),
            id="our number on somebody else's claim",
        ),
        pytest.param(
            remitted(payer_claim_id="2026P9ICN"),
            "P0001",
            NoMatch(Unmatched.CONFLICT, ("SES-1001", "SES-2002")),
            id="two numbers of two sessions",
        ),
        pytest.param(
            remitted(status="2"),
            "P7777",
            NoMatch(Unmatched.UNSURE, ("SES-1001",), PRIMARY.client_id),
            id="an unknown payer at another level",
        ),
        pytest.param(remitted(), "P7777", Match(PRIMARY, By.CONTROL, 100), id="an unknown payer at the same level"),
        pytest.param(
            remitted(id="XYZ", payer_claim_id="N", patient=STRANGER),
            "P0001",
            NoMatch(Unmatched.UNKNOWN),
            id="a claim that we never sent",
        ),
        pytest.param(
            remitted(id="000", payer_claim_id="", patient=None),
            "P0001",
            NoMatch(Unmatched.UNKNOWN),
            id="nothing to go by",
        ),
        pytest.param(
            remitted(id="XYZ", payer_claim_id="N", patient=Party(name="DOE", first_name="SAM")),
            "P0001",
            NoMatch(Unmatched.UNSURE, ("SES-1001",)),
            id="a name without the member id",
        ),
        pytest.param(
            remitted(id="XYZ", payer_claim_id="N", service_from=None),
            "P0001",
            NoMatch(Unmatched.UNKNOWN),
            id="a patient without a date",
        ),
    ],
)
def test_a_remitted_claim_finds_its_own(claim: RemittedClaim, payer_id: str, expected: Match | NoMatch) -> None:
    assert match(claim, payer_id, FILE) == expected


def test_the_answer_to_a_claim_that_lost_its_place_to_three_others_is_left_to_a_person() -> None:
    fourth = replace(PRIMARY, level=4)

    expected = NoMatch(Unmatched.FOURTH_PAYER, (PRIMARY.session_id,), PRIMARY.client_id)
    assert match(remitted(), PRIMARY.payer_id, [fourth]) == expected


def test_two_sessions_that_fit_alike_are_left_to_a_person() -> None:
    twin = replace(PRIMARY, session_id="SES-1002", controls=("SES-1002-P",), payer_claim_id="")

    matched = match(remitted(id="XYZ", payer_claim_id="N"), "P0001", (PRIMARY, twin))

    assert matched == NoMatch(Unmatched.AMBIGUOUS, ("SES-1001", "SES-1002"))


def test_an_exact_number_goes_before_a_mangled_one() -> None:
    near = replace(OTHER, controls=("SES1001-P",))

    assert match(remitted(), "P0001", (near, PRIMARY)) == Match(PRIMARY, By.CONTROL, 100)


def test_two_sessions_under_one_mangled_number_are_left_to_a_person() -> None:
    near = replace(OTHER, controls=("SES1001-P",))

    matched = match(remitted(id="SES-1001P", payer_claim_id=""), "P0001", (PRIMARY, near))

    assert matched == NoMatch(Unmatched.AMBIGUOUS, ("SES-1001", "SES-2002"))


def test_a_payer_of_both_coverages_may_answer_both_under_one_number() -> None:
    second = replace(PRIMARY, level=2, controls=("SES-1001-S",), member_id="B222", payer_claim_id="")
    said = remitted(status="2", payer_claim_id="", patient=Party("Doe", "Sam", "B222", "MI"))

    matched = match(said, "P0001", (PRIMARY, second))

    assert isinstance(matched, Match)
    assert matched.claim == second


def test_after_a_reorder_the_number_tells_the_two_claims_to_one_payer_apart() -> None:
    again = replace(PRIMARY, level=2, controls=("SES-1001-S2",), payer_claim_id="")

    assert match(remitted(id="SES-1001-S2", payer_claim_id=""), "P0001", (PRIMARY, again)) == Match(
        again, By.CONTROL, 100
    )


@pytest.mark.parametrize(
    ("payee", "tax_id", "expected"),
    [
        pytest.param(Party(id="1999999984"), "", True, id="our NPI"),
        pytest.param(Party(id="1111111111"), "123456789", True, id="our tax id"),
        pytest.param(Party(id="1111111111"), "", False, id="another provider"),
        pytest.param(Party(), "", True, id="no payee named"),
    ],
)
def test_a_remittance_of_another_provider_is_told_apart(payee: Party, tax_id: str, expected: bool) -> None:
    header = RemittanceHeader(payment_cents=0, payee=payee, payee_tax_id=tax_id)

    assert is_our_provider(header, ["1999999984"], ["12-3456789"]) is expected


def test_a_name_that_came_back_without_its_accents_is_the_patients():
    jose = replace(PRIMARY, patient_last_name="Pe\u00f1a \u0141uk", patient_first_name="Jos\u00e9")
    claim = remitted(id="XYZ", payer_claim_id="NEW", patient=Party("PENA LUK", "JOSE", "A111"))
    assert match(claim, "P0001", [jose]) == Match(jose, By.PATIENT_DATE_CHARGE, 95)

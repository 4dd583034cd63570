"""Writing 837Ps: what is written is read back and balances, and pyx12 accepts it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.x12.claim_837.claim import ClaimBatch, ProfessionalClaim
from shared.x12.claim_837.reader import read_claim_files
from shared.x12.claim_837.writer import write_claims
from shared.x12.next_payer.next_claim import next_claim
from shared.x12.syntax.delimiters import Delimiters
from shared.x12.syntax.parties import Address, Payer, Person, Subscriber
from tests.shared.x12.claim_values import (
    ALEX,
    ENVELOPE,
    HEADER,
    PRIMARY_CLAIM,
    REMITTED,
    SAM,
    SECONDARY,
    claims,
)
from tests.shared.x12.referee import complaints


def read(interchange: bytes) -> ClaimBatch:
    (batch,) = read_claim_files(interchange)
    return batch


def segments(interchange: bytes, *names: str) -> list[str]:
    """The segments of `interchange` with one of `names`."""
    lines = interchange.decode().replace("\n", "").split("~")
    return [line for line in lines if line.split("*")[0] in names]


@settings(max_examples=40, deadline=None)
@given(st.lists(claims(), min_size=1, max_size=3))
def test_whatever_claims_are_written_are_read_back_and_balance(written: list[ProfessionalClaim]):
    batch = read(write_claims(written, ENVELOPE))
    assert batch.claims == tuple(written)
    assert batch.balanced


@settings(max_examples=10, deadline=None)
@given(claims(), st.sampled_from(["|>^~", "+\x1f\x1e\x1d"]))
def test_any_separators_give_the_same_claim(claim: ProfessionalClaim, separators: str):
    envelope = replace(ENVELOPE, delimiters=Delimiters(*separators))
    assert read(write_claims([claim], envelope)).claims == (claim,)


def test_the_primary_names_the_other_payer_without_any_decision():
    written = write_claims([PRIMARY_CLAIM], ENVELOPE)
    assert segments(written, "SBR", "OI", "AMT", "CAS", "SVD", "REF") == [
        "REF*EI*123456789",
        "SBR*P*18*GRP9******CI",
        "SBR*S*01*GRP2******CI",
        "OI***Y***Y",
        "REF*6R*SES-1001-1",
    ]


def test_the_secondary_carries_the_primarys_decision_where_it_was():
    made = next_claim(PRIMARY_CLAIM, REMITTED, HEADER)
    assert isinstance(made, ProfessionalClaim)
    written = write_claims([made], ENVELOPE)
    assert segments(written, "CLM", "SBR", "AMT", "OI", "MOA", "REF", "SV1", "SVD", "CAS", "DTP", "PAT") == [
        "REF*EI*123456789",
        "SBR*S**GRP2******CI",
        "PAT*01",
        "CLM*SES-1001-S*220***10:B:1*Y*A*Y*Y",
        "SBR*P*18*GRP9******CI",
        "AMT*D*120",
        "OI***Y***Y",
        "MOA***MA01",
        "REF*F8*2026P1ICN",
        "SV1*HC:90837:95*220*UN*1***1",
        "DTP*472*D8*20260105",
        "REF*6R*SES-1001-1",
        "SVD*P0001*120*HC:90837:95**1",
        "CAS*PR*2*30",
        "CAS*CO*45*70",
        "DTP*573*D8*20260125",
    ]


def test_a_line_without_control_number_gets_one():
    bare = replace(PRIMARY_CLAIM, lines=tuple(replace(line, control="") for line in PRIMARY_CLAIM.lines * 2))
    written = write_claims([replace(bare, charge_cents=44000)], ENVELOPE)
    assert [segment for segment in segments(written, "REF") if "*6R*" in segment] == [
        "REF*6R*SES-1001-P-1",
        "REF*6R*SES-1001-P-2",
    ]


def test_names_are_brought_to_the_character_set_that_payers_take():
    person = replace(SAM, last_name="Muñoz~Ö*", first_name="Zoë:")
    written = write_claims([replace(PRIMARY_CLAIM, subscriber=Subscriber(person, "A111"))], ENVELOPE)
    assert "NM1*IL*1*Munoz O*Zoe*Q***MI*A111" in segments(written, "NM1")
    assert complaints(written) == []


def test_claims_of_one_billing_provider_share_its_level():
    second = replace(PRIMARY_CLAIM, id="SES-2-P")
    other = replace(PRIMARY_CLAIM, id="SES-3-P", billing=replace(PRIMARY_CLAIM.billing, npi="1999999950"))
    written = write_claims([PRIMARY_CLAIM, second, other], ENVELOPE)
    assert segments(written, "HL") == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*0", "HL*4**20*1", "HL*5*4*22*0"]


CHILD = replace(PRIMARY_CLAIM, subscriber=Subscriber(ALEX, "A1"), patient=SAM, relation="19")
MEDICARE_SECOND = replace(
    SECONDARY,
    relation="18",
    payer=Payer("MEDICARE", "MB01"),
    subscriber=Subscriber(Person("DOE", "SAM"), "1EG4TE5MK72"),
    group_number="",
    filing_indicator="MB",
    medicare_secondary_reason="12",
)
TERTIARY = replace(SECONDARY, responsibility="T", payer=Payer("PAYER THREE", "P0003"), relation="19")


def followed(claim: ProfessionalClaim, **changes: object) -> ProfessionalClaim:
    """The next payer's claim."""
    made = next_claim(claim, replace(REMITTED, **changes), HEADER)  # type: ignore[arg-type]
    assert isinstance(made, ProfessionalClaim), made
    return made


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(PRIMARY_CLAIM, id="primary, subscriber"),
        pytest.param(CHILD, id="primary, dependent"),
        pytest.param(replace(PRIMARY_CLAIM, other_payers=()), id="only plan"),
        pytest.param(replace(PRIMARY_CLAIM, frequency="7", original_claim_id="ICN"), id="replacement"),
        pytest.param(replace(PRIMARY_CLAIM, frequency="8", original_claim_id="ICN"), id="void"),
        pytest.param(
            replace(PRIMARY_CLAIM, prior_authorization="AUTH", pay_to=Address("PO BOX 1", "MIAMI", "FL", "331110001")),
            id="authorization and pay-to",
        ),
        pytest.param(followed(PRIMARY_CLAIM), id="secondary, dependent"),
        pytest.param(followed(CHILD), id="secondary of a child"),
        pytest.param(followed(replace(PRIMARY_CLAIM, other_payers=(MEDICARE_SECOND,))), id="Medicare secondary"),
        pytest.param(followed(PRIMARY_CLAIM, lines=(), adjustments=REMITTED.all_adjustments), id="claim level"),
        pytest.param(
            followed(
                followed(replace(PRIMARY_CLAIM, other_payers=(SECONDARY, TERTIARY))),
                status="2",
            ),
            id="tertiary",
        ),
    ],
)
def test_pyx12_accepts_every_kind_of_claim(claim: ProfessionalClaim):
    assert complaints(write_claims([claim], ENVELOPE)) == []


def test_dates_and_times_of_the_envelope_are_the_callers():
    written = write_claims([PRIMARY_CLAIM], ENVELOPE)
    assert segments(written, "BHT") == ["BHT*0019*00*000000011*20260106*1000*CH"]
    assert date(2026, 1, 6) == ENVELOPE.written_at.date()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("PE\u00d1A", "PENA"),
        ("\u0141UKASZ", "LUKASZ"),
        ("S\u00d8RENSEN", "SORENSEN"),
        ("Strau\u00df", "Strauss"),
        ("\u0110\u1ed6", "DO"),
        ("\u00de\u00d3R", "THOR"),
        ("\u00c6GIR", "AEGIR"),
        ("O\u2019NEIL", "O'NEIL"),
        ("SMITH\u2013JONES", "SMITH-JONES"),
        ("N" * 70, "N" * 60),
    ],
)
def test_a_name_is_spelled_as_cards_spell_it(name: str, written: str):
    claim = replace(PRIMARY_CLAIM, subscriber=Subscriber(replace(SAM, last_name=name), "A111"))
    assert segments(write_claims([claim], ENVELOPE), "NM1")[3] == f"NM1*IL*1*{written}*SAM*Q***MI*A111"


def test_an_address_fits_its_elements():
    home = Address("5 " + "OAK " * 30, "C" * 40, "FL", "33111-1234")
    claim = replace(PRIMARY_CLAIM, subscriber=Subscriber(replace(SAM, address=home), "A111"))
    street, place = segments(write_claims([claim], ENVELOPE), "N3", "N4")[2:4]
    assert (len(street), place) == (3 + 55, f"N4*{'C' * 30}*FL*331111234")


def test_a_claim_states_that_the_sex_is_not_known():
    claim = replace(PRIMARY_CLAIM, subscriber=Subscriber(replace(SAM, sex=""), "A111"))
    assert segments(write_claims([claim], ENVELOPE), "DMG") == ["DMG*D8*19800102*U"]


def test_no_separator_of_ours_comes_in_with_codes_and_ids_from_a_file_of_other_separators():
    claim = replace(PRIMARY_CLAIM, filing_indicator="C*~")
    envelope = replace(ENVELOPE, sender_id="MAR*KET", receiver_id="A:B", group_sender_id="G~S")
    written = write_claims([claim], envelope).decode().replace("\n", "")
    header, group = written.split("~")[:2]
    assert (header.split("*")[6], header.split("*")[8]) == (f"{'MAR KET':15}", f"{'A B':15}")
    assert group.startswith("GS*HC*G S*A B*")
    assert segments(written.encode(), "SBR")[0] == "SBR*P*18*GRP9******C  "

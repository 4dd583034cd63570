from datetime import date

import pytest

from services.claims.remittances.claim_match import ClaimOnFile
from services.claims.remittances.provider_adjustment import MoneyOutsideClaims, Movement, money_outside_claims
from shared.x12.remittance_835.remittance import ProviderAdjustment


def on_file(session: str, payer_claim_id: str = "") -> ClaimOnFile:
    return ClaimOnFile(
        client_id="client-1",
        session_id=session,
        level=1,
        controls=(f"{session}-P",),
        payer_id="P0001",
        patient_last_name="Doe",
        patient_first_name="Sam",
        member_id="A111",
        service_on=date(2026, 1, 5),
        charge_cents=22000,
        payer_claim_id=payer_claim_id,
    )


ONE, TWO = on_file("SES-1001", "2026P1ICN"), on_file("SES-1002", "123")


@pytest.mark.parametrize(
    ("reason", "reference", "movement", "claim"),
    [
        pytest.param("WO", "2026P1ICN", Movement.RECOVERY, ONE, id="a recovery by the payer's number"),
        pytest.param("fb", "20260105 SES-1002-P", Movement.CARRIED_FORWARD, TWO, id="our number among others"),
        pytest.param("L6", "", Movement.INTEREST, None, id="interest of the whole payment"),
        pytest.param("72", "0123456", Movement.RETURN, None, id="a short number is found by chance"),
        pytest.param("CS", "SES-1001-P/SES-1002-P", Movement.OTHER, None, id="two claims named"),
    ],
)
def test_money_outside_claims_is_kept_by_the_claim_it_names(
    reason: str, reference: str, movement: Movement, claim: ClaimOnFile | None
) -> None:
    assert money_outside_claims(ProviderAdjustment(reason, reference, 5000), [ONE, TWO]) == MoneyOutsideClaims(
        movement, reason, reference, 5000, claim
    )

"""A poll's events in one transaction come to what they come to one by one: what is read ahead is kept up to date."""

import pytest

from services.settlement.app import SERVICE
from shared.events.directory import ProviderListed
from shared.events.examples import example
from shared.events.sessions import SessionCancelled
from shared.events.settlement import CostFinalized, SessionEstimated
from tests.services.settlement.settlement_events import COMPLETED, PRIMARY, RATE, cleared, paid

HIGH = {"coinsurance_percent": 20.0, "deductible_remaining_cents": 20000, "confidence": "high"}
FIRST = cleared(cost_share=HIGH)
SECOND, THIRD = (cleared(session_id=name, cost_share=HIGH) for name in ("t", "u"))
OTHER_CLIENTS = cleared(client_id="d", session_id="v", cost_share=HIGH)
OTHER_PAYERS = cleared(session_id="w", cost_share=HIGH, rate_payer_id="TWO")
OFF = SessionCancelled.model_validate({**example(SessionCancelled), "client_id": "c", "session_id": "s"})
GROUP = ProviderListed.model_validate({**example(ProviderListed), "provider_id": "p", "group_id": "g"})
GROUPS_RATE = RATE.model_copy(update={"provider_id": None, "group_id": "g", "rate_cents": 14000})
NEW_RATE = RATE.model_copy(update={"rate_cents": 16000})


@pytest.mark.parametrize(
    ("events", "estimates"),
    [
        ([RATE, FIRST, SECOND, THIRD], [15000, 7000, 3000]),
        ([RATE, FIRST, OFF, SECOND], [15000, 15000]),
        ([RATE, FIRST, OTHER_CLIENTS, SECOND], [15000, 15000, 7000]),
        ([FIRST, RATE, SECOND], [15000]),
        ([RATE, FIRST, NEW_RATE, OTHER_CLIENTS], [15000, 16000]),
        ([GROUP, GROUPS_RATE, FIRST, RATE, OTHER_CLIENTS], [14000, 15000]),
        ([RATE, FIRST, paid(15000), COMPLETED, PRIMARY, SECOND], [15000, 15000]),
        ([RATE, NEW_RATE.model_copy(update={"payer_id": "TWO"}), FIRST, OTHER_PAYERS], [15000, 16000]),
    ],
    ids=[
        "each uses up the deductible before the next",
        "one that is cancelled uses up nothing",
        "another client's uses up nothing",
        "a rate that comes after its session is waited for",
        "a new rate counts from the next session on",
        "the group's rate, until the provider has one",
        "what the plan has adjudicated it knows itself",
        "another payer's deductible is another",
    ],
)
async def test_a_batch_estimates_as_one_by_one(service_under_test, events, estimates):
    together, alone = await service_under_test(SERVICE), await service_under_test(SERVICE)

    await together.receives(*events, together=True)
    await alone.receives(*events)

    assert [estimated.estimate_cents for estimated in together.all(SessionEstimated)] == estimates
    assert together.all(SessionEstimated) == alone.all(SessionEstimated)
    assert together.all(CostFinalized) == alone.all(CostFinalized)

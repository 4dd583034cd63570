"""What most stories of the claims service begin with."""

import pytest

from services.claims.app import SERVICE
from tests.services.claims.payer_desk import COMPLETED, FACTS, Claims, cleared, confirmed


@pytest.fixture
async def claims(service_under_test) -> Claims:
    """A session has taken place and its claim is with the first of two payers."""
    desk = Claims(await service_under_test(SERVICE))
    await desk.receives(*FACTS, confirmed(), cleared(), COMPLETED)
    return desk

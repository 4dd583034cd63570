"""What most stories of the claims service begin with."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # imported where it is used: the rules' tests need no service
    from tests.services.claims.payer_desk import Claims


@pytest.fixture
async def claims(service_under_test) -> "Claims":
    """A session has taken place and its claim is with the first of two payers."""
    from services.claims.app import SERVICE
    from tests.services.claims.payer_desk import COMPLETED, FACTS, Claims, cleared, confirmed

    desk = Claims(await service_under_test(SERVICE))
    await desk.receives(*FACTS, confirmed(), cleared(), COMPLETED)
    return desk

"""What the tests of settlement's acts share."""

from collections.abc import Awaitable, Callable

import pytest

from services.settlement.app import SERVICE
from shared.runtime.service import Service
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import COMPLETED, RATE, cleared, paid


@pytest.fixture
async def settlement(service_under_test: Callable[[Service], Awaitable[ServiceUnderTest]]) -> ServiceUnderTest:
    """The service, which knows the contracted rate."""
    sut = await service_under_test(SERVICE)
    await sut.given(RATE)
    return sut


@pytest.fixture
async def charged(settlement: ServiceUnderTest) -> ServiceUnderTest:
    """The service after a session for which the client paid the primary's estimate, and which took place."""
    await settlement.given(cleared(), paid(3000), COMPLETED)
    return settlement
